package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.EventDecoder;
import org.alexnet4j.io.EventFile;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.TensorBoardReader;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that look into a trained network, on a run of a second. */
final class InspectCommandsTest {
  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run");
  }

  @AfterEach
  void nothingStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private String run() {
    return folder.resolve("run").toString();
  }

  private JsonObject findings() throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("run/findings.json")))
        .getAsJsonObject();
  }

  @Test
  void aRunEndsWithItsPage() throws IOException {
    String page = Files.readString(folder.resolve("run/report.html"));
    assertTrue(page.contains("\"top1Error\":") && page.contains("\"dead\":"));
    JsonObject findings = findings();
    assertEquals(40, findings.get("heldOutImages").getAsInt());
    assertEquals(60, findings.get("trainImages").getAsInt());
    assertEquals(60, findings.get("step").getAsInt());
    int counted = 0;
    for (JsonElement row : findings.getAsJsonObject("confusion").getAsJsonArray("counts")) {
      for (JsonElement count : row.getAsJsonArray()) {
        counted += count.getAsInt();
      }
    }
    assertEquals(40, counted);
  }

  /** The same images as eval sees, so the same errors. */
  @Test
  void findingsAgreeWithEval() throws IOException {
    Cli eval = Cli.run("eval", "--run", run(), "--data", TinyRun.DATA, "--json");
    double expected =
        JsonParser.parseString(eval.out()).getAsJsonObject().get("top1Error").getAsDouble();
    assertEquals(expected, findings().get("top1Error").getAsDouble(), 1e-9);
  }

  private JsonObject eval(String... more) {
    List<String> line = new ArrayList<>(List.of("eval", "--data", TinyRun.DATA, "--json"));
    line.addAll(List.of(more));
    Cli cli = Cli.run(line.toArray(new String[0]));
    assertEquals(0, cli.code(), cli.err());
    return JsonParser.parseString(cli.out()).getAsJsonObject();
  }

  /** The average of one network with itself, or with a share of 0 of another, is that network. */
  @Test
  void evalAveragesTheProbabilitiesOfNetworks() throws IOException {
    TinyRun.train(folder, "other", "--seed", "5", "--steps", "40");
    String other = folder.resolve("other").toString();
    JsonObject first = eval("--run", run());
    JsonObject second = eval("--run", other);
    assertEquals(1, first.get("networks").getAsInt());
    JsonObject twice = eval("--run", run(), "--with", run());
    assertEquals(2, twice.get("networks").getAsInt());
    double a = first.get("loss").getAsDouble();
    double b = second.get("loss").getAsDouble();
    assertEquals(a, twice.get("loss").getAsDouble());
    String[] both = {"--run", run(), "--with", other, "--views", "centre", "--shares"};
    assertEquals(a, eval(with(both, "1,0")).get("loss").getAsDouble());
    assertEquals(b, eval(with(both, "0,7")).get("loss").getAsDouble());
    double equal = eval("--run", run(), "--with", other).get("loss").getAsDouble();
    assertEquals(equal, eval(with(both, "2,2")).get("loss").getAsDouble());
    assertTrue(a != b && equal < (a + b) / 2, "-log is convex: " + a + " " + b + " " + equal);
    JsonObject three = eval("--run", run(), "--with", other, "--with", other, "--views", "ten");
    assertEquals(3, three.get("networks").getAsInt());
  }

  private static String[] with(String[] line, String last) {
    String[] longer = Arrays.copyOf(line, line.length + 1);
    longer[line.length] = last;
    return longer;
  }

  @Test
  void whatCannotBeAveragedIsSaid() throws IOException {
    Path config = folder.resolve("large.yaml");
    Files.writeString(config, TinyRun.CONFIG.replace("source: 32", "source: 36"));
    String large = folder.resolve("large").toString();
    String[] train = {
      "train", "--data", TinyRun.DATA, "--config", config.toString(), "--steps", "1"
    };
    assertEquals(0, Cli.run(with(with(train, "--run"), large)).code());
    assertMessage("reads stored images of 36 pixels, ", 2, "--with", large);
    assertMessage(
        "shares are [1.0]; allowed: one for each of the 2", 2, "--with", run(), "--shares", "1");
    assertMessage("a share is -1.0; allowed: 0 or more", 2, "--with", run(), "--shares", "2,-1");
    assertMessage("allowed: one above 0", 2, "--with", run(), "--shares", "0,0");
    assertMessage("none: no such weights file", 5, "--with", folder.resolve("none").toString());
  }

  private void assertMessage(String want, int code, String... more) {
    List<String> line = new ArrayList<>(List.of("eval", "--run", run(), "--data", TinyRun.DATA));
    line.addAll(List.of(more));
    Cli cli = Cli.run(line.toArray(new String[0]));
    assertTrue(cli.err().contains(want), cli.err());
    assertEquals(code, cli.code());
  }

  @Test
  void layersAreMeasured() throws IOException {
    for (JsonElement element : findings().getAsJsonArray("layers")) {
      JsonObject layer = element.getAsJsonObject();
      for (JsonElement tower : layer.getAsJsonArray("towers")) {
        JsonObject summary = tower.getAsJsonObject();
        double zeros = summary.get("zeros").getAsDouble();
        String name = layer.get("name").getAsString();
        if (layer.get("kind").getAsString().equals("relu")) {
          assertTrue(zeros > 0 && zeros <= 1, name);
          assertTrue(summary.get("mean").getAsDouble() >= 0, name);
        } else if (name.startsWith("conv")) {
          assertTrue(zeros < 0.5, name);
          assertTrue(summary.get("gradient").getAsDouble() > 0, name);
        }
      }
    }
  }

  @Test
  void reportNeedsRunFoldersAndKnowsWhereToWrite() throws IOException {
    Files.delete(folder.resolve("run/report.html"));
    Cli one = Cli.run("report", run());
    assertEquals(0, one.code(), one.err());
    assertTrue(Files.size(folder.resolve("run/report.html")) > 10_000);
    assertEquals(2, Cli.run("report", run(), run()).code());
    Path both = folder.resolve("both.html");
    assertEquals(0, Cli.run("report", run(), run(), "--out", both.toString()).code());
    assertTrue(Files.exists(both));
    Cli none = Cli.run("report", folder.toString());
    assertEquals(5, none.code());
    assertTrue(none.err().contains("no run folder"), none.err());
    Cli other = Cli.run("report", run(), "--data", "synthetic:train=8,test=8", "--images", "8");
    assertEquals(0, other.code(), other.err());
    assertEquals(8, findings().get("heldOutImages").getAsInt());
  }

  @Test
  void featuresAreOneRowPerImage() throws IOException {
    Path file = folder.resolve("f.npy");
    String[] command = {"features", run(), "--data", TinyRun.DATA, "--out", file.toString()};
    assertEquals(0, Cli.run(command).code());
    try (Npy npy = Npy.open(file)) {
      assertEquals(List.of(40L, 16L), npy.shape());
    }
    List<String> rows = Files.readAllLines(folder.resolve("f.npy.tsv"));
    assertEquals(41, rows.size());
    assertEquals("label\tclass\timage", rows.get(0));
    List<String> more = new ArrayList<>(List.of(command));
    more.addAll(List.of("--layer", "conv1", "--batch", "7"));
    assertEquals(0, Cli.run(more.toArray(String[]::new)).code());
    try (Npy npy = Npy.open(file)) {
      assertEquals(List.of(40L, 13L, 13L, 16L), npy.shape());
    }
    more.set(more.indexOf("conv1"), "conv9");
    Cli unknown = Cli.run(more.toArray(String[]::new));
    assertEquals(2, unknown.code());
    assertTrue(
        unknown.err().contains("no layer 'conv9'; did you mean 'conv1'? allowed: input, conv1"),
        unknown.err());
  }

  /** An image of the set is its own nearest; the second search does not build the index again. */
  @Test
  void similarFindsTheImageItselfAndKeepsItsIndex() throws IOException {
    Path image = folder.resolve("seventh.png");
    DataOptions options = DataOptions.train().withSource(32);
    String expected;
    try (Dataset train = Datasets.open(TinyRun.DATA, options)) {
      ByteBuffer pixels = ByteBuffer.allocate(train.imageBytes());
      train.read(7, pixels);
      expected = train.name(7);
      BufferedImage picture = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < 32 * 32; i++) {
        int rgb =
            (pixels.get(3 * i) & 255) << 16
                | (pixels.get(3 * i + 1) & 255) << 8
                | pixels.get(3 * i + 2) & 255;
        picture.setRGB(i % 32, i / 32, rgb);
      }
      ImageIO.write(picture, "png", image.toFile());
    }
    String[] command = {
      "similar", run(), "--data", TinyRun.DATA, "--image", image.toString(), "--top", "3", "--json"
    };
    Cli first = Cli.run(command);
    assertEquals(0, first.code(), first.err());
    assertTrue(first.err().contains("building the index of 60 images"), first.err());
    JsonArray found = JsonParser.parseString(first.out()).getAsJsonArray();
    assertEquals(3, found.size());
    assertEquals(expected, found.get(0).getAsJsonObject().get("similar").getAsString());
    assertEquals(0, found.get(0).getAsJsonObject().get("distance").getAsDouble(), 1e-4);
    assertTrue(found.get(1).getAsJsonObject().get("distance").getAsDouble() > 1e-4);

    Path index = onlyIndex();
    FileTime built = Files.getLastModifiedTime(index);
    Cli second = Cli.run(command);
    assertEquals(first.out(), second.out());
    assertFalse(second.err().contains("building"), second.err());
    assertEquals(built, Files.getLastModifiedTime(onlyIndex()));
    Files.write(index, new byte[] {1, 2, 3});
    assertEquals(first.out(), Cli.run(command).out());
  }

  private Path onlyIndex() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("run/index"))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size());
      return all.get(0);
    }
  }

  /** TensorBoard shows what metrics.jsonl has, also after a stop and a resumption. */
  @Test
  void eventsSayWhatMetricsSay() throws IOException {
    stopAndResume("parts");
    for (String name : List.of("run", "parts")) {
      Path run = folder.resolve(name);
      List<Path> files = EventFile.list(run);
      assertEquals(name.equals("run") ? 1 : 2, files.size());
      assertEquals(losses(run), EventDecoder.curve(files, "train/loss"));
      assertEquals(4, EventDecoder.curve(files, "test/top1_error").size());
    }
  }

  @Test
  void tensorBoardItselfReadsTheEvents() throws IOException, InterruptedException {
    assumeTrue(TensorBoardReader.isThere(), "needs Python's tensorboard in -Dalexnet.python=FILE");
    stopAndResume("parts");
    for (String name : List.of("run", "parts")) {
      Path run = folder.resolve(name);
      assertEquals(losses(run), TensorBoardReader.curve(run, "train/loss"));
      assertEquals(4, TensorBoardReader.curve(run, "test/top1_error").size());
    }
  }

  private void stopAndResume(String name) {
    StopRequest stop = new StopRequest(line -> {});
    stop.request();
    String[] command = {
      "train",
      "--data",
      TinyRun.DATA,
      "--config",
      folder.resolve("tiny.yaml").toString(),
      "--run",
      folder.resolve(name).toString(),
      "--devices",
      "cpu:0"
    };
    assertEquals(0, Cli.run(stop, false, command).code());
    Cli resumed = Cli.run("train", "--resume", "--run", folder.resolve(name).toString());
    assertEquals(0, resumed.code(), resumed.err());
  }

  private static Map<Long, Float> losses(Path run) throws IOException {
    Map<Long, Float> losses = new TreeMap<>();
    for (JsonObject line : JsonLines.read(run.resolve("metrics.jsonl"))) {
      if (line.get("kind").getAsString().equals("train")) {
        losses.put(line.get("step").getAsLong(), (float) line.get("loss").getAsDouble());
      }
    }
    assertEquals(60, losses.size());
    return losses;
  }

  @Test
  void environmentSaysWhereAndFromWhat() throws IOException {
    JsonObject env = RunSessions.read(folder.resolve("run/env.json")).last().orElseThrow();
    assertEquals(2, env.getAsJsonArray("deviceDescriptions").size());
    JsonObject data = env.getAsJsonObject("dataSet");
    assertEquals(60, data.get("trainImages").getAsInt());
    assertEquals(64, data.get("trainNamesSha256").getAsString().length());
    assertNotEquals(
        data.get("trainNamesSha256").getAsString(), data.get("heldOutNamesSha256").getAsString());
    for (String known : List.of("cpu", "cores", "java", "javaFlags", "settings", "build")) {
      assertFalse(env.get(known).isJsonNull(), known);
    }
    assertTrue(env.has("commit") && env.has("command"));
  }
}
