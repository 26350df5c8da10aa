package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.plan.cost.Work;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.alexnet4j.report.StepTimes;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BenchCommandTest {
  private static final String SMALL =
      "bench --width 0.05 --batch 2 --steps 2 --devices cpu:0,cpu:1";

  @Test
  void trainingIsMeasuredLayerByLayer() {
    Cli cli = Cli.run((SMALL + " --json").split(" "));
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = JsonParser.parseString(cli.out()).getAsJsonObject();
    double best = result.get("images_per_second_best").getAsDouble();
    assertTrue(best > 0 && best >= result.get("images_per_second_median").getAsDouble());
    assertTrue(result.get("peak_resident_bytes").getAsLong() > 0);
    assertEquals(2, result.getAsJsonArray("step_seconds").size());
    assertEquals(2, result.getAsJsonArray("idle").size());
    boolean found = false;
    for (var row : result.getAsJsonArray("operations")) {
      JsonObject o = row.getAsJsonObject();
      if (o.get("layer").getAsString().equals("conv2")
          && o.get("operation").getAsString().equals("ConvWgrad")) {
        found = true;
        assertTrue(o.get("gflops").getAsDouble() > 0);
        assertTrue(o.getAsJsonArray("millis").get(1).getAsDouble() > 0);
      }
    }
    assertTrue(found, cli.out());
  }

  @Test
  void theExchangeIsMeasuredAndTraced(@TempDir Path folder) throws IOException {
    Path trace = folder.resolve("trace.json");
    Cli cli = Cli.run((SMALL + " --json --trace " + trace).split(" "));
    assertEquals(0, cli.code(), cli.err());
    JsonArray exchange =
        JsonParser.parseString(cli.out()).getAsJsonObject().getAsJsonArray("exchange");
    assertEquals(14, exchange.size());
    for (var element : exchange) {
      JsonObject transfer = element.getAsJsonObject();
      assertTrue(transfer.get("bytes").getAsLong() > 0, transfer::toString);
      assertTrue(transfer.get("micros").getAsDouble() > 0, transfer::toString);
    }
    String text = Files.readString(trace);
    assertTrue(text.contains("\"step 4\"") && text.contains("\"step 5\""), "two steps");
    Cli table = Cli.run(SMALL.split(" "));
    assertTrue(table.out().contains("GB/s  hidden"), table.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cpu:0,cpu:1 | train | --feed | random images in memory",
        "cpu:0 | infer | --feed | random images in memory",
        "emu:0 | train | --feed synthetic:train=9,test=0 | synthetic:train=9,test=0"
      })
  void stepsThatALoaderFeedsAreMeasuredBesideThoseWithout(
      String devices, String purpose, String feed, String images) {
    String line =
        "bench --preset cifar10-towers --width 0.1 --batch 2 --steps 4 --devices "
            + devices
            + " --purpose "
            + purpose
            + " "
            + feed;
    Cli json = Cli.run((line + " --json").split(" "));
    assertEquals(0, json.code(), json.err());
    JsonObject fed = JsonParser.parseString(json.out()).getAsJsonObject().getAsJsonObject("feed");
    assertEquals(images, fed.get("images").getAsString());
    double without = fed.get("images_per_second").getAsDouble();
    double with = fed.get("fed_images_per_second").getAsDouble();
    assertTrue(with > 0 && without > 0, json.out());
    assertEquals(100 * (with / without - 1), fed.get("difference_percent").getAsDouble(), 1e-6);
    double waited = fed.get("waited_share").getAsDouble();
    assertTrue(waited >= 0 && waited <= 1, json.out());
    Cli text = Cli.run(line.split(" "));
    assertTrue(
        text.out()
            .matches(
                "(?s).*\nfed from "
                    + images
                    + ": [0-9.]+ images/s; without a loader [0-9.]+; difference [-+][0-9.]+ %"
                    + " \\(medians of 4 blocks of 1 steps each.*"),
        text.out());
  }

  @Test
  void dataThatCannotFeedAreNamed() {
    String line = "bench --preset cifar10-towers --width 0.1 --batch 2 --steps 1 --devices cpu:0";
    Cli absent = Cli.run((line + " --feed nowhere").split(" "));
    assertEquals(3, absent.code(), absent.err());
    assertTrue(absent.err().contains("nowhere"), absent.err());
    Cli few = Cli.run((line + " --feed synthetic:train=1").split(" "));
    assertTrue(few.code() != 0, few.err());
    assertTrue(few.err().contains("batch of 2 images is larger than the data set"), few.err());
  }

  /** A step in which every operation takes exactly what its device allows has a roofline of 1. */
  @Test
  void theRooflineIsTheLeastTimeOverTheMeasuredOne() {
    Plan plan = Planner.plan(AlexNet.paper2012(), 8, Purpose.TRAIN, Mean.CHANNEL, 1);
    DeviceRates rates = new DeviceRates(1e12, 1e11);
    List<StepTimes.Sample> samples = new ArrayList<>();
    for (int t = 0; t < 2; t++) {
      TowerPlan tower = plan.towers().get(t);
      int number = t;
      tower
          .operations()
          .filter(o -> !(o instanceof Operation.Receive))
          .forEach(
              o ->
                  samples.add(
                      new StepTimes.Sample(
                          number,
                          o.layer(),
                          o.getClass().getSimpleName(),
                          1e3 * Work.of(o, tower).seconds(rates))));
    }
    StepTimes times = new StepTimes(plan, samples, List.of(rates, rates));
    times.rows().forEach(row -> assertEquals(1, row.roofline(), 1e-9, row::toString));
    // conv2 of one tower, by hand: 2 * 128 maps * 27 * 27 * 48 * 25 multiply-adds of 8 images.
    double least = 2.0 * 128 * 27 * 27 * 48 * 25 * 8 / 1e12;
    StepTimes.Sample twice = new StepTimes.Sample(0, "conv2", "ConvFprop", 2e3 * least);
    StepTimes half = new StepTimes(plan, List.of(twice), List.of(rates, rates));
    assertEquals(0.5, half.rows().get(0).roofline(), 1e-9);
    assertTrue(half.text(0).contains("50.0 %"), half.text(0));
  }

  @Test
  void anotherNetworkIsMeasured() {
    Cli cli =
        Cli.run(
            "bench --preset cifar10-80sec --batch 4 --steps 1 --purpose infer --devices cpu:0 --json"
                .split(" "));
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertEquals("cifar10-80sec", result.get("network").getAsString());
    for (var row : result.getAsJsonArray("operations")) {
      assertTrue(row.getAsJsonObject().get("roofline").getAsDouble() > 0, row::toString);
    }
  }

  @Test
  void theEmulatorHasNoRoofline() {
    Cli cli =
        Cli.run(
            "bench --preset cifar10-80sec --width 0.1 --batch 1 --steps 1 --devices emu:0"
                .split(" "));
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("no column roofline: "), cli.err());
    assertFalse(cli.out().contains("roofline"), cli.out());
  }

  @Test
  void inferenceIsPrintedAsATable() {
    Cli cli = Cli.run((SMALL + " --purpose infer").split(" "));
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("tower b ms"), cli.out());
    assertTrue(cli.out().contains("roofline"), cli.out());
    assertTrue(cli.out().contains("images/s best"), cli.out());
  }

  @ParameterizedTest
  @CsvSource({
    "bench --steps 0, 'steps is 0; allowed: 1 or more'",
    "bench --purpose inspect, 'purpose is INSPECT; allowed: train, infer'",
    "bench --batch 0, 'batch is 0; allowed: 1 to 65,536'",
    "bench --trace no/such/folder/t.json, '--trace is no/such/folder/t.json; there is no such folder'"
  })
  void badUsageIsExit2(String arguments, String message) {
    Cli cli = Cli.run(arguments.split(" "));
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(message), cli.err());
  }
}
