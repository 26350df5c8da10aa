package org.alexnet4j.train;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.tower.StepResult;

/**
 * Trains for many steps and says how much memory the process held on the way, and which share of
 * the time went into logging and checkpoints instead of steps. Processor time tells it on a busy
 * machine too: the thread that logs only waits while the towers' threads work. By hand:
 *
 * <pre>java -cp ... org.alexnet4j.train.LongRun FOLDER STEPS CHECKPOINT-EVERY tiny|demo</pre>
 *
 * <p>For memory, with {@code -Xms64m -Xmx64m -XX:+AlwaysPreTouch}: a heap that may grow does.
 */
public final class LongRun {
  private LongRun() {}

  /** Counts as the run goes. */
  private static final class Meter implements RunListener {
    private final long total;
    private final List<long[]> resident = new ArrayList<>();
    private long began;
    private long now;
    private double inSteps;
    private int saved;
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final long[] processorBefore = new long[3];
    private final long[] processor = new long[3];

    Meter(long total) {
      this.total = total;
    }

    @Override
    public void started(Plan plan, int train, int test, long done, long steps) {
      began = System.nanoTime();
    }

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      inSteps += result.images() / speed;
      now = System.nanoTime();
      if (step == 0) {
        readProcessor(processorBefore);
      }
      if ((step + 1) % Math.max(1, total / 50) == 0) {
        resident.add(new long[] {step + 1, residentKib(), codeKib()});
        readProcessor(processor);
      }
    }

    /** Takes nanoseconds of all threads, of this one, and of the one that writes checkpoints. */
    private void readProcessor(long[] to) {
      to[0] = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
      to[1] = threads.getCurrentThreadCpuTime();
      to[2] =
          LongStream.of(threads.getAllThreadIds())
              .filter(id -> isWriter(threads.getThreadInfo(id)))
              .map(threads::getThreadCpuTime)
              .sum();
    }

    private static boolean isWriter(ThreadInfo thread) {
      return thread != null && thread.getThreadName().equals("checkpoint-writer");
    }

    @Override
    public void saved(Path checkpoint) {
      saved++;
    }

    void report() {
      double all = (now - began) / 1e9;
      System.out.printf(
          Locale.ROOT,
          "%.1f s to the last step, %.3f %% of it not in steps, %d checkpoints%n",
          all,
          100 * (all - inSteps) / all,
          saved);
      double used = processor[0] - processorBefore[0];
      System.out.printf(
          Locale.ROOT,
          "of %.1f s processor time %.3f %% in the thread that steps and logs, %.3f %% in the one"
              + " that writes checkpoints%n",
          used / 1e9,
          100 * (processor[1] - processorBefore[1]) / used,
          100 * (processor[2] - processorBefore[2]) / used);
      for (long[] r : resident) {
        System.out.printf(
            "step %d: %d KiB resident, %d without code and classes%n", r[0], r[1], r[1] - r[2]);
      }
      double stepsPerHour = resident.get(resident.size() - 1)[0] * 3600 / all;
      for (boolean code : new boolean[] {true, false}) {
        double slope = slope(code);
        System.out.printf(
            Locale.ROOT,
            "slope over the last half, %s code and classes: %.2f KiB per 1,000 steps, %.2f MB/h at"
                + " this pace%n",
            code ? "with" : "without",
            slope,
            slope * 1024 / 1e9 * stepsPerHour);
      }
    }

    /**
     * Returns the slope of a straight line through the second half, by least squares.
     *
     * @param code whether to count what the virtual machine compiles and loads, more and more of it
     *     for a hundred thousand steps
     */
    private double slope(boolean code) {
      List<long[]> half = resident.subList(resident.size() / 2, resident.size());
      ToLongFunction<long[]> kib = r -> code ? r[1] : r[1] - r[2];
      double x = half.stream().mapToLong(r -> r[0]).average().orElse(0);
      double y = half.stream().mapToLong(kib).average().orElse(0);
      double xy = half.stream().mapToDouble(r -> (r[0] - x) * (kib.applyAsLong(r) - y)).sum();
      double xx = half.stream().mapToDouble(r -> (r[0] - x) * (r[0] - x)).sum();
      return 1000 * xy / xx;
    }

    /** Returns what the virtual machine holds of compiled code and of classes. */
    private static long codeKib() {
      return ManagementFactory.getMemoryPoolMXBeans().stream()
              .filter(pool -> pool.getType() == MemoryType.NON_HEAP)
              .filter(pool -> !pool.getName().equals("Compressed Class Space")) // in Metaspace
              .mapToLong(pool -> pool.getUsage().getCommitted())
              .sum()
          / 1024;
    }

    private static long residentKib() {
      try {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("VmRSS:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .findFirst()
            .orElse(0);
      } catch (IOException e) {
        return 0; // another system
      }
    }
  }

  /** Trains and reports. */
  public static void main(String[] arguments) throws IOException {
    long steps = Long.parseLong(arguments[1]);
    CheckpointPolicy policy = new CheckpointPolicy(Long.parseLong(arguments[2]), 2, false, 0);
    RunOptions options = TinyRun.options(Path.of(arguments[0]), steps, false, policy, 1, "cpu:0");
    if (arguments[3].equals("demo")) {
      // An epoch of 100 steps: an evaluation is neither step nor logging.
      options =
          new RunOptions(
              ConfigReader.preset("demo"),
              "synthetic:train=3200,test=1",
              options.devices(),
              options.seed(),
              options.run(),
              steps,
              false,
              policy,
              options.explain(),
              1);
    }
    Meter meter = new Meter(steps);
    TrainingRun.run(options, meter);
    meter.report();
    System.out.println(Devices.liveHandles() + " native objects are left");
  }
}
