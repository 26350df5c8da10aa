package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.report.Numbers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What one person's locale writes, every other's reads: Arabic and Thai digits, the Turkish i,
 * another calendar, a comma for the point.
 */
final class LocaleTest {
  private final Locale before = Locale.getDefault();

  @TempDir Path folder;

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ar-EG-u-nu-arab", "tr-TR", "th-TH-u-ca-buddhist-nu-thai", "de-DE"})
  void filesAndNumbersAreTheSameInEveryLocale(String tag) throws IOException {
    Locale.setDefault(Locale.forLanguageTag(tag));
    assertEquals("1,234,567", Numbers.grouped(1_234_567));
    assertEquals("1.5 MiB", Numbers.mebibytes(3 << 19));

    TinyRun.trainOneTower(folder, "run", "--steps", "4", "--checkpoint-every", "2");
    String run = folder.resolve("run").toString();
    Cli resumed = Cli.run("train", "--resume", "--run", run, "--steps", "6");
    assertEquals(0, resumed.code(), resumed.err());
    isPlain(resumed.out() + resumed.err());
    assertTrue(Files.exists(folder.resolve("run/checkpoints/step-00000006.safetensors")));

    Cli prepared = prepare("packed");
    isPlain(prepared.out() + prepared.err());
    assertTrue(Files.exists(folder.resolve("packed/train/images-00000.npy")));
    Cli verified = Cli.run("data", "verify", folder.resolve("packed").toString());
    assertEquals(0, verified.code(), verified.out() + verified.err());
    isPlain(verified.out());
    Cli report = Cli.run("report", run);
    assertEquals(0, report.code(), report.err());
    for (String command : List.of("describe", "devices")) {
      Cli told = Cli.run(command);
      assertEquals(0, told.code(), told.err());
      isPlain(told.out());
    }
    isPlain(Files.readString(folder.resolve("run/metrics.jsonl")));
    isPlain(Files.readString(folder.resolve("run/config.yaml")));

    Locale.setDefault(Locale.ROOT);
    Cli elsewhere = Cli.run("data", "verify", folder.resolve("packed").toString());
    assertEquals(0, elsewhere.code(), elsewhere.out() + elsewhere.err());
    Cli evaluated = Cli.run("eval", "--run", run, "--data", TinyRun.DATA);
    assertEquals(0, evaluated.code(), evaluated.err());
  }

  private Cli prepare(String name) throws IOException {
    for (String part : List.of("train", "val")) {
      for (String label : List.of("IMAGE", "insect")) { // with an I, which Turkish lowers otherwise
        Path to = Files.createDirectories(folder.resolve("images").resolve(part).resolve(label));
        BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        image.setRGB(part.length(), label.length(), 0xffffff);
        ImageIO.write(image, "png", to.resolve("IMAGE.PNG").toFile());
      }
    }
    String images = folder.resolve("images").toString();
    Cli run = Cli.run("prepare", images, "--out", folder.resolve(name).toString(), "--side", "16");
    assertEquals(0, run.code(), run.err());
    return run;
  }

  /** No digit of another script and no decimal comma. */
  private static void isPlain(String text) {
    try (Stream<String> lines = text.lines()) {
      lines.forEach(
          line ->
              assertTrue(
                  line.chars().noneMatch(c -> c > 127 && Character.isDigit(c)), "in: " + line));
    }
  }
}
