package org.alexnet4j.train;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.tower.StepResult;

/**
 * Trains a tiny network for many steps, with an evaluation every 3 and a checkpoint every 500, and
 * says how much memory the process held on the way: all of it, and without what the virtual machine
 * compiles and loads. By hand:
 *
 * <pre>
 * java -Xms64m -Xmx64m -XX:+AlwaysPreTouch -cp ... org.alexnet4j.train.LongRun FOLDER STEPS</pre>
 *
 * <p>A heap that may grow does, so its size is given, and it is touched at the start.
 */
public final class LongRun {
  private static final int CHECKPOINT_STEPS = 500;
  private static final int SAMPLES = 50;

  private LongRun() {}

  /** What the process held when a step was done. */
  private record Sample(long step, long residentKib, long codeKib, long nanos) {
    long otherKib() {
      return residentKib - codeKib;
    }
  }

  /** Looks at the process as the run goes. */
  private static final class Meter implements RunListener {
    private final long every;
    private final List<Sample> samples = new ArrayList<>();
    private long began;

    Meter(long steps) {
      this.every = Math.max(1, steps / SAMPLES);
    }

    @Override
    public void started(Plan plan, int train, int test, long done, long steps) {
      began = System.nanoTime();
    }

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      if ((step + 1) % every == 0) {
        samples.add(new Sample(step + 1, residentKib(), codeKib(), System.nanoTime() - began));
      }
    }

    void report() {
      for (Sample s : samples) {
        System.out.printf(
            Locale.ROOT,
            "step %d: %d KiB resident, %d without code and classes%n",
            s.step(),
            s.residentKib(),
            s.otherKib());
      }
      for (int divisor : new int[] {2, 3, 10}) {
        System.out.printf(
            Locale.ROOT,
            "slope over the last 1/%d: %.2f MB/h, %.2f without code and classes%n",
            divisor,
            slope(divisor, Sample::residentKib),
            slope(divisor, Sample::otherKib));
      }
    }

    /** Returns the slope in MB an hour of a line through the last part, by least squares. */
    private double slope(int divisor, ToLongFunction<Sample> kib) {
      List<Sample> last =
          samples.subList(samples.size() - samples.size() / divisor, samples.size());
      double x = last.stream().mapToLong(Sample::nanos).average().orElse(0);
      double y = last.stream().mapToLong(kib).average().orElse(0);
      double xy = 0;
      double xx = 0;
      for (Sample s : last) {
        xy += (s.nanos() - x) * (kib.applyAsLong(s) - y);
        xx += (s.nanos() - x) * (s.nanos() - x);
      }
      double bytesPerSecond = 1024 * xy / xx * 1e9;
      return bytesPerSecond * 3600 / 1e6;
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
    CheckpointPolicy policy = new CheckpointPolicy(CHECKPOINT_STEPS, 2, false, 0);
    RunOptions options = TinyRun.options(Path.of(arguments[0]), steps, false, policy, 1, "cpu:0");
    Meter meter = new Meter(steps);
    TrainingRun.run(options, meter);
    meter.report();
    System.out.println(Devices.liveHandles() + " native objects are left");
  }
}
