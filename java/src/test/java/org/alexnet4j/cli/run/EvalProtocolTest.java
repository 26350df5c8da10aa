package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.data.image.WholeResize;
import org.alexnet4j.io.Npy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Test images as publications took them, and the picture of what went wrong. */
class EvalProtocolTest {
  private static final int SIDE = 256;

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    Random random = new Random(3);
    for (String part : new String[] {"train", "val"}) {
      for (String name : new String[] {"cat", "dog"}) {
        Files.createDirectories(folder.resolve("images/" + part + "/" + name));
        for (String kind : new String[] {"warp", "short"}) {
          Files.createDirectories(folder.resolve(kind + "/" + part + "/" + name));
        }
        for (int i = 0; i < 3; i++) {
          image(random, part + "/" + name + "/" + i + ".png", 290 + 11 * i, 350 - 43 * i);
        }
      }
    }
    Files.writeString(
        folder.resolve("large.yaml"),
        TinyRun.CONFIG
            .replace("input: 28", "input: 224")
            .replace("source: 32", "source: 256")
            .replace("stride: 2, sigma: 0.01", "stride: 16, sigma: 0.01"));
    Cli cli = run("train --data @images --config @large.yaml --run @large --steps 3 --inspect 0");
    assertEquals(0, cli.code(), cli.err());
    TinyRun.train(folder, "tiny", "--steps", "2", "--inspect", "0");
    Cli packed = run("prepare @images --out @packed --side 64");
    assertEquals(0, packed.code(), packed.err());
    Cli right = run("prepare @images --out @right");
    assertEquals(0, right.code(), right.err());
  }

  /** Writes an image, and what the filters are to make of it. */
  private static void image(Random random, String name, int width, int height) throws IOException {
    byte[] rgb = new byte[3 * width * height];
    int[] colour = random.ints(12, 0, 256).toArray();
    for (int i = 0; i < width * height; i++) { // four fields, so that their proportions matter
      int field = (i % width < width / 3 ? 0 : 1) + (i / width < height / 4 ? 0 : 2);
      for (int c = 0; c < 3; c++) {
        rgb[3 * i + c] = (byte) colour[3 * field + c];
      }
    }
    write("images/" + name, rgb, width, height);
    byte[] square = new byte[3 * SIDE * SIDE];
    WholeResize.warp(rgb, width, height, SIDE, ByteBuffer.wrap(square));
    write("warp/" + name, square, SIDE, SIDE);
    WholeResize.shorterSide(rgb, width, height, SIDE, ByteBuffer.wrap(square));
    write("short/" + name, square, SIDE, SIDE);
  }

  private static void write(String name, byte[] rgb, int width, int height) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(
          i % width,
          i / width,
          (rgb[3 * i] & 255) << 16 | (rgb[3 * i + 1] & 255) << 8 | rgb[3 * i + 2] & 255);
    }
    ImageIO.write(image, "png", folder.resolve(name).toFile());
  }

  private static Cli run(String line) {
    return Cli.run(line.replace("@", folder + "/").strip().split(" +"));
  }

  private static float[] floats(String name) throws IOException {
    try (Npy read = Npy.open(folder.resolve(name))) {
      return read.readFloats();
    }
  }

  /** What a protocol does is what one gets with squares made before, and the window stated. */
  @ParameterizedTest
  @CsvSource({
    "caffe, warp, --set network.input=227, 227",
    "torchvision, short, '', 224",
    "paper, images, --views ten, 224",
  })
  void aProtocolIsItsSquaresItsWindowAndItsViews(
      String protocol, String squares, String options, int window) throws IOException {
    String eval = "eval @large --devices cpu:0 --data @";
    Cli cli = run(eval + "images --json --out @a.npy --protocol " + protocol);
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("alexnet: protocol " + protocol + ": "), cli.err());
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertEquals(protocol, json.getAsJsonObject("protocol").get("name").getAsString());
    assertEquals(window, json.getAsJsonObject("protocol").get("window").getAsInt());
    Cli by = run(eval + squares + " --out @b.npy " + options);
    assertEquals(0, by.code(), by.err());
    assertArrayEquals(floats("b.npy"), floats("a.npy"));
  }

  @Test
  void protocolsDiffer() throws IOException {
    for (String protocol : new String[] {"caffe", "torchvision"}) {
      Cli cli =
          run("eval @large --data @images --out @" + protocol + ".npy --protocol " + protocol);
      assertEquals(0, cli.code(), cli.err());
    }
    assertFalse(java.util.Arrays.equals(floats("caffe.npy"), floats("torchvision.npy")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval @large --data @right --protocol caffe | 3 | was prepared with pixels of this kind: centre square",
        "eval @large --data @right --protocol torchvision | 3 | the folder or archive of the images themselves",
        "eval @large --data @packed --protocol paper | 3 | was prepared at a side of 64 pixels; allowed: 256",
        "eval @large --data synthetic:test=40 --protocol caffe --set network.layers.fc4.units=2 | 3 | draws squares",
        "eval @tiny --data synthetic:train=60,test=40 --protocol paper | 2 | --protocol paper is for windows of 224 or 227 in images of 256 pixels, tiny has 28 in 32",
        "eval @large --data @images --protocol caffe --views ten | 2 | --views is ten, and --protocol looks through centre; allowed: centre",
        "eval @large --data @images --protocol cafe | 2 | --protocol is 'cafe'; did you mean 'caffe'?",
        "eval @large --data @images --only-errors @s.gif | 2 | --only-errors is @s.gif; allowed: a file that ends in .png",
      })
  void whatDoesNotFitIsRefused(String line, int code, String text) {
    Cli cli = run(line);
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text.replace("@", folder + "/")), cli.err());
  }

  @Test
  void preparedSquaresArePapers() throws IOException {
    Cli cli = run("eval @large --data @right --protocol paper --only-errors @wrong.png --json");
    assertEquals(0, cli.code(), cli.err());
    double wrong =
        6 * JsonParser.parseString(cli.out()).getAsJsonObject().get("top1Error").getAsDouble();
    assertTrue(wrong > 0.5, "the test needs a mistake");
    long count = Math.round(wrong);
    String said = "wrong.png: " + count + " of the " + count + " images";
    assertTrue(cli.err().contains(said), cli.err());
    BufferedImage sheet = ImageIO.read(folder.resolve("wrong.png").toFile());
    assertEquals(2 + Math.round(wrong) * (224 + 2), sheet.getWidth());
  }
}
