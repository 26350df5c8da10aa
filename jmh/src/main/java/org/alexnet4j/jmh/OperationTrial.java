package org.alexnet4j.jmh;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.engine.OneDnnLibrary;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.tower.Binder;

/**
 * One operation of a plan in one engine, with the buffers that it reads and writes, several times
 * over, so that each {@link #run} finds them in memory and not in a cache.
 *
 * <p>Floats are uniform in [-1, 1], the same for the same operation wherever it runs. The learning
 * rate is so small that weights stay what they are however long this runs, and not 0, with which
 * velocities would sink into denormal numbers.
 *
 * <p>Threads: one.
 */
final class OperationTrial implements AutoCloseable {
  /** Twice the largest last-level cache that we know of, an H200's 60 MB. */
  private static final long ROTATED_BYTES = 128L << 20;

  private static final int MOST_SETS = 64;
  private static final int SETTINGS_BYTES = 24;
  private static final double TOLERANCE = 1e-5; // as LayerTrial's
  private static final float RATE = 1e-7f;
  private static final float MOMENTUM = 0.9f;

  private final PlannedOperation planned;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Device device;
  private final Engine engine;
  private final Stream stream;
  private final List<Runnable> calls = new ArrayList<>();
  private final List<Buffer[]> sets = new ArrayList<>();
  private int next;

  /**
   * Opens a trial, and holds one run of it against a reference where there is one.
   *
   * @param threads cores of a {@code cpu} or {@code emu} device
   * @throws SkippedException if the engine is not for that device, or one of them is not there
   * @throws IllegalStateException if the result is wrong
   */
  static OperationTrial open(
      PlannedOperation planned, DeviceId id, EngineKind engine, int threads) {
    SkippedException.unlessThere(engine, id);
    OperationTrial trial = new OperationTrial(planned, id, engine, threads);
    try {
      trial.verify(threads);
      return trial;
    } catch (RuntimeException | Error e) {
      trial.close();
      throw e;
    }
  }

