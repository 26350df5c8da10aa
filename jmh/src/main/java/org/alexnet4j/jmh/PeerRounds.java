package org.alexnet4j.jmh;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.alexnet4j.plan.Purpose;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Question: how many images per second do our algorithms and their peers get through on the CPU?
 *
 * <p>Unit: images per second of a step, batch already in host memory.
 *
 * <p>Run: {@code ./alexnet jmh --peers -- --help}
 */
final class PeerRounds {
  private static final int WARMUP = 3;

  private final PeerOptions options;
  private final Path log;
  private boolean failed;

  private PeerRounds(PeerOptions options, Path log) {
    this.options = options;
    this.log = log;
  }

  /**
   * Measures and prints.
   *
   * @param arguments behind {@code --peers}
   * @return what the process ends with: 0, 1 if something could not be measured, 2 for bad usage
   */
  static int run(List<String> arguments) throws IOException {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      System.out.print(PeerOptions.HELP);
      return 0;
    }
    PeerOptions options;
    try {
      options = PeerOptions.parse(arguments);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      return 2;
    }
    PeerRounds rounds = new PeerRounds(options, Files.createTempFile("alexnet-peers", ".log"));
    rounds.print();
    if (rounds.failed) {
      System.err.println("some could not be measured; why is in " + rounds.log);
      return 1;
    }
    Files.delete(rounds.log);
    return 0;
  }

  private void print() throws IOException {
    StringBuilder text = new StringBuilder();
    double load = load();
    for (Purpose purpose : options.purposes()) {
      for (int batch : options.batches()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%n%s, batch %d%s, on %s; %d rounds, a turn is the median of %d steps:%n%n",
                purpose == Purpose.TRAIN ? "Training" : "Inference",
                batch,
                options.width().equals("1") ? "" : ", width " + options.width(),
                options.devices(),
                options.rounds(),
                options.steps()));
        text.append(table(purpose, batch).text());
      }
    }
    System.out.print(machine() + String.format(Locale.ROOT, "; load %.1f before%n", load) + text);
  }

  private PeerTable table(Purpose purpose, int batch) throws IOException {
    PeerTable table = new PeerTable();
    ImmutableList<Peer> subjects = options.subjects(purpose);
    for (int round = 0; round < options.rounds(); round++) {
      for (int turn = 0; turn < subjects.size(); turn++) {
        // Each is first in its round as often as last: who comes after whom is no constant.
        Peer subject = subjects.get((round + turn) % subjects.size());
        double rate = rate(subject, purpose, batch);
        table.add(subject, rate);
        System.err.printf(
            Locale.ROOT,
            "%s batch %d, round %d of %d: %s: %s%n",
            purpose,
            batch,
            round + 1,
            options.rounds(),
            subject,
            Double.isNaN(rate)
                ? "not measured"
                : String.format(Locale.ROOT, "%.1f images/s", rate));
      }
    }
    return table;
  }

  /** Returns the images per second of one turn, or NaN with the reason in the log. */
  private double rate(Peer subject, Purpose purpose, int batch) throws IOException {
    Path turn = Files.createTempFile("alexnet-turn", ".log");
    ChainedOptionsBuilder chosen =
        new OptionsBuilder()
            .mode(Mode.SingleShotTime)
            .timeUnit(TimeUnit.NANOSECONDS)
            .forks(1)
            .warmupIterations(WARMUP)
            .measurementIterations(options.steps())
            .param("batch", String.valueOf(batch))
            .param("width", options.width())
            .verbosity(VerboseMode.NORMAL)
            .output(turn.toString());
    subject.include(chosen, purpose, options.devices());
    try {
      Collection<RunResult> results = new Runner(chosen.build()).run();
      double[] nanos =
          results.stream()
              .flatMap(result -> result.getBenchmarkResults().stream())
              .flatMap(result -> result.getIterationResults().stream())
              .mapToDouble(iteration -> iteration.getPrimaryResult().getScore())
              .sorted()
              .toArray();
      if (nanos.length == options.steps()) {
        return batch * 1e9 / PeerTable.quantile(nanos, 0.5);
      }
    } catch (RunnerException e) {
      Files.writeString(turn, Files.readString(turn) + e.getMessage() + "\n");
    } finally {
      keep(turn);
    }
    failed = true;
    return Double.NaN;
  }

  private void keep(Path turn) throws IOException {
    Files.writeString(
        log,
        Files.readString(turn, StandardCharsets.UTF_8),
        StandardCharsets.UTF_8,
        StandardOpenOption.APPEND);
    Files.delete(turn);
  }

  private static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  private static String machine() throws IOException {
    Path file = Path.of("/proc/cpuinfo");
    String processor = "an unknown processor";
    if (Files.isReadable(file)) {
      try (Stream<String> lines = Files.lines(file)) {
        processor =
            lines
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.replaceFirst("^.*?: *", ""))
                .findFirst()
                .orElse(processor);
      }
    }
    return processor
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.version")
        + ", JDK "
        + Runtime.version()
        + ", "
        + LocalDate.now(ZoneOffset.UTC);
  }
}
