package org.alexnet4j.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.CudnnEngine;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;

/**
 * One layer's pass in one engine, with its tensors, for benchmarks. The inputs are uniform in [-1,
 * 1]; the tensors are there several times, so that each {@link #run} finds them in memory and not
 * in a cache.
 *
 * <p>Threads: one.
 */
public final class LayerTrial implements AutoCloseable {
  /** Twice the largest last-level cache that we know of, an H200's 60 MB. */
  private static final long ROTATED_BYTES = 128L << 20;

  private static final long ALIGNMENT = 256;

  /** A tensor's place in every set. */
  private record Slot(long offset, long count) {}

  private final PaperLayer layer;
  private final Device device;
  private final Engine engine;
  private final Stream stream;
  private final Arena arena;
  private final List<Buffer[]> sets = new ArrayList<>();
  private final int outputs;
  private int next;

  /**
   * Opens a trial.
   *
   * @param engine kernels, onednn or cudnn
   * @param threads cores that a {@code cpu} engine may use
   * @throws IllegalArgumentException if that engine is not for this kind of device
   */
  public static LayerTrial open(PaperLayer layer, DeviceId id, String engine, int threads) {
    DeviceKind needed =
        switch (engine) {
          case "onednn" -> DeviceKind.CPU;
          case "cudnn" -> DeviceKind.CUDA;
          default -> id.kind();
        };
    if (id.kind() != needed) {
      throw new IllegalArgumentException(engine + " runs on " + needed + " devices, not on " + id);
    }
    return new LayerTrial(layer, id, engine, threads);
  }

