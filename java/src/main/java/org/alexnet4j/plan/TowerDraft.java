package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntSupplier;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.MemoryPlan.Life;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.shape.SgdShape;

/** The growing plan of one tower. */
final class TowerDraft {
  private static final int END = TransferLives.END;

  /** So that sums over all buffers fit into 63 bits. */
  private static final long MAX_BYTES = 1L << 50;

  final int tower;

  /** Of a value of an activation or its gradient. */
  final int valueBytes;

  final List<BufferSpec> buffers = new ArrayList<>();
  final List<Operation> backward = new ArrayList<>();

  /** What is done on the way forward; while a slice is computed again, that goes the way back. */
  List<Operation> forward = new ArrayList<>();

  final List<ParameterSpec> parameters = new ArrayList<>();

  /** What the names of a slice's buffers end in. */
  String suffix = "";

  TowerDraft(int tower, Precision precision) {
    this.tower = tower;
    this.valueBytes = precision.valueBytes();
  }

  /** Returns the name of a buffer without what tells slices apart. */
  String plainName(int buffer) {
    String name = buffers.get(buffer).name();
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  /** Adds a buffer of float32, int32 or bytes. */
  int buffer(String plainName, String layer, Kind kind, long bytes, Extent extent) {
    int valueBytes = kind == Kind.IMAGES ? 1 : Float.BYTES;
    return buffer(plainName, layer, kind, bytes, valueBytes, extent);
  }

  private int buffer(
      String plainName, String layer, Kind kind, long bytes, int valueBytes, Extent extent) {
    String name = plainName + suffix;
    if (bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          name + " needs " + bytes + " bytes; allowed: up to 2^50, which no device has");
    }
    buffers.add(new BufferSpec(buffers.size(), name, layer, kind, bytes, valueBytes, extent, null));
    return buffers.size() - 1;
  }

  /** Adds a part of a buffer. */
  int part(int of, String name, long firstByte, long bytes) {
    BufferSpec whole = buffers.get(of);
    buffers.add(
        new BufferSpec(
            buffers.size(),
            whole.name() + name,
            whole.layer(),
            whole.kind(),
            bytes,
            whole.valueBytes(),
            null,
            new BufferSpec.Within(of, firstByte)));
    return buffers.size() - 1;
  }

  /** The same for what slices have in common. */
  int common(String name, String layer, Kind kind, long bytes, Extent extent) {
    return common(() -> buffer(name, layer, kind, bytes, extent));
  }

  /** Adds what slices have in common and the precision says how to store. */
  int commonStored(String name, String layer, Kind kind, long count, Extent extent) {
    return common(() -> stored(name, layer, kind, count, extent));
  }

  private int common(IntSupplier added) {
    String present = suffix;
    suffix = "";
    try {
      return added.getAsInt();
    } finally {
      suffix = present;
    }
  }

  /** Adds a plane for some images. */
  int plane(String name, String layer, Kind kind, Extent extent, int batch) {
    return stored(name, layer, kind, (long) batch * extent.count(), extent);
  }

  /** Adds values of activations or their gradients, which the precision says how to store. */
  int stored(String name, String layer, Kind kind, long count, Extent extent) {
    return buffer(name, layer, kind, valueBytes * count, valueBytes, extent);
  }

  /** Returns the pieces that have a rate and a stored gradient. */
  List<ParameterSpec> stored() {
    return parameters.stream().filter(p -> p.rate() > 0 && p.gradient() >= 0).toList();
  }

  /** Ends the way back: one update of all these pieces. */
  void update(List<ParameterSpec> stored) {
    for (List<ParameterSpec> together : Lists.partition(stored, SgdShape.MOST_ARRAYS)) {
      backward.add(new Operation.SgdUpdate("update", ImmutableList.copyOf(together)));
    }
  }

  /** Copies the weights that were updated as products of this precision read them. */
  void cast() {
    for (ParameterSpec p : parameters) {
      if (p.copy() >= 0 && p.rate() > 0) {
        backward.add(new Operation.Cast(p.layer(), p.count(), p.value(), p.copy()));
      }
    }
  }

  /**
   * Ends planning.
   *
   * @param transfers how long their ends need memory, or null: to the end of the step and from its
   *     start
   */
  TowerPlan finish(Purpose purpose, TransferLives transfers) {
    MemoryPlan memory = MemoryPlan.place(buffers, lives(purpose, transfers));
    return new TowerPlan(
        tower,
        ImmutableList.copyOf(buffers),
        ImmutableList.copyOf(forward),
        ImmutableList.copyOf(backward),
        ImmutableList.copyOf(parameters),
        memory);
  }

  /** Returns for each buffer the operations that need it. */
  private List<Life> lives(Purpose purpose, TransferLives transfers) {
    int[] first = new int[buffers.size()];
    int[] last = new int[buffers.size()];
    Arrays.fill(first, END);
    Arrays.fill(last, -1);
    int[] fetched = new int[buffers.size()];
    int index = 0;
    for (List<Operation> pass : List.of(forward, backward)) {
      for (Operation operation : pass) {
        for (int used : operation.buffers()) {
          int id = buffers.get(used).memory();
          first[id] = Math.min(first[id], index);
          last[id] = index;
        }
        if (operation instanceof Operation.Receive receive) {
          int start = transfers == null ? 0 : transfers.targetStart(receive.transfer());
          first[receive.buffer()] = Math.min(first[receive.buffer()], start);
        } else if (operation instanceof Operation.Send send) {
          int end = transfers == null ? END : transfers.sourceEnd(send.transfer());
          fetched[send.buffer()] = Math.max(fetched[send.buffer()], end);
        }
        index++;
      }
    }
    List<Life> lives = new ArrayList<>();
    for (BufferSpec buffer : buffers) {
      int id = buffer.memory();
      boolean whole =
          switch (buffer.kind()) {
            case IMAGES, STEP, BATCH, PARAMETER, VELOCITY -> true;
            default -> purpose == Purpose.INSPECT || last[id] < 0;
          };
      lives.add(whole ? new Life(0, END) : new Life(first[id], Math.max(fetched[id], last[id])));
    }
    return lives;
  }
}
