package org.alexnet4j.cli;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.StepTimes;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.train.Initializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures steps of the network and says where their time goes. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = {
      "Measures steps of the paper's network: images per second, memory, and the time of every layer.",
      "The images are random and already in memory; loading them is not part of the step."
    })
final class BenchCommand implements Runnable {
  private static final double LEAST_SHARE = 0.003;

  private final Console console;

  @Option(
      names = "--devices",
      paramLabel = "LIST",
      defaultValue = "auto",
      description = "One device per tower, or auto (default: auto).")
  private String devices;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "128",
      description = "Images per step (default: 128).")
  private int batch;

  @Option(
      names = "--purpose",
      paramLabel = "P",
      defaultValue = "TRAIN",
      description = "Steps of training, or forward passes: train or infer (default: train).")
  private Purpose purpose;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "10",
      description = "Measured steps, after one to warm up (default: 10).")
  private int steps;

  @Option(
      names = "--width",
      paramLabel = "X",
      defaultValue = "1",
      description = "Factor on the hidden widths (default: 1).")
  private double width;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    if (steps < 1) {
      throw new IllegalArgumentException("steps is " + steps + "; allowed: 1 or more");
    }
    if (purpose == Purpose.INSPECT) {
      throw new IllegalArgumentException("purpose is INSPECT; allowed: train, infer");
    }
    NetworkSpec spec = AlexNet.paper2012().scaled(width);
    Plan plan = Planner.plan(spec, batch, purpose, InputShape.Mean.CHANNEL, 1);
    Devices.Choice choice = Devices.choose(devices, spec.towers());
    try (Towers towers = Towers.create(plan, choice.ids())) {
      Initializer.initialize(new ParameterStore(towers), 1, purpose == Purpose.TRAIN);
      double[] seconds = measure(towers);
      print(plan, choice, seconds, times(towers));
    } catch (IOException e) {
      throw new CommandException(ExitCode.OTHER, e.getMessage());
    }
  }

  /** Returns the time of each measured step, sorted. */
  private double[] measure(Towers towers) {
    Random random = new Random(1);
    int size = towers.plan().spec().sourceSize();
    byte[] pixels = new byte[3 * size * size];
    ByteBuffer images = ByteBuffer.allocateDirect(batch * pixels.length);
    for (int i = 0; i < batch; i++) {
      random.nextBytes(pixels);
      images.put(pixels);
    }
    images.flip();
    int[] labels = random.ints(batch, 0, towers.plan().spec().classes()).toArray();
    double[] seconds = new double[steps];
    towers.mean(new float[] {128, 128, 128});
    for (int step = -1; step < steps; step++) {
      if (step == 0) {
        towers.time(true);
      }
      towers.load(batch, images, new int[3 * batch], null, labels);
      long start = System.nanoTime();
      if (purpose == Purpose.TRAIN) {
        // A rate of 0 skips no work and keeps the weights where they are, however long this runs.
        towers.step(new StepSettings(step + 1, 0, 0, 0.9f));
      } else {
        towers.evaluate();
      }
      if (step >= 0) {
        seconds[step] = (System.nanoTime() - start) / 1e9;
      }
    }
    Arrays.sort(seconds);
    return seconds;
  }

  private StepTimes times(Towers towers) {
    return new StepTimes(
        towers.plan(),
        towers.times().stream()
            .map(
                t ->
                    new StepTimes.Sample(
                        t.tower(), t.layer(), t.operation(), t.nanos() / 1e6 / t.passes()))
            .toList());
  }

  private void print(Plan plan, Devices.Choice choice, double[] seconds, StepTimes times) {
    double best = batch / seconds[0];
    double median = batch / seconds[seconds.length / 2];
    long peak = peakBytes();
    if (json) {
      console.json(
          ImmutableMap.of(
              "purpose", purpose.name(),
              "batch", batch,
              "devices", choice.ids().stream().map(Object::toString).toList(),
              "steps", steps,
              "images_per_second_best", best,
              "images_per_second_median", median,
              "peak_resident_bytes", peak,
              "operations", times.rows()));
      return;
    }
    double gflop = 2e-9 * plan.macs() * batch;
    console.result(times.text(LEAST_SHARE));
    console.result(
        purpose
            + " on "
            + choice.ids()
            + ", batch "
            + batch
            + ", "
            + steps
            + " steps: "
            + Numbers.fixed(best, 1)
            + " images/s best, "
            + Numbers.fixed(median, 1)
            + " median; a forward pass is "
            + Numbers.fixed(gflop, 1)
            + " GFLOP; peak resident memory "
            + Numbers.mebibytes(peak));
  }

  /**
   * Returns the most memory that this process has had resident, 0 where the system does not say.
   */
  private static long peakBytes() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
