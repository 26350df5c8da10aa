package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.report.TextTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names from others reach the terminal escaped and cut, whichever way they take. */
final class HostileNamesTest {
  /** Steers a terminal, turns the direction, rings, and ends a line. */
  private static final String HOSTILE = "a\u001b[2J\u009b31m\u202e\u0007\r\u2028z";

  private static final String LONG = "x".repeat(2_600_000);

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(out, true, StandardCharsets.UTF_8),
          new PrintStream(err, true, StandardCharsets.UTF_8),
          Terminal.of(false, 80));

  /** Returns what was printed, after a look at each character. */
  private static String clean(ByteArrayOutputStream printed) {
    String text = printed.toString(StandardCharsets.UTF_8);
    text.codePoints()
        .forEach(
            point -> {
              int type = Character.getType(point);
              assertTrue(
                  point == '\n'
                      || type != Character.CONTROL
                          && type != Character.FORMAT
                          && type != Character.LINE_SEPARATOR,
                  () -> "U+" + Integer.toHexString(point) + " in: " + text);
            });
    return text;
  }

  @Test
  void allWaysOutEscape() {
    console.message("saved " + HOSTILE);
    console.result("predicted " + HOSTILE);
    console.result(new TextTable("class", "share").row(HOSTILE, "1 %").row(LONG, "2 %").toString());
    console.logInto(folder);
    console.failure(new NoSuchFileException(HOSTILE));
    assertTrue(clean(err).contains("saved a\\u001b[2J\\u009b31m\\u202e\\u0007\\r\\u2028z\n"));
    assertTrue(clean(out).contains("predicted a\\u001b[2J"));
    assertTrue(clean(out).length() < 2000, "a cell of a table is cut");
  }

  @Test
  void jsonIsEscapedButWhole() {
    console.json(Map.of("name", HOSTILE));
    assertEquals(
        HOSTILE, JsonParser.parseString(clean(out)).getAsJsonObject().get("name").getAsString());
    out.reset();
    console.json(Map.of("name", LONG));
    assertEquals(
        LONG, JsonParser.parseString(clean(out)).getAsJsonObject().get("name").getAsString());
  }

  @Test
  void failuresAreOneLineOfALength() {
    for (Exception failure :
        new Exception[] {
          new DataException(HOSTILE + LONG, HOSTILE + LONG, HOSTILE),
          new FormatException(folder.resolve("f"), HOSTILE + LONG, HOSTILE + LONG),
          new ConfigException(HOSTILE + LONG),
          new IllegalArgumentException(HOSTILE + LONG),
          new NoSuchFileException(HOSTILE + LONG),
          new IOException(HOSTILE + LONG)
        }) {
      err.reset();
      console.failure(failure);
      String text = clean(err);
      assertEquals(1, text.lines().count(), text);
      assertTrue(text.length() < 4000, () -> failure.getClass() + ": " + text.length());
      assertTrue(text.contains("a\\u001b[2J\\u009b31m"), text);
      assertTrue(text.contains(" characters)"), text);
    }
  }

  @Test
  void foldersAndImagesMayBeCalledAnything() throws IOException {
    for (String label : new String[] {"ant", "b\u001b[31mee"}) {
      Path images = Files.createDirectories(folder.resolve("set").resolve(label));
      for (int i = 0; i < 4; i++) {
        BufferedImage image = new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB);
        image.setRGB(i, label.length() % 8, 0xffffff);
        ImageIO.write(image, "png", images.resolve("\u009b" + i + ".png").toFile());
      }
      Files.writeString(images.resolve("\u001b]0;title.png"), "no image");
    }
    String set = folder.resolve("set").toString();
    String packed = folder.resolve("packed").toString();
    for (String[] line :
        new String[][] {
          {"prepare", set, "--out", packed, "--side", "8"},
          {"prepare", set, "--out", packed, "--side", "8", "--damaged", "skip"},
          {"prepare", set, "--out", packed + "2", "--side", "8", "--damaged", "skip", "--json"},
          {"data", "verify", packed},
          {"data", "describe", packed},
          {"data", "describe", packed, "--json"}
        }) {
      Cli cli = Cli.run(line);
      String text = cli.out() + cli.err();
      assertFalse(text.contains("\u001b") || text.contains("\u009b"), text);
      assertFalse(text.isEmpty());
    }
  }
}
