package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of images that are too small, not there, or in an index that is damaged. */
final class ImagesUsedTest {
  @TempDir Path folder;

  @BeforeEach
  void images() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
    for (String part : List.of("train", "val")) {
      for (String name : List.of("ant", "bee")) {
        Path place = Files.createDirectories(folder.resolve("images").resolve(part).resolve(name));
        for (int i = 0; i < 4; i++) {
          BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
          image.setRGB(i, 1, name.hashCode());
          ImageIO.write(image, "png", place.resolve(i + ".png").toFile());
        }
      }
    }
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli train(String data) {
    Cli cli =
        run(
            "train --devices cpu:0 --steps 2 --inspect 0 --config "
                + path("tiny.yaml")
                + (" --data " + path(data) + " --run " + path("run")));
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  private static Cli run(String line) {
    return Cli.run(line.split(" "));
  }

  private static void assertSays(String line, Cli cli) {
    assertEquals(0, cli.code(), cli.err());
    assertEquals(2, cli.err().split(java.util.regex.Pattern.quote(line), -1).length, cli.err());
  }

  private String[] searches(String data) {
    String image = path("images/val/ant/0.png");
    return new String[] {
      "eval " + path("run") + " --data " + path(data),
      "features " + path("run") + " --data " + path(data) + " --out " + path("f.npy"),
      "similar " + path("run") + " --split held_out --image " + image + " --data " + path(data)
    };
  }

  @Test
  void smallImagesOfFoldersAreNamedByWhoeverReadsThem() {
    String line = "8 of 8 images are smaller than 32 pixels and were enlarged: ";
    assertSays(line, train("images"));
    for (String search : searches("images")) {
      assertSays(line, run(search));
    }
  }

  @Test
  void smallImagesOfPackedSetsAreNamedByWhoeverReadsThem() {
    assertEquals(0, run("prepare --side 16 --out " + path("packed") + " " + path("images")).code());
    String line =
        "8 images are packed with 16 pixels, fewer than the 32 asked for, and are enlarged";
    assertSays(line, train("packed"));
    for (String search : searches("packed")) {
      assertSays(line, run(search));
    }
  }

  @Test
  void nothingHeldOutIsNoSuccess() throws IOException {
    train("images");
    Files.move(folder.resolve("images/val"), folder.resolve("val"));
    String prepare =
        "prepare --side 32 --held-out 0 --out " + path("packed") + " " + path("images");
    assertEquals(0, run(prepare).code());
    Files.move(folder.resolve("val"), folder.resolve("images/val"));
    for (String search : searches("packed")) {
      Cli cli = run(search);
      assertEquals(3, cli.code(), cli.err());
      String line = path("packed") + ": has no held-out images; allowed: --split train, or ";
      assertTrue(cli.err().contains(line), cli.err());
    }
    assertFalse(Files.exists(folder.resolve("run/index")));
    assertFalse(Files.exists(folder.resolve("f.npy")));
    assertEquals(0, run(searches("packed")[0] + " --split train").code());
    String again = " --config " + path("tiny.yaml") + " --run " + path("again");
    Cli page = run("train --steps 2 --data " + path("packed") + again);
    assertSays("no images are held out, so the report goes without pictures of them", page);
    Cli look = run("report " + path("run") + " --data " + path("packed"));
    assertEquals(3, look.code(), look.err());
    assertTrue(look.err().contains("has no held-out images; allowed: "), look.err());
  }

  @Test
  void aDamagedIndexIsBuiltAnew() throws IOException {
    train("images");
    String search = searches("images")[2];
    String found = run(search).out();
    Path index;
    try (Stream<Path> files = Files.list(new RunFolder(folder.resolve("run")).index())) {
      index = files.findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(index);
    for (int kind = 0; kind < 4; kind++) {
      switch (kind) {
        case 0 -> Files.write(index, new byte[3]);
        case 1 -> Files.write(index, java.util.Arrays.copyOf(whole, whole.length - 4));
        case 2 -> NpyWriter.writeFloats(index, new float[8 * 3], 3, 8);
        default -> NpyWriter.writeFloats(index, filled(8 * 8), 8, 8);
      }
      Cli cli = run(search);
      assertSays("damaged and built anew: " + index, cli);
      assertEquals(found, cli.out());
      assertArrayEquals(whole, Files.readAllBytes(index));
      assertFalse(run(search).err().contains("built anew"));
    }
  }

  private static float[] filled(int count) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, Float.NaN);
    return values;
  }
}
