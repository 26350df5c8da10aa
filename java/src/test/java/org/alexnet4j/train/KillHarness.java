package org.alexnet4j.train;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;

/**
 * Kills training processes with SIGKILL at random moments and looks at what is left.
 *
 * <p>A run goes through many lives until it is complete; then its final checkpoint must be equal,
 * byte for byte, to that of a run that nobody disturbed. After each kill the newest checkpoint must
 * be whole and no further back than an interval.
 *
 * <pre>java -cp ... org.alexnet4j.train.KillHarness FOLDER KILLS SEED</pre>
 */
public final class KillHarness {
  static final long STEPS = 60;
  static final long INTERVAL = 5;

  private static final int FOREVER = Integer.MAX_VALUE - 1;

  /** What Java calls the end by SIGKILL. */
  private static final int KILLED = 128 + 9;

  private final Path folder;
  private final Random random;
  private int kills;
  private int completeRuns;
  private int equalRuns;
  private int unfinishedFiles;
  private int beforeFirst;
  private long furthestBack;

  KillHarness(Path folder, long seed) {
    this.folder = folder;
    this.random = new Random(seed);
  }

  /** Trains as told on the command line; the process that is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws IOException {
      Path run = Path.of(arguments[0]);
      boolean resume = !new RunFolder(run).checkpoints().isEmpty();
      if (!resume) {
        clear(run); // killed before its first checkpoint: there is nothing to resume
      }
      CheckpointPolicy policy = new CheckpointPolicy(INTERVAL, 2, false, 0);
      RunOptions options = TinyRun.options(run, STEPS, resume, policy, 1, "cpu:0");
      System.out.write(0);
      System.out.flush();
      TrainingRun.run(
          options,
          new RunListener() {
            @Override
            public void step(
                long step, int epoch, StepResult result, float rate, double speed, double waited) {
              System.out.write(0);
              System.out.flush();
            }
          });
    }
  }

  private static void clear(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What came of the kills. */
  record Report(
      int kills,
      int completeRuns,
      int equalRuns,
      int unfinishedFiles,
      int beforeFirst,
      long furthestBack) {}

  /** Kills so many processes, and lets the last run come to its end. */
  Report run(int wanted) throws IOException, InterruptedException {
    Path whole = folder.resolve("whole");
    live(whole, FOREVER, 0);
    byte[] expected = last(whole);
    for (int number = 0; kills < wanted; number++) {
      Path run = folder.resolve("run-" + number);
      while (!complete(run)) {
        // Most lives train, so that runs come to their end; some end while they begin.
        int steps = kills >= wanted ? FOREVER : random.nextInt(4) == 0 ? 0 : random.nextInt(30);
        long began = saved(run);
        Life life = live(run, steps, random.nextInt(steps == 0 ? 600 : 30));
        if (life.killed()) {
          kills++;
          inspect(run, began + life.steps());
        }
        if (kills % 50 == 0 && life.killed()) {
          System.out.println(report());
        }
      }
      completeRuns++;
      if (Arrays.equals(expected, last(run))) {
        equalRuns++;
      } else {
        System.out.println("different: " + run);
      }
      clear(run);
    }
    return report();
  }

  Report report() {
    return new Report(kills, completeRuns, equalRuns, unfinishedFiles, beforeFirst, furthestBack);
  }

  private static boolean complete(Path run) throws IOException {
    return Files.exists(new RunFolder(run).checkpoint(STEPS));
  }

  private static byte[] last(Path run) throws IOException {
    return Files.readAllBytes(new RunFolder(run).checkpoint(STEPS));
  }

  /** Returns the step at which a run would go on. */
  private static long saved(Path run) throws IOException {
    return new RunFolder(run).latest().map(RunFolder::step).orElse(0L);
  }

  /** A process: whether it was killed before its end, and how many steps it did. */
  private record Life(boolean killed, int steps) {}

  /**
   * Lets a process train and kills it.
   *
   * @param steps how many it may do
   * @param milliseconds how long it lives after these
   */
  private static Life live(Path run, int steps, long milliseconds)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"));
    String cache = System.getProperty("org.bytedeco.javacpp.cachedir");
    if (cache != null) {
      command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }
    command.addAll(List.of(System.getProperty("alexnet.kill.options", "").split(" ")));
    command.removeIf(String::isEmpty);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Child.class.getName(), run.toString()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    InputStream signs = process.getInputStream();
    int seen = 0;
    while (seen <= steps && signs.read() >= 0) {
      seen++;
    }
    if (seen <= steps) {
      process.waitFor();
    } else {
      process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
    }
    process.toHandle().destroyForcibly(); // by its handle, which leaves the pipe open
    int code = process.waitFor();
    if (code != 0 && code != KILLED) {
      throw new IOException("a process failed with " + code);
    }
    while (signs.read() >= 0) { // what it did until it was gone
      seen++;
    }
    return new Life(code != 0, Math.max(0, seen - 1));
  }

  /**
   * Holds what a kill left against what it may leave.
   *
   * @param reached steps that were done
   */
  private void inspect(Path run, long reached) throws IOException {
    RunFolder left = new RunFolder(run);
    long unfinished = 0;
    if (Files.isDirectory(run.resolve("checkpoints"))) {
      try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
        unfinished = files.filter(f -> f.getFileName().toString().endsWith(".tmp")).count();
      }
    }
    unfinishedFiles += (int) unfinished;
    for (Path file : left.checkpoints()) {
      Checkpoint.readContent(file); // throws if a byte is wrong
    }
    long saved = saved(run);
    requireLines(left, saved);
    beforeFirst += left.latest().isEmpty() ? 1 : 0;
    furthestBack = Math.max(furthestBack, reached - saved);
    if (reached - saved > INTERVAL) {
      throw new FormatException(
          run, "step " + reached, "the newest checkpoint is of step " + saved);
    }
  }

  /**
   * Metrics are written by a thread of their own, but before the checkpoint that is behind them.
   */
  private static void requireLines(RunFolder left, long saved) throws IOException {
    if (saved == 0) {
      return;
    }
    long[] steps =
        JsonLines.read(left.metrics()).stream()
            .filter(line -> line.get("kind").getAsString().equals("train"))
            .mapToLong(line -> line.get("step").getAsLong())
            .filter(step -> step < saved)
            .toArray();
    if (!Arrays.equals(steps, LongStream.range(0, saved).toArray())) {
      throw new FormatException(
          left.metrics(), "steps " + Arrays.toString(steps), "not all before step " + saved);
    }
  }

  /** Runs as many kills as asked. */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    long start = System.nanoTime();
    KillHarness harness = new KillHarness(Path.of(arguments[0]), Long.parseLong(arguments[2]));
    Report report = harness.run(Integer.parseInt(arguments[1]));
    double minutes = (System.nanoTime() - start) / 6e10;
    System.out.println(report + String.format(Locale.ROOT, " in %.1f minutes", minutes));
    if (report.equalRuns() != report.completeRuns()) {
      System.exit(1);
    }
  }
}
