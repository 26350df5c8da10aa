package org.alexnet4j.cli.run;

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
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands around run folders: what they refuse, what they leave, what they fall back to. */
class RunCommandsTest {
  /** Names that would end a line, a field or a list, and some that only look odd. */
  private static final List<String> NAMES =
      List.of("a\nb", "c\td", "e\u2028f", "\"g\"", "[h", "i\\n", "K\u00e4se", "a");

  @TempDir Path folder;

  @BeforeEach
  void config() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli train(String run, String data, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", data));
    arguments.addAll(List.of("--config", path("tiny.yaml"), "--devices", "cpu:0"));
    arguments.addAll(List.of("--run", path(run), "--inspect", "0"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private Cli resume(String run, String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--resume", "--run", path(run)));
    arguments.addAll(List.of("--devices", "cpu:0", "--inspect", "0"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static void assertFailure(Cli cli, int code, String text) {
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
  }

  private Path images(List<String> classes) throws IOException {
    Path data = folder.resolve("images");
    for (String name : classes) {
      for (String part : List.of("train", "val")) {
        Path place = Files.createDirectories(data.resolve(part).resolve(name));
        for (int i = 0; i < (part.equals("train") ? 3 : 1); i++) {
          BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
          image.setRGB(i, name.hashCode() & 15, 0xffffff);
          ImageIO.write(image, "png", place.resolve(i + part + ".png").toFile());
        }
      }
    }
    return data;
  }

  @Test
  void namesOfClassesSurviveWhateverTheyAreMadeOf() throws IOException {
    String data = images(NAMES).toString();
    Cli trained = train("run", data, "--steps", "3");
    assertEquals(0, trained.code(), trained.err());
    Path checkpoint = new RunFolder(folder.resolve("run")).latest().orElseThrow();
    List<String> classes = Checkpoint.readContent(checkpoint).classes();
    assertEquals(NAMES.stream().sorted().toList(), classes.stream().sorted().toList());
    Cli resumed = resume("run", "--steps", "5");
    assertEquals(0, resumed.code(), resumed.err());
    Cli evaluated = Cli.run("eval", "--run", path("run"), "--data", data, "--devices", "cpu:0");
    assertEquals(0, evaluated.code(), evaluated.err());
    String image = folder.resolve("images/val/a/0val.png").toString();
    Cli guessed = Cli.run("predict", "--run", path("run"), image, "--top", "8");
    assertEquals(0, guessed.code(), guessed.err());
    assertEquals(9, guessed.out().lines().count(), guessed.out());
    Cli report = Cli.run("report", path("run"), "--data", data, "--images", "4");
    assertEquals(0, report.code(), report.err());
    Cli features = Cli.run("features", path("run"), "--data", data, "--out", path("f.npy"));
    assertEquals(0, features.code(), features.err());
    List<String> rows = Files.readAllLines(folder.resolve("f.npy.tsv"));
    assertEquals(NAMES.size() + 1, rows.size());
    assertTrue(rows.stream().allMatch(row -> row.split("\t", -1).length == 3), rows.toString());
  }

  @Test
  void aRunInsideOfItsDataIsRefusedBeforeAnythingIsWritten() throws IOException {
    String data = images(List.of("x", "y")).toString();
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("images"));
    for (String run :
        List.of("images", "images/train/run", "images/../images/r", "link/run", ".")) {
      assertFailure(train(run, data, "--steps", "1"), 2, data);
      assertFalse(Files.exists(folder.resolve("images/train/run")));
      assertFalse(Files.exists(folder.resolve("images/stderr.log")));
      assertFalse(Files.exists(folder.resolve("stderr.log")));
      assertFalse(Files.exists(folder.resolve("lock")));
    }
  }

  @Test
  void failedCommandsLeaveNoRunFolder() throws IOException {
    assertFailure(train("a/run", path("nosuch")), 3, "nosuch");
    assertFailure(train("a/run", TinyRun.DATA, "--batch", "61"), 3, "at least one batch");
    Cli device =
        Cli.run(
            "train",
            "--data",
            TinyRun.DATA,
            "--config",
            path("tiny.yaml"),
            "--devices",
            "cuda:77",
            "--run",
            path("a/run"));
    assertFailure(device, 4, "cuda:77");
    assertFalse(Files.exists(folder.resolve("a")));
    assertFailure(resume("nosuch"), 5, "no such run folder: " + path("nosuch"));
    assertFailure(
        Cli.run("eval", "--run", path("nosuch"), "--data", TinyRun.DATA),
        5,
        "no such run folder: " + path("nosuch"));
    assertFailure(
        Cli.run("features", path("nosuch"), "--data", "x", "--out", path("f.npy")), 5, "such");
    assertFalse(Files.exists(folder.resolve("nosuch")));
  }

  @Test
  void anotherNetworkInMidRunIsRefusedUnlessForced() throws IOException {
    assertEquals(0, train("run", TinyRun.DATA, "--steps", "2").code());
    Path other = folder.resolve("other.yaml");
    Files.writeString(other, TinyRun.CONFIG.replace("keep: 0.5", "keep: 0.75"));
    Cli refused = resume("run", "--steps", "4", "--config", other.toString());
    assertFailure(refused, 2, "network.layers.drop3.keep (0.5 to 0.75)");
    assertTrue(refused.err().contains("may change training.*"), refused.err());
    assertFailure(resume("run", "--steps", "4", "--preset", "demo"), 2, "another network");
    assertFailure(resume("run", "--steps", "4", "--width", "2"), 2, "another network");
    Cli forced = resume("run", "--steps", "4", "--config", other.toString(), "--force");
    assertEquals(0, forced.code(), forced.err());
    Files.writeString(other, Files.readString(other).replace("rate: 0.0001", "rate: 0.0002"));
    Cli rate = resume("run", "--steps", "6", "--config", other.toString());
    assertEquals(0, rate.code(), rate.err());
  }

  @Test
  void settingsAreInTheRunsConfigurationAndInItsRecord() throws IOException {
    String[] rate = {"--set", "training.rate=0.002", "--set", "network.layers.drop3=off"};
    assertEquals(
        0, train("run", TinyRun.DATA, "--steps", "1", rate[0], rate[1], rate[2], rate[3]).code());
    String config = Files.readString(folder.resolve("run/config.yaml"));
    assertTrue(config.contains("  rate: 0.002\n"), config);
    assertFalse(config.contains("drop3"), config);
    JsonObject session = RunSessions.read(folder.resolve("run/env.json")).last().orElseThrow();
    assertEquals(
        "[\"training.rate=0.002\",\"network.layers.drop3=off\"]", session.get("set").toString());
    Cli resumed = resume("run", "--steps", "2", "--set", "training.rate=0.001");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains("from step 1: training.rate 0.002 to 0.001"), resumed.err());
    Cli network = resume("run", "--steps", "3", "--set", "network.layers.norm1.k=1");
    assertFailure(network, 2, "network.layers.norm1.k (2.0 to 1.0)");
    assertFailure(
        train("new", TinyRun.DATA, "--set", "training.rat=1"),
        2,
        "--set training.rat: training.rat");
    String eval =
        "eval --run " + path("run") + " --data " + TinyRun.DATA + " --devices cpu:0 --json";
    Cli plain = Cli.run(eval.split(" "));
    Cli changed = Cli.run((eval + " --set network.layers.norm1.alpha=1").split(" "));
    assertEquals(0, changed.code(), changed.err());
    assertFalse(loss(plain).equals(loss(changed)), "weights are read by the network that was set");
  }

  private static String loss(Cli eval) {
    return JsonParser.parseString(eval.out()).getAsJsonObject().get("loss").toString();
  }

  @Test
  void sessionsNameTheDataFromAnywhereAndWhatIsDoneIsSaid() throws IOException {
    Path data = images(List.of("x", "y"));
    Path relative = Path.of("").toAbsolutePath().relativize(data);
    assertEquals(0, train("run", relative.toString(), "--steps", "1").code());
    JsonObject session = RunSessions.read(folder.resolve("run/env.json")).last().orElseThrow();
    assertEquals(data.toString(), session.get("data").getAsString());
    assertEquals(relative.toString(), session.get("dataGiven").getAsString());
    Cli done = resume("run", "--steps", "1");
    assertEquals(0, done.code(), done.err());
    assertTrue(done.out().contains("nothing to do: 1 step done"), done.out());
    assertFalse(done.err().contains("steps 1 to 1"), done.err());
    Files.writeString(folder.resolve("run/env.json"), "{");
    assertFailure(resume("run", "--steps", "2"), 5, "add --data");
    Cli again = resume("run", "--steps", "2", "--data", data.toString());
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("set aside as env.json.damaged"), again.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u00ff", "network: [", "name: 3\nnetwork: {layers: {a: 1}}"})
  void aDamagedConfigurationOfARunIsRefusedWithItsName(String text) throws IOException {
    assertEquals(0, train("run", TinyRun.DATA, "--steps", "1").code());
    Files.write(
        folder.resolve("run/config.yaml"),
        text.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    assertFailure(resume("run", "--steps", "2"), 2, "config.yaml:");
  }

  @Test
  void commandsFallBackToTheCheckpointBefore() throws IOException {
    assertEquals(0, train("run", TinyRun.DATA, "--steps", "4", "--checkpoint-every", "2").code());
    Path newest = new RunFolder(folder.resolve("run")).latest().orElseThrow();
    Files.write(newest, new byte[10]);
    Cli cli = Cli.run("eval", "--run", path("run"), "--data", TinyRun.DATA, "--devices", "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("not used: " + newest), cli.err());
    assertTrue(Files.exists(newest), "eval renames nothing");
    assertEquals(0, Cli.run("report", path("run")).code());
  }

  @Test
  void aRunWhoseCheckpointsAreGoneIsNotCalledEmpty() throws IOException {
    assertEquals(0, train("run", TinyRun.DATA, "--steps", "4").code());
    TinyRun.delete(folder.resolve("run/checkpoints"));
    String gone = "4 steps are in metrics.jsonl, but no checkpoint is left in checkpoints/; ";
    assertFailure(resume("run"), 5, gone + "put one back, or begin a new run in another folder");
    assertFailure(train("run", TinyRun.DATA), 2, gone + "name another");
    Files.writeString(folder.resolve("run/metrics.jsonl"), "{\"kind\": \"train\"}\n7\n");
    Cli damaged = resume("run");
    assertFailure(damaged, 5, "1 steps or more are in metrics.jsonl (");
    assertFalse(damaged.err().contains("remove"), damaged.err());
  }

  @Test
  void aValueOfTheInputThatIsNoNumberIsNamed() throws IOException {
    assertEquals(0, train("run", TinyRun.DATA, "--steps", "1").code());
    float[] values = new float[28 * 28 * 3];
    values[17] = Float.NaN;
    NpyWriter.writeFloats(folder.resolve("x.npy"), values, 1, 28, 28, 3);
    assertFailure(
        Cli.run(
            "activations", "--run", path("run"), "--input", path("x.npy"), "--out", path("a.st")),
        3,
        "x.npy: value 17: is NaN; allowed: finite numbers");
  }
}
