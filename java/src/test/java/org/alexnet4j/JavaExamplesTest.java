package org.alexnet4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.device.Devices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/java.md shows runs as it is printed, but for its folders. */
class JavaExamplesTest {
  private static final Path PAGE =
      Path.of(System.getProperty("basedir", ".")).resolve("../docs/java.md");

  @Test
  void theProgramRuns(@TempDir Path folder) throws Exception {
    String[] parts = Files.readString(PAGE).split("```java\n");
    assertEquals(2, parts.length, "docs/java.md has one program");
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    for (String name : List.of("a.jpg", "b.png")) {
      BufferedImage picture = new BufferedImage(40, 50, BufferedImage.TYPE_INT_RGB);
      assertTrue(ImageIO.write(picture, name.substring(2), folder.resolve(name).toFile()));
    }
    String program =
        parts[1]
            .split("```", 2)[0]
            .replace("\"runs/paper\"", "\"" + folder.resolve("run") + "\"")
            .replace("\"a.jpg\"", "\"" + folder.resolve("a.jpg") + "\"")
            .replace("\"b.png\"", "\"" + folder.resolve("b.png") + "\"");
    Path classes = Files.createDirectory(folder.resolve("classes"));
    Sketch.compile(program, classes);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    PrintStream out = System.out;
    System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
    try {
      Sketch.run(classes);
    } finally {
      System.setOut(out);
    }
    List<String> lines = said.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(3, lines.size(), lines.toString());
    assertTrue(lines.get(0).startsWith(folder.resolve("a.jpg") + ": "), lines.get(0));
    assertTrue(lines.get(2).endsWith(" through ten windows"), lines.get(2));
    assertEquals(0, Devices.liveHandles());
  }
}
