package org.alexnet4j.jmh;

import java.util.concurrent.TimeUnit;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.KernelEngine;
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
 * Question: what does a call from Java into the native library cost by itself?
 *
 * <p>Unit: nanoseconds per call. {@code java} is a call that stays in Java, the floor of what is
 * measured here; {@code abi} crosses and returns a constant; {@code array} also hands an array
 * over; {@code handle} looks a handle up and finds nothing to wait for; {@code operation} is one of
 * the engine on a single value, with all its checks and its wait.
 *
 * <p>Run: {@code java -jar jmh/target/benchmarks.jar CallBenchmark -p device=cpu:0 -rf json -rff
 * calls.json}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(3)
public class CallBenchmark {
  /** Where the stream is: cpu:0, cuda:0. */
  @Param("cpu:0")
  public String device;

  private int version;
  private int kind;
  private int[] count;
  private Device opened;
  private KernelEngine engine;
  private Stream stream;
  private Arena arena;
  private Buffer x;

  /** Opens a device and checks what the calls return. */
  @Setup(Level.Trial)
  public void open() {
    DeviceId id = DeviceId.parse(device);
    opened = SkippedException.unlessThere(id);
    opened.threads(1);
    engine = new KernelEngine();
    stream = opened.newStream();
    arena = opened.newArena(Arena.Memory.DEVICE, Float.BYTES);
    x = arena.buffer(0, Float.BYTES);
    x.copyIn(stream, new float[] {-1});
    version = AlexnetAbi.ABI_VERSION;
    kind = id.kind().ordinal();
    count = new int[1];
    operation();
    if (abi() != version || array() < 1 || x.floats(stream, 1)[0] != 0) {
      throw new IllegalStateException("a call gave something else than it should");
    }
  }

  /** Closes what was opened. */
  @TearDown(Level.Trial)
  public void close() {
    engine.close();
    arena.close();
    stream.close();
    opened.close();
  }

  /** Returns a field: no crossing. */
  @Benchmark
  public int java() {
    return version;
  }

  /** Crosses and comes back with a constant. */
  @Benchmark
  public int abi() {
    return AlexnetAbi.alexnet_abi_version();
  }

  /** Crosses with an array, which the native side writes. */
  @Benchmark
  public int array() {
    return AlexnetAbi.alexnet_device_count(kind, count) == 0 ? count[0] : -1;
  }

  /** Crosses with a handle, which is looked up and locked; its stream is idle. */
  @Benchmark
  public void handle() {
    stream.synchronize();
  }

  /** Rectifies one value. */
  @Benchmark
  public void operation() {
    engine.reluFprop(stream, 1, x, x);
    stream.synchronize();
  }
}
