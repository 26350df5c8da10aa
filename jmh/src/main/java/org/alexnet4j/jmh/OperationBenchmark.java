package org.alexnet4j.jmh;

import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.EngineKind;
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
 * Question: how long does each operation of a training step take alone, fused as the step has it?
 *
 * <p>Unit: microseconds per operation of tower a, launch and wait included. What a step's layers
 * take together is in {@code ./alexnet bench}, which does not find its operands outside of the
 * caches.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar OperationBenchmark -p
 * operation=pool1.LrnPoolFprop -p batch=128 -p device=cpu:0 -rf json -rff operations.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class OperationBenchmark {
  /** One of tower a's, by layer and kind; {@code #2}: of the plane that tower b sent. */
  @Param({
    "input.Input",
    "conv1.ConvFprop",
    "pool1.LrnPoolFprop",
    "conv2.ConvFprop",
    "pool2.LrnPoolFprop",
    "conv3.ConvFprop",
    "conv3.ConvFprop#2",
    "conv4.ConvFprop",
    "conv5.ConvFprop",
    "pool5.LrnPoolFprop",
    "fc6.FcFprop",
    "fc6.FcFprop#2",
    "fc7.FcFprop",
    "fc7.FcFprop#2",
    "fc8.FcFprop",
    "fc8.FcFprop#2",
    "softmax.SoftmaxLoss",
    "fc8.FcDgrad",
    "fc8.FcDgrad#2",
    "fc8.FcWgradUpdate",
    "fc8.FcWgradUpdate#2",
    "fc7.FcDgrad",
    "fc7.FcDgrad#2",
    "fc7.FcWgradUpdate",
    "fc7.FcWgradUpdate#2",
    "fc7.Add",
    "fc6.FcDgrad",
    "fc6.FcDgrad#2",
    "fc6.FcWgradUpdate",
    "fc6.FcWgradUpdate#2",
    "fc6.Add",
    "pool5.LrnPoolBprop",
    "conv5.ConvDgrad",
    "conv5.ConvWgrad",
    "conv4.ConvDgrad",
    "conv4.ConvWgrad",
    "conv3.ConvDgrad",
    "conv3.ConvDgrad#2",
    "conv3.ConvWgrad",
    "conv3.ConvWgrad#2",
    "conv3.Add",
    "pool2.LrnPoolBprop",
    "conv2.ConvDgrad",
    "conv2.ConvWgrad",
    "pool1.LrnPoolBprop",
    "conv1.ConvWgrad",
    "update.SgdUpdate"
  })
  public String operation;

  /** Images. */
  @Param("128")
  public int batch;

  /** Factor on the hidden widths. */
  @Param("1")
  public double width;

  /** What computes: kernels on any device, onednn on cpu, cudnn on cuda. */
  @Param("kernels")
  public String engine;

  /** Where: cpu:0, cuda:0. */
  @Param("cpu:0")
  public String device;

  /** Cores of a cpu device; 0 for all. */
  @Param("0")
  public int threads;

  private OperationTrial trial;

  /** Opens the engine and holds its result against other code that computes the same. */
  @Setup(Level.Trial)
  public void open() {
    PlannedOperation planned =
        PlannedOperation.of(operation, PlannedOperation.ofStep(batch, width));
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    EngineKind kind = EngineKind.parse("engine", engine);
    trial = OperationTrial.open(planned, DeviceId.parse(device), kind, cores);
    Rates.images(OperationBenchmark.class, batch);
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    trial.close();
  }

  /** Runs the operation to its end. */
  @Benchmark
  public void run() {
    trial.run();
    trial.synchronize();
  }
}
