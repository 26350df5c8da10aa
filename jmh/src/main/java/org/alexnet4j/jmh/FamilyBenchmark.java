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
 * Question: how long does each family of kernels take that a step has only inside of others, or not
 * at all?
 *
 * <p>Unit: microseconds per operation of tower a, launch and wait included. Any operation of an
 * inspection, which fuses nothing, may be named.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar FamilyBenchmark -p operation=norm1.LrnFprop -p
 * engine=kernels -p device=cpu:0 -rf json -rff families.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class FamilyBenchmark {
  /** One of tower a's, by layer and kind. */
  @Param({
    "relu1.ReluFprop",
    "relu1.ReluBprop",
    "tanh1.TanhFprop",
    "tanh1.TanhBprop",
    "sigmoid1.SigmoidFprop",
    "sigmoid1.SigmoidBprop",
    "norm1.LrnFprop",
    "norm1.LrnBprop",
    "norm1.LrnMapFprop",
    "norm1.LrnMapBprop",
    "norm2.ChannelsCopy",
    "pool1.PoolFprop",
    "pool1.PoolBprop",
    "drop6.DropoutFprop",
    "drop6.DropoutBprop",
    "fc6.FcWgrad",
    "fc6.Cast",
    "conv2.BiasGrad",
    "local5.LocalFprop",
    "local5.LocalDgrad",
    "local5.LocalWgrad",
    "softmax.SoftmaxFprop",
    "softmax.SoftmaxMetrics",
    "softmax.SoftmaxBprop"
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
        PlannedOperation.of(operation, PlannedOperation.ofFamilies(batch, width));
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    EngineKind kind = EngineKind.parse("engine", engine);
    trial = OperationTrial.open(planned, DeviceId.parse(device), kind, cores);
    Rates.images(FamilyBenchmark.class, batch);
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
