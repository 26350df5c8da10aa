package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.train.Initializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Question: how long does one step of the paper's network take, batch already in host memory?
 *
 * <p>Unit: milliseconds per step.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar StepBenchmark -p batch=128 -p
 * devices=cuda:0+cuda:1 -p engine=kernels,cudnn -rf json -rff step.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 10)
@Measurement(iterations = 5, time = 10)
@Fork(3)
public class StepBenchmark {

  /** Images per step. */
  @Param({"128"})
  public int batch;

  /** One device, one per tower with a plus between them, or auto. */
  @Param({"auto"})
  public String devices;

  /** TRAIN: forward, backward, update. INFER: forward. */
  @Param({"TRAIN", "INFER"})
  public Purpose purpose;

  /** What computes: kernels on any device, onednn on cpu, cudnn on cuda. */
  @Param({"kernels", "onednn", "cudnn"})
  public String engine;

  /** How our convolutions multiply on cpu: direct, winograd2, winograd4. */
  @Param({"direct"})
  public String algorithm;

  /** Factor on the hidden widths. */
  @Param({"1"})
  public double width;

  private Towers towers;
  private ByteBuffer images;
  private int[] crops;
  private int[] labels;
  private long step;

  /** Opens the devices and checks once that a step gives a plausible loss. */
  @Setup(Level.Trial)
  public void open() throws IOException {
    NetworkSpec spec = AlexNet.paper2012().scaled(width);
    Plan plan =
        Planner.plan(spec, batch, purpose, Mean.CHANNEL, 1)
            .in(Arithmetic.of(Algorithm.parse("algorithm", algorithm)));
    EngineKind kind = EngineKind.parse("engine", engine);
    Devices.Choice choice = Devices.choose(devices.replace('+', ','), spec.towers());
    choice.ids().forEach(id -> SkippedException.unlessThere(kind, id));
    towers = Towers.create(plan, choice.withEngine(Optional.of(kind)));
    Initializer.initialize(new ParameterStore(towers), 1, purpose == Purpose.TRAIN);
    towers.mean(new float[] {124, 117, 104});
    Random random = new Random(1);
    byte[] pixels = new byte[batch * spec.sourceSize() * spec.sourceSize() * 3];
    random.nextBytes(pixels);
    images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
    crops = new int[3 * batch];
    labels = random.ints(batch, 0, spec.classes()).toArray();
    double loss = run().loss();
    // Untrained, the loss is near ln(1000) = 6.9; anything else times a wrong kernel.
    if (!(loss > 5 && loss < 12)) {
      throw new IllegalStateException("the first loss is " + loss + "; expected about 6.9");
    }
    Rates.images(StepBenchmark.class, batch);
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    towers.close();
  }

  /** Loads the batch onto the devices and runs a step to its end. */
  @Benchmark
  public StepResult run() {
    towers.load(batch, images, crops, null, labels);
    // A rate of 0 would skip no work but keeps the weights in place however long this runs.
    return purpose == Purpose.TRAIN
        ? towers.step(new StepSettings(step++, 0, 0, 0.9f))
        : towers.evaluate();
  }
}
