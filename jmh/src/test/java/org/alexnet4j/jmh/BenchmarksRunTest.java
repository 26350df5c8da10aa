package org.alexnet4j.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnet4j.device.Devices;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Every benchmark runs once, small, with its checks, says its rate and leaves nothing open. */
class BenchmarksRunTest {
  private static final String WIDTH = "width=0.0625";

  /** Small parameters of each class, one line a run; of the others JMH takes all values. */
  private static final Map<String, List<String>> SMALL =
      Map.ofEntries(
          Map.entry("CallBenchmark", List.of("device=cpu:0", "device=emu:0")),
          Map.entry("CheckpointBenchmark", List.of(WIDTH)),
          Map.entry("DecodeBenchmark", List.of("size=80x60")),
          Map.entry(
              "ExchangeBenchmark",
              List.of(
                  "batch=1 devices=cpu:0 transport=same,store,staged",
                  "batch=1 devices=cpu:0+cpu:1 transport=peer,store,staged")),
          Map.entry("FamilyBenchmark", List.of("batch=2 " + WIDTH)),
          Map.entry(
              "LayerBenchmark",
              List.of(
                  "batch=1 layer=conv5,fc8-plane pass=fprop engine=kernels,onednn",
                  "batch=1 layer=norm2,pool5 pass=bprop engine=kernels")),
          Map.entry("LoaderBenchmark", List.of("batch=2 data=synthetic:train=4,test=2")),
          Map.entry("OnnxBenchmark", List.of("batch=2 " + WIDTH)),
          Map.entry(
              "OperationBenchmark",
              List.of(
                  "batch=2 " + WIDTH,
                  "batch=1 operation=pool5.LrnPoolBprop,fc7.Add device=emu:0 " + WIDTH,
                  "batch=1 operation=conv4.ConvFprop engine=onednn " + WIDTH)),
          Map.entry("PredictBenchmark", List.of("images=2 engine=kernels,onednn " + WIDTH)),
          Map.entry("StepBenchmark", List.of("batch=2 engine=kernels,onednn " + WIDTH)),
          Map.entry("UpdateBenchmark", List.of(WIDTH)));

  /** Classes of the benchmarks that are built, and how many methods each has. */
  private static Map<String, Long> built() {
    return BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .stream()
        .map(BenchmarkListEntry::getUserClassQName)
        .collect(
            Collectors.groupingBy(
                name -> name.substring(name.lastIndexOf('.') + 1), Collectors.counting()));
  }

  static Stream<String> classes() {
    return built().keySet().stream().sorted();
  }

  @Test
  void eachClassHasSmallParameters() {
    TreeSet<String> missing = new TreeSet<>(built().keySet());
    missing.removeAll(SMALL.keySet());
    assertEquals(new TreeSet<>(), missing);
  }

  @ParameterizedTest
  @MethodSource("classes")
  void runsOnce(String name) throws RunnerException {
    long open = Devices.liveHandles();
    for (String line : SMALL.get(name)) {
      Collection<RunResult> results = run(name, line);
      assertFalse(results.isEmpty());
      assertEquals(0, results.size() % built().get(name), "methods left out");
      for (RunResult result : results) {
        checkRate(result);
      }
    }
    assertEquals(open, Devices.liveHandles(), "native objects left open");
  }

  private static Collection<RunResult> run(String name, String line) throws RunnerException {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include("\\." + name + "\\.")
            .mode(Mode.SingleShotTime)
            .forks(0)
            .warmupIterations(0)
            .measurementIterations(1)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .addProfiler(Rates.class);
    parameters(line).forEach((key, values) -> options.param(key, values));
    return new Runner(options.build()).run();
  }

  /** {@code data=synthetic:train=4,test=2} has a comma of its own. */
  private static Map<String, String[]> parameters(String line) {
    Map<String, String[]> parameters = new LinkedHashMap<>();
    for (String parameter : line.split(" ")) {
      String[] sides = parameter.split("=", 2);
      parameters.put(
          sides[0], sides[0].equals("data") ? new String[] {sides[1]} : sides[1].split(","));
    }
    return parameters;
  }

  /** What is processed in a second is what a call has, over its time. */
  private static void checkRate(RunResult result) {
    String images = result.getParams().getParam("batch");
    Result<?> rate = result.getSecondaryResults().get("images/s");
    if (images == null || result.getParams().getBenchmark().contains("Exchange")) {
      return;
    }
    double seconds =
        result.getPrimaryResult().getScore() * result.getParams().getTimeUnit().toNanos(1) / 1e9;
    assertEquals(Integer.parseInt(images), rate.getScore() * seconds, 1e-6);
    assertEquals("images/s", rate.getScoreUnit());
  }
}