  private LayerTrial(PaperLayer layer, DeviceId id, String engineName, int threads) {
    this.layer = layer;
    device = Device.open(id);
    device.threads(threads);
    engine = Engines.open(EngineKind.parse("engine", engineName), device, threads);
    stream = device.newStream();
    long[] counts = counts(layer);
    long bytes = 0;
    Slot[] slots = new Slot[counts.length];
    for (int i = 0; i < counts.length; i++) {
      slots[i] = new Slot(bytes, counts[i]);
      bytes += (4 * counts[i] + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    outputs = (int) counts[counts.length - 1];
    int copies = (int) Math.min(256, 1 + ROTATED_BYTES / bytes);
    arena = device.newArena(Arena.Memory.DEVICE, copies * bytes);
    float[][] values = new float[counts.length][];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < counts.length; i++) {
      values[i] = new float[(int) counts[i]];
      for (int j = 0; j < values[i].length; j++) {
        values[i][j] = 2 * random.nextFloat() - 1;
      }
    }
    Arrays.fill(values[counts.length - 1], Float.NaN);
    for (int copy = 0; copy < copies; copy++) {
      Buffer[] set = new Buffer[counts.length];
      for (int i = 0; i < set.length; i++) {
        set[i] = arena.buffer(copy * bytes + slots[i].offset(), 4 * slots[i].count());
        set[i].copyIn(stream, values[i]);
      }
      sets.add(set);
    }
    stream.rehearse(
        () -> {
          prepare(sets.get(0));
          run();
        });
    sets.forEach(this::prepare);
    engine.weightsChanged();
    stream.synchronize();
  }

  /** Returns the floats of each tensor in the order of the engine's method; the result is last. */
  private static long[] counts(PaperLayer layer) {
    boolean forward = layer.pass().equals("fprop");
    Record shape = layer.shape();
    if (shape instanceof ConvShape s) {
      return switch (layer.pass()) {
        case "fprop" -> new long[] {s.xCount(), s.wCount(), s.K(), s.yCount()};
        case "dgrad" -> new long[] {s.yCount(), s.wCount(), s.xCount()};
        default -> new long[] {s.xCount(), s.yCount(), s.wCount()};
      };
    }
    if (shape instanceof FcShape s) {
      long x = (long) s.N() * s.C();
      long w = (long) s.K() * s.C();
      long y = (long) s.N() * s.K();
      return switch (layer.pass()) {
        case "fprop" -> new long[] {x, w, s.K(), y};
        case "dgrad" -> new long[] {y, w, x};
        default -> new long[] {x, y, w};
      };
    }
    if (shape instanceof LrnShape s) {
      long n = s.count();
      return forward ? new long[] {n, n} : new long[] {n, n, n, n};
    }
    PoolShape s = (PoolShape) shape;
    return forward
        ? new long[] {s.xCount(), s.yCount()}
        : new long[] {s.xCount(), s.yCount(), s.yCount(), s.xCount()};
  }

  /** Runs the forward pass whose result the backward pass reads. */
  private void prepare(Buffer[] t) {
    if (layer.pass().equals("bprop") && layer.shape() instanceof LrnShape s) {
      engine.lrnFprop(stream, s, t[0], t[1]);
    } else if (layer.pass().equals("bprop") && layer.shape() instanceof PoolShape s) {
      engine.poolFprop(stream, s, t[0], t[1]);
    }
  }

  /** Queues the pass once, on the next set of tensors. */
  public void run() {
    Buffer[] t = sets.get(next);
    next = (next + 1) % sets.size();
    if (layer.shape() instanceof ConvShape s) {
      switch (layer.pass()) {
        case "fprop" -> engine.convFprop(stream, s, t[0], t[1], t[2], t[3], null, false, true);
        case "dgrad" -> engine.convDgrad(stream, s, t[0], t[1], null, t[2]);
        default -> engine.convWgrad(stream, s, t[0], t[1], t[2], null);
      }
    } else if (layer.shape() instanceof FcShape s) {
      switch (layer.pass()) {
        case "fprop" ->
            engine.fcFprop(stream, s, t[0], t[1], t[2], t[3], null, false, true, null, null, false);
        case "dgrad" -> engine.fcDgrad(stream, s, t[0], t[1], null, t[2]);
        default -> engine.fcWgrad(stream, s, t[0], t[1], t[2], null);
      }
    } else {
      normalizeOrPool(t);
    }
  }

  private void normalizeOrPool(Buffer[] t) {
    boolean forward = layer.pass().equals("fprop");
    if (layer.shape() instanceof LrnShape s) {
      if (forward) {
        engine.lrnFprop(stream, s, t[0], t[1]);
      } else if (engine instanceof CudnnEngine cudnn) {
        cudnn.lrnBprop(stream, s, t[0], t[1], t[2], t[3]);
      } else {
        engine.lrnBprop(stream, s, t[0], t[2], t[3]);
      }
    } else if (layer.shape() instanceof PoolShape s) {
      if (forward) {
        engine.poolFprop(stream, s, t[0], t[1]);
      } else {
        engine.poolBprop(stream, s, t[0], t[1], t[2], t[3]);
      }
    }
  }

  /** Waits until everything that was queued is done. */
  public void synchronize() {
    stream.synchronize();
  }

  /**
   * Runs the pass in this trial and in another and compares the results.
   *
   * @throws IllegalStateException if they differ by more than roundings can explain
   */
  public void verifyAgainst(LayerTrial other) {
    float[] mine = result();
    float[] theirs = other.result();
    double difference = 0;
    double size = 0;
    for (int i = 0; i < mine.length; i++) {
      difference += Math.pow((double) mine[i] - theirs[i], 2);
      size += Math.pow(theirs[i], 2);
    }
    double error = Math.sqrt(difference / size);
    if (!(error < 1e-5)) {
      throw new IllegalStateException(
          layer.key() + ": the engines differ by " + error + " of the result; allowed: 1e-5");
    }
  }

  private float[] result() {
    next = 0;
    run();
    Buffer[] set = sets.get(0);
    return set[set.length - 1].floats(stream, outputs);
  }

  /**
   * Measures calls, by events on {@code cuda}.
   *
   * @param samples how many times are taken, after a warm-up
   * @return microseconds of one call each, sorted
   */
  public double[] time(int samples) {
    for (int i = 0; i < 3; i++) {
      time();
    }
    int calls = (int) Math.max(1, Math.min(1000, 200 / time()));
    double[] times = new double[samples];
    try (Event begin = device.newEvent();
        Event end = device.newEvent()) {
      for (int sample = 0; sample < samples; sample++) {
        begin.record(stream);
        for (int call = 0; call < calls; call++) {
          run();
        }
        end.record(stream);
        end.synchronize();
        times[sample] = begin.microsecondsTo(end) / calls;
      }
    }
    Arrays.sort(times);
    return times;
  }

  private double time() {
    long begin = System.nanoTime();
    run();
    synchronize();
    return (System.nanoTime() - begin) / 1e3;
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
    stream.close();
    device.close();
  }
}
