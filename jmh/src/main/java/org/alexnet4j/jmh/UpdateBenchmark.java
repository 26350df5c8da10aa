package org.alexnet4j.jmh;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.engine.SgdUpdate;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape.Mean;
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
 * Question: how long does the update of all parameters of a tower take, in one call?
 *
 * <p>Unit: milliseconds per update; the gigabytes per second are those that it must move: weights
 * and velocities read and written, gradients read. In a step the large fully-connected weights are
 * updated inside of {@code FcWgradUpdate}; see {@code OperationBenchmark}.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar UpdateBenchmark -p device=cuda:0 -rf json -rff
 * update.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class UpdateBenchmark {
  private static final int SETTINGS_BYTES = 24;
  private static final float RATE = 1e-6f;
  private static final float MOMENTUM = 0.9f;

  /** Factor on the hidden widths of the paper's network. */
  @Param("1")
  public double width;

  /** What computes: kernels on any device; the libraries have no update. */
  @Param("kernels")
  public String engine;

  /** Where: cpu:0, cuda:0. */
  @Param("cpu:0")
  public String device;

  /** Cores of a cpu device; 0 for all. */
  @Param("0")
  public int threads;

  private final List<Arena> arenas = new ArrayList<>();
  private Device opened;
  private Engine operations;
  private Stream stream;
  private SettingsSource source;
  private Buffer settings;
  private SgdUpdate update;

  /** Allocates the parameters and holds the first update against the paper's formula. */
  @Setup(Level.Trial)
  public void open() {
    EngineKind kind = EngineKind.parse("engine", engine);
    DeviceId id = DeviceId.parse(device);
    SkippedException.unlessThere(kind, id);
    opened = Device.open(id);
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    opened.threads(cores);
    operations = Engines.open(kind, opened, cores);
    stream = opened.newStream();
    settings = buffer(SETTINGS_BYTES);
    source = new SettingsSource(opened);
    // Not 0, with which velocities would sink into denormal numbers.
    source.write(0, RATE, RATE, MOMENTUM, 0);
    source.copyTo(stream, settings);
    List<ParameterSpec> parameters =
        Planner.plan(AlexNet.paper2012().scaled(width), 1, Purpose.TRAIN, Mean.CHANNEL, 1)
            .towers()
            .get(0)
            .parameters();
    ImmutableList.Builder<SgdUpdate.Item> items = ImmutableList.builder();
    long bytes = 0;
    for (ParameterSpec p : parameters) {
      long each = 4L * p.count();
      items.add(new SgdUpdate.Item(p.update(1), buffer(each), buffer(each), buffer(each)));
      bytes += 5 * each;
    }
    update = new SgdUpdate(items.build());
    update.arrays().forEach(this::check);
    Rates.bytes(UpdateBenchmark.class, bytes);
  }

  private Buffer buffer(long bytes) {
    Arena arena = opened.newArena(Arena.Memory.DEVICE, bytes);
    arenas.add(arena);
    return arena.buffer(0, bytes);
  }

  /** Fills one array, updates it alone and compares every value. */
  private void check(SgdUpdate.Item item) {
    int count = Math.toIntExact(item.shape().count());
    float[] w = values(count, 1);
    float[] v = values(count, 2);
    float[] g = values(count, 3);
    item.w().copyIn(stream, w);
    item.v().copyIn(stream, v);
    item.g().copyIn(stream, g);
    operations.sgdUpdate(stream, new SgdUpdate(ImmutableList.of(item)), settings);
    float[] got = item.w().floats(stream, count);
    double rate = (double) RATE * item.shape().rateFactor();
    for (int i = 0; i < count; i++) {
      double step = (double) MOMENTUM * v[i] - rate * ((double) item.shape().decay() * w[i] + g[i]);
      if (!(Math.abs(got[i] - (w[i] + step)) <= 1e-6)) { // some roundings of numbers below 2
        throw new IllegalStateException(
            "the update of " + w[i] + " is " + got[i] + "; expected " + (w[i] + step));
      }
    }
  }

  private static float[] values(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    return values;
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    operations.close();
    source.close();
    arenas.forEach(Arena::close);
    arenas.clear();
    stream.close();
    opened.close();
  }

  /** Updates every array and waits. */
  @Benchmark
  public void run() {
    operations.sgdUpdate(stream, update, settings);
    stream.synchronize();
  }
}
