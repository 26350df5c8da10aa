package org.alexnet4j.jmh;

import java.util.concurrent.TimeUnit;
import org.alexnet4j.bench.LayerTrial;
import org.alexnet4j.bench.PaperLayer;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.engine.OneDnnLibrary;
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
 * Question: how long does a caller in Java wait for one pass of one layer, in each engine?
 *
 * <p>Unit: microseconds per pass, launch and wait included; kernels alone are timed by {@code
 * ./alexnet kernels bench}.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar LayerBenchmark -p layer=conv2 -p pass=fprop -p
 * engine=kernels,onednn -p device=cpu:0 -rf json -rff layers.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(3)
public class LayerBenchmark {

  private static final DeviceId CPU = new DeviceId(DeviceKind.CPU, 0);

  /** A layer that {@link PaperLayer} names. */
  @Param({"conv1", "conv2", "conv3-plane", "conv4", "conv5", "fc6-plane", "norm1", "pool1"})
  public String layer;

  /** The pass: fprop; dgrad and wgrad of conv and fc, bprop of the others. */
  @Param("fprop")
  public String pass;

  /** Images. */
  @Param("128")
  public int batch;

  /** What computes: kernels on any device, onednn on cpu, cudnn on cuda. */
  @Param({"kernels", "onednn", "cudnn"})
  public String engine;

  /** Where: cpu:0, cuda:0. */
  @Param("cpu:0")
  public String device;

  /** Cores of a cpu device; 0 for all. */
  @Param("0")
  public int threads;

  private LayerTrial trial;

  /** Opens the engine and holds its result once against other code that computes the same. */
  @Setup(Level.Trial)
  public void open() {
    PaperLayer wanted = PaperLayer.of(pass, layer, batch);
    DeviceId id = DeviceId.parse(device);
    EngineKind kind = EngineKind.parse("engine", engine);
    SkippedException.unlessThere(kind, id);
    if (!wanted.isIn(engine)) {
      throw new SkippedException(engine + " has no " + wanted.key() + ", and would run ours");
    }
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    trial = LayerTrial.open(wanted, id, engine, cores);
    String other = reference(wanted, id, kind);
    DeviceId where = other.equals("onednn") ? id : CPU;
    try (LayerTrial reference = LayerTrial.open(wanted, where, other, cores)) {
      trial.verifyAgainst(reference);
    }
    Rates.images(LayerBenchmark.class, batch);
  }

  /** Returns oneDNN for our own kernels on the CPU where it has the pass, else these. */
  private static String reference(PaperLayer layer, DeviceId id, EngineKind engine) {
    boolean ours = engine == EngineKind.KERNELS && id.kind() == DeviceKind.CPU;
    boolean library = layer.isIn("onednn") && OneDnnLibrary.missing().isEmpty();
    return ours && library ? "onednn" : "kernels";
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    trial.close();
  }

  /** Runs the pass to its end. */
  @Benchmark
  public void run() {
    trial.run();
    trial.synchronize();
  }
}
