package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Four towers go the whole way: train, stop, resume elsewhere, report, activations, evaluation. */
class FourTowersTest {
  private static final String CONFIG =
      TinyRun.CONFIG
          .replace("towers: 2", "towers: 4")
          .replace("maps: 8", "maps: 4")
          .replace("reads: all", "reads: pair");

  @TempDir static Path folder;
  private static String wholeResult;

  private static Cli train(String run, String devices, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--data",
                TinyRun.DATA,
                "--config",
                folder.resolve("four.yaml").toString(),
                "--run",
                folder.resolve(run).toString(),
                "--devices",
                devices,
                "--inspect",
                "20"));
    arguments.addAll(List.of(more));
    Cli cli = Cli.run(arguments.toArray(String[]::new));
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  @BeforeAll
  static void train() throws IOException {
    Files.writeString(folder.resolve("four.yaml"), CONFIG);
    wholeResult = train("whole", "cpu:0,cpu:1,cpu:2,cpu:3", "--steps", "20", "--json").out();
    train("parts", "cpu:0", "--steps", "8");
    train("parts", "cpu:1,cpu:0,cpu:1,cpu:0", "--steps", "20", "--resume");
  }

  @Test
  void aResumedRunHasTheBitsOfAWholeOneOnOtherDevices() throws IOException {
    String newest = "checkpoints/step-00000020.safetensors";
    assertEquals(
        -1,
        Files.mismatch(
            folder.resolve("whole").resolve(newest), folder.resolve("parts").resolve(newest)));
    Cli compare =
        Cli.run("compare", folder.resolve("whole").toString(), folder.resolve("parts").toString());
    assertEquals(0, compare.code(), compare.out() + compare.err());
  }

  @Test
  void thePageHasAllTowers() throws IOException {
    Matcher data =
        Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(Files.readString(folder.resolve("whole/report.html")));
    assertTrue(data.find());
    JsonObject run =
        JsonParser.parseString(data.group(1))
            .getAsJsonObject()
            .getAsJsonArray("runs")
            .get(0)
            .getAsJsonObject();
    assertEquals(4, run.getAsJsonObject("filters").getAsJsonArray("towers").size());
    JsonArray layers = run.getAsJsonObject("findings").getAsJsonArray("layers");
    assertEquals(4, layers.get(0).getAsJsonObject().getAsJsonArray("towers").size());
    // conv2 in pairs, fc3 from all to all, fc4 on tower a; and back.
    int transfers = 2 * (4 + 12 + 3);
    assertEquals(transfers, run.getAsJsonObject("plan").getAsJsonArray("exchange").size());
    assertEquals(transfers, run.getAsJsonObject("exchange").getAsJsonArray("transfers").size());
    assertEquals(4, run.getAsJsonObject("timeline").get("towers").getAsInt());
    assertEquals(transfers, run.getAsJsonObject("timeline").getAsJsonArray("arrows").size());
  }

  @Test
  void activationsAreJoined() throws IOException {
    Path x = folder.resolve("x.npy");
    NpyWriter.writeFloats(x, new float[2 * 28 * 28 * 3], 2, 28, 28, 3);
    Path out = folder.resolve("a.safetensors");
    Cli cli =
        Cli.run(
            "activations",
            "--run",
            folder.resolve("whole").toString(),
            "--input",
            x.toString(),
            "--out",
            out.toString());
    assertEquals(0, cli.code(), cli.err());
    try (Safetensors file = Safetensors.open(out)) {
      assertEquals(List.of(2L, 13L, 13L, 16L), file.tensors().get("conv1").shape());
      assertEquals(List.of(2L, 32L), file.tensors().get("fc3").shape());
    }
    try (Safetensors file =
        Safetensors.open(folder.resolve("whole/checkpoints/step-00000020.safetensors"))) {
      assertEquals(List.of(16L, 3L, 5L, 5L), file.tensors().get("conv1.weight").shape());
      assertEquals(List.of(16L, 8L, 3L, 3L), file.tensors().get("conv2.weight").shape(), "a pair");
    }
  }

  @Test
  void evaluationFindsTheErrorOfTheRun() {
    Cli cli =
        Cli.run(
            "eval",
            "--run",
            folder.resolve("whole").toString(),
            "--data",
            TinyRun.DATA,
            "--devices",
            "emu:0,emu:1,emu:2,emu:3",
            "--json");
    assertEquals(0, cli.code(), cli.err());
    double error =
        JsonParser.parseString(cli.out()).getAsJsonObject().get("top1Error").getAsDouble();
    double logged =
        JsonParser.parseString(wholeResult).getAsJsonObject().get("testTop1Error").getAsDouble();
    assertEquals(logged, error, 1e-9);
  }
}
