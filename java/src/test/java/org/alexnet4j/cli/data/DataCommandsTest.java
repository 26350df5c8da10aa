package org.alexnet4j.cli.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** prepare, data and --classes end to end. */
final class DataCommandsTest {
  private static final String CONFIG =
      """
      name: tiny
      network:
        towers: 2
        input: 14
        source: 16
        mean: pixel
        layers:
          conv1: {type: conv, maps: 8, kernel: 3, stride: 2, sigma: 0.01, bias: 0, decay: 0}
          relu1: {type: relu}
          fc4: {type: fc, units: 10, towers: first, sigma: 0.001, bias: 0, decay: 0}
          softmax: {type: softmax}
      training: {batch: 4, epochs: 1, rate: 0.001, momentum: 0.9}
      augmentation: {colourNoise: on}
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), CONFIG);
    Random random = new Random(1);
    for (String part : List.of("train", "val")) {
      for (String name : List.of("ant", "bee", "cat")) {
        Path to = Files.createDirectories(folder.resolve("images").resolve(part).resolve(name));
        for (int i = 0; i < 8; i++) {
          BufferedImage image = new BufferedImage(20, 18, BufferedImage.TYPE_INT_RGB);
          for (int p = 0; p < 360; p++) {
            image.setRGB(p % 20, p / 20, random.nextInt(1 << 24));
          }
          ImageIO.write(image, "png", to.resolve(i + ".png").toFile());
        }
      }
    }
  }

  @AfterEach
  void nothingStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli prepare(String... more) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("prepare", path("images"), "--out", path("packed"), "--side", "16"));
    line.addAll(List.of("--shard-images", "10"));
    line.addAll(List.of(more));
    Cli run = Cli.run(line.toArray(new String[0]));
    assertEquals(0, run.code(), run.err());
    return run;
  }

  @Test
  void prepareSaysWhatItDid() {
    Cli run = prepare();
    assertEquals(
        path("packed")
            + ": 24 images to train, 24 held out, 3 classes, 16 pixels; 0 odd files, 0 skipped\n",
        run.out());
    assertTrue(
        run.err().startsWith("alexnet: folder: 3 classes, 24 images to train, 24 held out\n"),
        run.err());
    assertTrue(run.err().contains("48 of 48 images"), run.err());
    assertTrue(run.err().contains("0 s left"), run.err());
    JsonObject json = JsonParser.parseString(prepare("--json").out()).getAsJsonObject();
    assertEquals(24, json.get("train").getAsInt());
  }

  /** What a folder cannot be made of is said, with exit code 2, by prepare as by train. */
  @Test
  void aFolderThatCannotBeWrittenEndsWith2() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "");
    String allowed = "; allowed: a folder that can be written to\n";
    for (String[] command :
        List.of(
            new String[] {"prepare", path("images"), "--side", "16", "--out"},
            new String[] {
              "train", "--config", path("tiny.yaml"), "--data", "synthetic:", "--run"
            })) {
      Cli file = unwritable(command, inTheWay.toString());
      String wanted = "alexnet: " + inTheWay + ": a file is in the way" + allowed;
      assertTrue(file.err().endsWith(wanted), file.err());
      Cli below = unwritable(command, inTheWay.resolve("x").toString());
      assertTrue(below.err().endsWith(allowed), below.err());
      if (Files.isDirectory(Path.of("/proc/self"))) { // not even root makes folders there
        Cli proc = unwritable(command, "/proc/x");
        wanted = "alexnet: /proc/x: no folder can be made there" + allowed;
        assertTrue(proc.err().endsWith(wanted), proc.err());
      }
    }
  }

  private static Cli unwritable(String[] command, String where) {
    List<String> line = new ArrayList<>(List.of(command));
    line.add(where);
    Cli run = Cli.run(line.toArray(new String[0]));
    assertEquals(2, run.code(), run.err());
    return run;
  }

  @Test
  void aStopRequestLeavesAFolderToGoOnWith() {
    StopRequest stop = new StopRequest(line -> {});
    stop.request();
    String[] line = {
      "prepare", path("images"), "--out", path("packed"), "--side", "16", "--shard-images", "10"
    };
    Cli stopped = Cli.run(stop, false, line);
    assertEquals(0, stopped.code());
    assertTrue(stopped.err().contains("stopped; the same command goes on"), stopped.err());
    Cli train = Cli.run("train", "--data", path("packed"), "--run", path("run"));
    assertEquals(3, train.code());
    assertTrue(train.err().contains("it is not prepared to the end"), train.err());
    prepare();
  }

  @Test
  void whatNeedsNoPreparationIsNotPrepared() throws IOException {
    prepare();
    for (String[] source :
        new String[][] {
          {path("packed"), "is prepared already"},
          {"synthetic:", "is drawn anew by whoever opens it"}
        }) {
      Cli again = Cli.run("prepare", source[0], "--out", path("again"), "--side", "32");
      assertEquals(3, again.code(), again.err());
      assertTrue(again.err().contains(source[0] + ": " + source[1]), again.err());
      assertTrue(again.err().contains("this is for --data as it is"), again.err());
      assertFalse(Files.exists(folder.resolve("again")));
    }
  }

  @Test
  void verifyDescribeAndSheet() throws IOException {
    prepare();
    Cli verify = Cli.run("data", "verify", path("packed"));
    assertEquals(0, verify.code(), verify.out());
    assertTrue(verify.out().endsWith("48 images, 0 problems, 1 note\n"), verify.out());
    Cli describe = Cli.run("data", "describe", path("packed"), "--classes");
    assertEquals(0, describe.code(), describe.err());
    assertTrue(
        describe.out().contains("train: 24 images in 3 files; per class 8 to 8, median 8"),
        describe.out());
    assertTrue(describe.out().contains("bee"), describe.out());
    Cli none = Cli.run("data", "describe", path("tiny.yaml"));
    assertEquals(3, none.code());
    assertTrue(none.err().contains("has no passport.json; allowed: a folder that"), none.err());
    Cli sheet =
        Cli.run(
            "data",
            "sheet",
            path("packed"),
            "--config",
            path("tiny.yaml"),
            "--count",
            "10",
            "--out",
            path("sheet.png"));
    assertEquals(0, sheet.code(), sheet.err());
    BufferedImage picture = ImageIO.read(folder.resolve("sheet.png").toFile());
    assertEquals(2 + 8 * 16, picture.getWidth());
    assertEquals(2 + 2 * 16, picture.getHeight());
    Files.writeString(folder.resolve("packed/mean.npy"), "x");
    assertEquals(3, Cli.run("data", "verify", path("packed")).code());
    assertEquals(2, Cli.run("data").code());
  }

  @Test
  void aSheetIsWhatItsEndingSays() throws IOException {
    for (String name : new String[] {"s.jpg", "s.JPEG", "s.png"}) {
      Cli run = sheet(name);
      assertEquals(0, run.code(), run.err());
      byte[] bytes = Files.readAllBytes(folder.resolve(name));
      assertEquals(name.endsWith("png") ? (byte) 0x89 : (byte) 0xFF, bytes[0], name);
    }
    for (String name : new String[] {"s.gif", "s", "s.png.txt", "s.webp"}) {
      Cli run = sheet(name);
      assertEquals(2, run.code(), run.err());
      assertTrue(
          run.err()
              .endsWith(name + ": no picture's name; allowed: .png, .jpg or .jpeg at its end\n"),
          run.err());
    }
  }

  private Cli sheet(String name) {
    return Cli.run(
        "data",
        "sheet",
        path("images"),
        "--preset",
        "cifar10-80sec",
        "--count",
        "2",
        "--out",
        path(name));
  }

  @Test
  void prepareNamesWhatItLeavesOutAndEnlarges() throws IOException {
    Files.write(folder.resolve("images/train/notes"), new byte[] {'x'});
    Cli run = Cli.run("prepare", path("images"), "--out", path("packed"), "--side", "64", "--json");
    assertEquals(0, run.code(), run.err());
    String left = "1 files are left out that are no images by their content: train/notes";
    assertTrue(run.err().contains("alexnet: note: " + left + "\n"), run.err());
    assertTrue(
        run.err().contains(" images are smaller than 64 pixels and were enlarged: "), run.err());
    assertTrue(
        run.out()
            .contains(
                "{\"what\":\"files are left out that are no images by their content\",\"count\":1,"
                    + "\"names\":[\"train/notes\"]}"),
        run.out());
    assertTrue(Cli.run("data", "verify", path("packed")).out().contains("note: " + left + "\n"));
    assertTrue(Cli.run("data", "describe", path("packed")).out().contains("note: " + left + "\n"));
  }

  @Test
  void trainNamesWhatIsLeftOutAndEnlarged() throws IOException {
    Files.write(folder.resolve("images/train/ant/notes"), new byte[] {'x'});
    ImageIO.write(
        new BufferedImage(9, 12, BufferedImage.TYPE_INT_RGB),
        "png",
        folder.resolve("images/train/bee/small.png").toFile());
    Cli run = train("images", "run");
    String notes =
        "alexnet: 1 files are left out that are no images by their content: train/ant/notes\n";
    assertTrue(run.err().contains(notes), run.err());
    String enlarged =
        "alexnet: 1 of 25 images are smaller than 16 pixels and were enlarged: train/bee/small.png\n";
    assertEquals(2, run.err().split(Pattern.quote(enlarged), -1).length, run.err());
    Cli json = train("images", "again", "--json");
    assertTrue(json.out().contains("train/bee/small.png\""), json.out());
  }

  @Test
  void aRunInsideOfItsDataIsRefusedBeforeAnythingIsWritten() throws IOException {
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("images"));
    for (String run : List.of("images", "images/run", "link/run", "images/train/ant", ".")) {
      Cli refused =
          Cli.run(
              "train", "--config", path("tiny.yaml"), "--data", path("images"), "--run", path(run));
      assertEquals(2, refused.code(), refused.err());
      assertTrue(refused.err().contains("input"), refused.err());
      try (Dataset train = Datasets.open(path("images"), DataOptions.train())) {
        assertEquals(24, train.size(), run);
      }
      assertFalse(Files.exists(folder.resolve("images/run")));
      assertFalse(Files.exists(folder.resolve("stderr.log")));
    }
  }

  @Test
  void feedMeasuresBesideAPlainCopy() {
    prepare();
    Cli feed =
        Cli.run(
            "data",
            "feed",
            path("packed"),
            "--config",
            path("tiny.yaml"),
            "--batch",
            "8",
            "--batches",
            "2",
            "--json");
    assertEquals(0, feed.code(), feed.err());
    JsonObject json = JsonParser.parseString(feed.out()).getAsJsonObject();
    assertTrue(json.get("imagesPerSecond").getAsDouble() > 0);
    assertTrue(json.get("copyBytesPerSecond").getAsDouble() > 0);
  }

  /** The prepared set brings its own mean and colours; the folder's mean is the same number. */
  @Test
  void trainingOnAPreparedSetAndOnItsFirstClasses() throws IOException {
    prepare();
    Cli train = train("packed", "all");
    assertTrue(train.out().contains("6 steps"), train.out());
    Cli few = train("packed", "two", "--classes", "2");
    assertTrue(few.out().contains("4 steps"), few.out());
    String metrics = Files.readString(folder.resolve("two/metrics.jsonl"));
    JsonObject line = JsonParser.parseString(metrics.lines().findFirst().get()).getAsJsonObject();
    double share = line.get("loaderShare").getAsDouble();
    assertTrue(share >= 0 && share <= 1, line.toString());
    Cli resumed =
        Cli.run("train", "--resume", "--run", path("two"), "--steps", "6", "--devices", "cpu:0");
    assertEquals(0, resumed.code(), resumed.err());
    Cli eval =
        Cli.run(
            "eval",
            "--run",
            path("two"),
            "--data",
            path("packed"),
            "--classes",
            "2",
            "--batch",
            "4",
            "--devices",
            "cpu:0");
    assertEquals(0, eval.code(), eval.err());
    assertTrue(eval.out().startsWith("16 images"), eval.out());
  }

  @Test
  void aPreparedFileThatIsNotAsItWasWrittenEndsWith3() throws IOException {
    prepare();
    for (String name : List.of("mean.npy", "pca.json", "train/labels.npy", "train/files.tsv")) {
      Path file = folder.resolve("packed").resolve(name);
      byte[] whole = Files.readAllBytes(file);
      Files.delete(file);
      assertEndsWith3(file + ": no such file");
      Files.createDirectory(file);
      assertEndsWith3(file + ": is a folder");
      Files.delete(file);
      Files.write(file, whole);
    }
    Path shard = folder.resolve("packed/train/images-00000.npy");
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Arrays.copyOf(whole, whole.length - 100));
    assertEndsWith3(shard + ": byte 128: ");
  }

  private void assertEndsWith3(String line) {
    Cli train =
        Cli.run(
            "train",
            "--data",
            path("packed"),
            "--run",
            path("none"),
            "--config",
            path("tiny.yaml"),
            "--devices",
            "cpu:0");
    assertEquals(3, train.code(), train.err());
    assertTrue(train.err().contains(line), train.err());
    assertTrue(train.err().contains("./alexnet prepare"), train.err());
    assertEquals(3, Cli.run("data", "verify", path("packed")).code());
  }

  private Cli train(String data, String run, String... more) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("train", "--data", path(data), "--run", path(run)));
    line.addAll(List.of("--config", path("tiny.yaml"), "--devices", "cpu:0"));
    line.addAll(List.of(more));
    Cli train = Cli.run(line.toArray(new String[0]));
    assertEquals(0, train.code(), train.err());
    return train;
  }

  @Test
  void classesNeedData() {
    Cli run = Cli.run("train", "--classes", "2", "--run", path("run"));
    assertEquals(2, run.code());
    assertEquals("alexnet: --classes needs --data\n", run.err());
  }
}
