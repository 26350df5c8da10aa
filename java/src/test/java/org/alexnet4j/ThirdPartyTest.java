package org.alexnet4j;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the list of licences, which is in the jar, to the jars that a program runs with. */
class ThirdPartyTest {
  private static final Pattern ROW = Pattern.compile("\\| `[^:`]+:([^`]+)` \\| ([^|]+) \\|.*");
  private static final Path JARS = Path.of(System.getProperty("basedir", "."), "target", "lib");

  private static String resource(String name) throws IOException {
    try (var stream = ThirdPartyTest.class.getResourceAsStream("/META-INF/" + name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void everyJarHasItsLicence() throws IOException {
    Set<String> listed =
        ROW.matcher(resource("THIRD-PARTY.md"))
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> jars = Files.list(JARS)) {
      Set<String> used =
          jars.map(jar -> jar.getFileName().toString().replaceFirst("-\\d.*", ""))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(used, listed);
    }
  }

  @Test
  void ourOwnLicenceIsThereToo() throws IOException {
    assertEquals(Files.readString(Path.of("../LICENSE")), resource("LICENSE"));
  }
}
