package org.alexnet4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.alexnet4j.config.ConfigReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows is true: its program compiles, its presets and files exist. */
class ReadmeTest {
  private static final Path ROOT = Path.of(System.getProperty("basedir", ".")).resolve("..");

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }

  /** Every program in README, each as the body of a method. */
  @Test
  void programsCompile(@TempDir Path classes) throws Exception {
    String[] parts = readme().split("```java\n");
    assertEquals(3, parts.length, "README has two programs");
    for (int i = 1; i < parts.length; i++) {
      Sketch.compile(parts[i].split("```", 2)[0], classes);
    }
  }

  @Test
  void presetsAreAllListed() throws IOException {
    List<String> rows =
        readme()
            .lines()
            .dropWhile(line -> !line.startsWith("| `--preset`"))
            .skip(2)
            .takeWhile(line -> line.startsWith("|"))
            .map(line -> line.split("\\|")[1])
            .flatMap(cell -> Pattern.compile("`([^`]+)`").matcher(cell).results())
            .map(name -> name.group(1))
            .toList();
    assertEquals(ConfigReader.PRESETS, rows);
  }

  @Test
  void filesThatItLinksExist() throws IOException {
    List<String> missing =
        Pattern.compile("\\]\\(([^)#:]+)[^)]*\\)")
            .matcher(readme())
            .results()
            .map(match -> match.group(1))
            .filter(link -> !Files.exists(ROOT.resolve(link)))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void coordinatesAreThoseOfTheBuild() throws IOException {
    String pom = Files.readString(ROOT.resolve("java/platform/pom.xml"));
    String xml = readme().split("```xml\n", 2)[1].split("```", 2)[0];
    for (String name : List.of("groupId", "artifactId", "version")) {
      String value = xml.split("<" + name + ">", 2)[1].split("<", 2)[0];
      String stated = "<" + name + ">" + value + "</" + name + ">";
      assertTrue(pom.contains(stated), stated);
    }
  }
}