  private OperationTrial(PlannedOperation planned, DeviceId id, EngineKind kind, int threads) {
    this.planned = planned;
    try {
      device = keep(Device.open(id));
      device.threads(threads);
      engine = keep(Engines.open(kind, device, threads));
      stream = keep(device.newStream());
      Buffer settings =
          keep(device.newArena(Arena.Memory.DEVICE, SETTINGS_BYTES)).buffer(0, SETTINGS_BYTES);
      SettingsSource source = keep(new SettingsSource(device));
      source.write(0, RATE, RATE, MOMENTUM, 0);
      source.copyTo(stream, settings);
      allocate();
      fill();
      for (Buffer[] set : sets) {
        prepare(set);
        calls.add(Binder.ofStep(planned.operation(), engine, stream, settings, set));
      }
      stream.rehearse(calls.get(0));
      engine.weightsChanged();
      stream.synchronize();
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T keep(T resource) {
    opened.add(resource);
    return resource;
  }

  private List<BufferSpec> used() {
    return planned.operation().buffers().stream()
        .distinct()
        .sorted()
        .map(planned.plan().buffers()::get)
        .toList();
  }

  private void allocate() {
    Map<Integer, Long> offsets = new TreeMap<>();
    long bytes = 0;
    for (BufferSpec spec : used()) {
      offsets.put(spec.id(), bytes);
      long mask = Arena.ALIGNMENT_BYTES - 1;
      bytes += spec.bytes() + mask & ~mask;
    }
    // What computes a billion times slower than memory need not fear caches.
    boolean rotates = device.id().kind() != DeviceKind.EMU;
    int copies = rotates ? (int) Math.min(MOST_SETS, 1 + ROTATED_BYTES / bytes) : 1;
    Arena arena = keep(device.newArena(Arena.Memory.DEVICE, copies * bytes));
    for (int copy = 0; copy < copies; copy++) {
      Buffer[] set = new Buffer[planned.plan().buffers().size()];
      for (BufferSpec spec : used()) {
        set[spec.id()] = arena.buffer(copy * bytes + offsets.get(spec.id()), spec.bytes());
      }
      sets.add(set);
    }
  }

  /** Writes the same values to every set. */
  private void fill() {
    for (BufferSpec spec : used()) {
      List<Buffer> copies = sets.stream().map(set -> set[spec.id()]).toList();
      SplittableRandom random = new SplittableRandom(spec.id());
      int count = Math.toIntExact(spec.bytes() / Float.BYTES);
      switch (spec.name()) {
        case "images" -> {
          byte[] pixels = new byte[Math.toIntExact(spec.bytes())];
          random.nextBytes(pixels);
          ByteBuffer direct = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
          copies.forEach(buffer -> buffer.copyIn(stream, 0, direct));
        }
        case "crops", "labels" -> copies.forEach(buffer -> buffer.copyIn(stream, new int[count]));
        default -> {
          boolean probabilities = spec.name().equals("softmax");
          float[] values = new float[count];
          for (int i = 0; i < count; i++) {
            values[i] = probabilities ? 1 - random.nextFloat() : 2 * random.nextFloat() - 1;
          }
          copies.forEach(buffer -> buffer.copyIn(stream, values));
        }
      }
    }
  }

  /** Runs the forward pass whose result the backward pass compares with its input. */
  private void prepare(Buffer[] set) {
    if (planned.operation() instanceof Operation.PoolBprop o) {
      engine.poolFprop(stream, o.shape(), set[o.x()], set[o.y()]);
    }
  }

  /** Queues the operation once, on the next set of buffers. */
  void run() {
    calls.get(next).run();
    next = (next + 1) % calls.size();
  }

  /** Waits until everything that was queued is done. */
  void synchronize() {
    stream.synchronize();
  }

  /** Returns the engine that computes the same by other code, if there is one. */
  private Optional<EngineKind> reference() {
    boolean ours = engine.kind() == EngineKind.KERNELS && device.id().kind() == DeviceKind.CPU;
    if (!ours) {
      return Optional.of(EngineKind.KERNELS);
    }
    Operation o = planned.operation();
    boolean product =
        o instanceof Operation.ConvFprop
            || o instanceof Operation.ConvDgrad
            || o instanceof Operation.ConvWgrad
            || o instanceof Operation.FcFprop
            || o instanceof Operation.FcDgrad
            || o instanceof Operation.FcWgrad
            || o instanceof Operation.FcWgradUpdate;
    return product && OneDnnLibrary.missing().isEmpty()
        ? Optional.of(EngineKind.ONEDNN)
        : Optional.empty();
  }

  private void verify(int threads) {
    List<float[]> before = floats();
    run();
    List<float[]> mine = floats();
    boolean changed = false;
    for (int i = 0; i < mine.size(); i++) {
      changed |= requireFinite(before.get(i), mine.get(i));
    }
    if (!changed) {
      throw new IllegalStateException(planned.name() + " wrote nothing");
    }
    Optional<EngineKind> other = reference();
    if (other.isPresent()) {
      DeviceId cpu = new DeviceId(DeviceKind.CPU, 0);
      try (OperationTrial reference = new OperationTrial(planned, cpu, other.get(), threads)) {
        reference.run();
        List<float[]> theirs = reference.floats();
        String what =
            planned.name()
                + ": "
                + engine.kind()
                + " on "
                + device
                + " and "
                + other.get()
                + " on cpu:0";
        for (int i = 0; i < mine.size(); i++) {
          requireEqual(what, mine.get(i), theirs.get(i));
        }
      }
    }
  }

  /** Returns every buffer of floats of the first set. */
  private List<float[]> floats() {
    return used().stream()
        .filter(spec -> !List.of("images", "crops", "labels").contains(spec.name()))
        .map(spec -> sets.get(0)[spec.id()].floats(stream, (int) (spec.bytes() / Float.BYTES)))
        .toList();
  }

  /** Returns whether the values are others than before. */
  private boolean requireFinite(float[] before, float[] after) {
    boolean changed = false;
    for (int i = 0; i < after.length; i++) {
      if (!Float.isFinite(after[i])) {
        throw new IllegalStateException(
            planned.name() + ": element " + i + " of a buffer is " + after[i]);
      }
      changed |= before[i] != after[i];
    }
    return changed;
  }

  /**
   * Checks a result against one of other code.
   *
   * @param what both are, for the message
   * @throws IllegalStateException if they differ by more than the roundings of a long sum
   */
  static void requireEqual(String what, float[] mine, float[] theirs) {
    double difference = 0;
    double size = 0;
    for (int i = 0; i < mine.length; i++) {
      difference += Math.pow((double) mine[i] - theirs[i], 2);
      size += Math.pow(theirs[i], 2);
    }
    if (!(difference <= TOLERANCE * TOLERANCE * size)) {
      throw new IllegalStateException(
          what + " differ by " + Math.sqrt(difference / size) + " of the result; allowed: 1e-5");
    }
  }

  @Override
  public void close() {
    for (int i = opened.size() - 1; i >= 0; i--) {
      try {
        opened.get(i).close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
    opened.clear();
  }
}
