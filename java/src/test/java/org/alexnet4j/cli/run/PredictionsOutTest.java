package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.Npy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Predictions of whole sets in files, and errors from them. */
class PredictionsOutTest {
  private static final int CLASSES = 10;
  private static final int IMAGES = 40;

  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "one", "--steps", "6", "--inspect", "0", "--set", "training.rate=0.01");
    TinyRun.train(folder, "two", "--steps", "6", "--inspect", "0", "--seed", "7");
    Files.createDirectories(folder.resolve("photos"));
    for (int i = 0; i < 3; i++) {
      BufferedImage image = new BufferedImage(40, 36, BufferedImage.TYPE_INT_RGB);
      image.setRGB(i, i, 0xff8020);
      ImageIO.write(image, "png", folder.resolve("photos/" + i + ".png").toFile());
    }
  }

  private static Cli run(String line) {
    return Cli.run(
        line.replace("DATA", TinyRun.DATA).replace("@", folder + "/").strip().split(" +"));
  }

  private static JsonObject json(String line) {
    Cli cli = run(line + " --json");
    assertEquals(0, cli.code(), cli.err());
    return JsonParser.parseString(cli.out()).getAsJsonObject();
  }

  private static float[] floats(String name) throws IOException {
    try (Npy read = Npy.open(folder.resolve(name))) {
      return read.readFloats();
    }
  }

  @Test
  void errorsOfAFileAreThoseOfTheNetworkThatWroteIt() throws IOException {
    JsonObject direct = json("eval @one --data DATA --devices cpu:0 --out @one.npy");
    float[] p = floats("one.npy");
    assertEquals(IMAGES * CLASSES, p.length);
    int wrong = 0;
    double loss = 0;
    for (int i = 0; i < IMAGES; i++) { // the classes of the generated set come in turn
      int best = 0;
      for (int c = 1; c < CLASSES; c++) {
        best = p[i * CLASSES + c] > p[i * CLASSES + best] ? c : best;
      }
      int label =
          Integer.parseInt(
              Files.readAllLines(folder.resolve("one.npy.tsv")).get(i + 1).split("\t")[0]);
      wrong += best == label ? 0 : 1;
      loss -= Math.log(p[i * CLASSES + label]) / IMAGES;
    }
    assertEquals(wrong / (double) IMAGES, direct.get("top1Error").getAsDouble(), 1e-9);
    assertEquals(loss, direct.get("loss").getAsDouble(), 1e-6);
    JsonObject saved = json("eval --predictions @one.npy --data DATA");
    for (String key : List.of("top1Error", "top5Error", "loss", "images")) {
      assertEquals(direct.get(key), saved.get(key), key);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--shares 0.6,0.4"})
  void anEnsembleOfFilesIsTheOneOfTheNetworks(String shares) throws IOException {
    assertEquals(0, run("eval @one --data DATA --devices cpu:0 --out @a.npy").code());
    assertEquals(0, run("eval @two --data DATA --devices cpu:0 --out @b.npy").code());
    String both = " --data DATA --out @both%d.npy " + shares;
    JsonObject networks = json("eval @one --with @two --devices cpu:0" + both.replace("%d", "1"));
    JsonObject files =
        json("eval --predictions @a.npy --predictions @b.npy" + both.replace("%d", "2"));
    assertArrayEquals(floats("both1.npy"), floats("both2.npy"));
    assertEquals(networks.get("loss"), files.get("loss"));
    assertEquals(2, files.get("networks").getAsInt());
  }

  @Test
  void unlabelledImagesArePredictedIntoEveryFormat() throws IOException {
    for (String ending : List.of("npy", "csv", "txt")) {
      Cli cli = run("predict @one @photos --devices cpu:0 --out @photos." + ending);
      assertEquals(0, cli.code(), cli.err());
      assertEquals(folder + "/photos." + ending + ": 3 images, 10 classes\n", cli.out());
    }
    float[] p = floats("photos.npy");
    List<String> table = Files.readAllLines(folder.resolve("photos.csv"));
    List<String> lines = Files.readAllLines(folder.resolve("photos.txt"));
    for (int i = 0; i < 3; i++) {
      String[] fields = table.get(i + 1).split(",");
      assertEquals(folder + "/photos/" + i + ".png", fields[0]);
      assertEquals("", fields[1]);
      int first = Integer.parseInt(fields[2]);
      assertEquals(p[i * CLASSES + first], Float.parseFloat(fields[4]));
      for (int c = 0; c < CLASSES; c++) {
        assertTrue(p[i * CLASSES + c] <= p[i * CLASSES + first]);
      }
      assertEquals(first + 1, Integer.parseInt(lines.get(i).split(" ")[0]));
      assertEquals(5, lines.get(i).split(" ").length);
    }
    Cli two = run("predict @one @photos --devices cpu:0 --top 2 --out @two.csv");
    assertEquals(0, two.code(), two.err());
    assertEquals(8, Files.readAllLines(folder.resolve("two.csv")).get(0).split(",").length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval @one --data DATA --out @p.xls | 2 | --out is @p.xls; allowed: a file that ends in .npy or .csv or .txt",
        "eval @one --data DATA --out @none/p.npy | 2 | there is no such folder",
        "eval @one --data DATA --out @one/env.json.csv --out @x.csv | 2 | --out is given more than once",
        "predict @one @photos --out @photos/0.png.csv --top 0 | 2 | --top is 0; allowed: 1 or more",
        "predict @one @photos --out @p.npy --top 3 | 2 | --top is for .csv, --out is @p.npy",
        "eval --predictions @no.npy --data DATA | 2 | no.npy: no such file",
        "eval --predictions @one.npy --data synthetic:train=60,test=41 | 3 | is FLOAT32[40, 10], needed is FLOAT32[41, 10]",
        "eval @two --predictions @one.npy --data DATA | 2 | --predictions takes what networks said; allowed beside it: --data",
        "eval --predictions @one.npy --views ten --data DATA | 2 | --predictions takes what networks said",
        "eval --predictions @one.npy --data DATA --out @one.npy | 2 | which the command reads or needs",
        "eval --predictions @one.npy --data DATA --shares 1,2 | 2 | one for each of the 1 files",
        "eval --data DATA | 2 | missing: a run folder, or --weights FILE",
      })
  void mistakesAreOneLine(String line, int code, String text) {
    assertEquals(0, run("eval @one --data DATA --devices cpu:0 --out @one.npy").code());
    Cli cli = run(line);
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text.replace("@", folder + "/")), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
  }
}
