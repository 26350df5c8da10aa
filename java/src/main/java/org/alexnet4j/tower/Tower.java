package org.alexnet4j.tower;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.Range;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.tower.AbortSignal.PeerFailedException;
import org.alexnet4j.tower.image.ImageSlots;
import org.alexnet4j.tower.link.RankLinks;
import org.alexnet4j.tower.link.RankMove;
import org.alexnet4j.tower.link.RankMover;
import org.alexnet4j.tower.time.Timeline;

/**
 * One tower at run time: its device, memory, streams and instructions.
 *
 * <p>Threads: after creation only the tower's own thread runs passes; the coordinator touches
 * buffers between passes.
 */
final class Tower implements AutoCloseable {
  /** In place of an index: the tower's thread runs the graph of all towers. */
  private static final int GRAPH = -1;

  private final TowerPlan plan;
  private final Device device;
  private final Engine engine;
  private final Stream compute;
  private final Stream copy;
  private final StepSource source;
  private final Buffer[] buffers;
  private final PassState state = new PassState();
  private Arena arena;
  private Buffer settings;
  private Buffer step; // all that comes with a pass in one copy, the settings first
  private Instruction[] forward;
  private Instruction[] backward;
  private OperationMarks marks;
  private List<Binder.Moved> moves = List.of();
  private int forwardMoves; // how many of them belong to the way forward
  private RankMover mover; // null if there is no other rank
  private long workspaceBytes;

  /** Index of the operation that is being queued; after the last one, the wait for the device. */
  private volatile int at;

  /** Creates a tower without memory; see {@link #allocate}. */
  Tower(TowerPlan plan, RankPart part, Device device, Engine engine) {
    this.plan = plan;
    this.device = device;
    this.engine = engine;
    this.buffers = new Buffer[plan.buffers().size()];
    Deque<AutoCloseable> opened = new ArrayDeque<>(List.of(engine));
    try {
      this.compute = device.newStream();
      opened.push(compute);
      this.copy = device.newStream();
      opened.push(copy);
      this.source = new StepSource(device, plan, part);
    } catch (RuntimeException | Error e) {
      opened.forEach(one -> closeAfter(e, one));
      throw e;
    }
  }

  private static void closeAfter(Throwable failure, AutoCloseable one) {
    try {
      one.close();
    } catch (Exception e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Allocates what the plan asks for.
   *
   * @param images the device's images
   * @throws NativeException if the device has too little; the text names the tower
   */
  void allocate(ImageSlots images) {
    long bytes = plan.memory().bytes();
    try {
      arena = device.newArena(Arena.Memory.DEVICE, bytes);
    } catch (NativeException e) {
      String name = NetworkSpec.towerName(plan.tower());
      long mebibytes = (bytes + (1 << 20) - 1) >> 20;
      String needs =
          String.format(Locale.ROOT, "tower %s needs %d MiB on %s: ", name, mebibytes, device);
      throw new NativeException(e.status(), needs + e.getMessage(), e);
    }
    int slice = 0; // of images, in their order
    for (int i = 0; i < buffers.length; i++) {
      BufferSpec spec = plan.buffers().get(i);
      buffers[i] =
          spec.kind() == BufferSpec.Kind.IMAGES
              ? images.images(slice++)
              : arena.buffer(plan.memory().offsets().get(i), spec.bytes());
    }
    step = arena.buffer(0, plan.stepBytes());
    settings = buffers[plan.buffer("settings").id()];
  }

  /**
   * Binds the operations.
   *
   * @param links what moves between ranks, or null if there is one alone
   */
  void bind(Exchange exchange, RankLinks links) {
    if (links != null) {
      mover = new RankMover("tower-" + NetworkSpec.towerName(plan.tower()) + "-moves");
    }
    Binder binder =
        new Binder(plan.tower(), engine, compute, copy, exchange, settings, buffers, links, mover);
    moves = binder.moves();
    forward = bind(binder, plan.forward());
    forwardMoves = moves.size();
    backward = bind(binder, plan.backward());
    workspaceBytes = compute.rehearse(this::rehearse);
  }

  private static Instruction[] bind(Binder binder, List<Operation> operations) {
    Instruction[] instructions = new Instruction[operations.size()];
    for (int i = 0; i < instructions.length; i++) {
      Operation operation = operations.get(i);
      Instruction bound = operation.accept(binder);
      Range range = new Range(operation.layer() + " " + operation.getClass().getSimpleName());
      instructions[i] = Range.AVAILABLE ? s -> range.around(() -> bound.run(s)) : bound;
    }
    return instructions;
  }

  /** Returns what the rehearsal found of the choice of kernels. */
  List<String> notes() {
    return compute.notes();
  }

  /** Every operation in every form in which a pass may use it; nothing is launched. */
  private void rehearse() {
    PassState all = new PassState();
    all.labelled = true;
    for (boolean training : new boolean[] {true, false}) {
      all.training = training;
      rehearse(plan.forward(), forward, all);
      rehearse(plan.backward(), backward, all);
    }
    ImmutableMap.Builder<String, Float> frozen = ImmutableMap.builder();
    plan.parameters().stream().map(ParameterSpec::layer).distinct().forEach(l -> frozen.put(l, 0f));
    all.factors = RateFactors.ofWeights(frozen.buildOrThrow());
    rehearse(plan.backward(), backward, all);
  }

  private static void rehearse(
      List<Operation> operations, Instruction[] instructions, PassState all) {
    for (int i = 0; i < instructions.length; i++) {
      Operation operation = operations.get(i);
      if (!isMove(operation)) {
        instructions[i].run(all);
      }
    }
  }

  static boolean isMove(Operation operation) {
    return operation instanceof Operation.Send
        || operation instanceof Operation.Receive
        || isBetweenRanks(operation);
  }

  private static boolean isBetweenRanks(Operation operation) {
    return operation instanceof Operation.Allgather
        || operation instanceof Operation.Alltoall
        || operation instanceof Operation.BeginAllgather
        || operation instanceof Operation.BeginAlltoall
        || operation instanceof Operation.AwaitMove;
  }

  TowerPlan plan() {
    return plan;
  }

  Device device() {
    return device;
  }

  Engine engine() {
    return engine;
  }

  Stream stream() {
    return compute;
  }

  Buffer buffer(int id) {
    return buffers[id];
  }

  PassState state() {
    return state;
  }

  /** Returns the bytes of scratch memory that the operations share. */
  long workspaceBytes() {
    return workspaceBytes;
  }

  /** Returns the host's side of what comes with a pass. */
  StepSource source() {
    return source;
  }

  /** Queues the copy of what the next pass needs to know; called by the coordinator. */
  void prepare(StepSettings next, int slot) {
    at = 0;
    source.send(next, slot, compute, step);
  }

  /** Returns the streams that a pass uses; the first one computes. */
  List<Stream> streams() {
    return List.of(compute, copy);
  }

  /** Returns how many operations a pass has. */
  int count(boolean withBackward) {
    return forward.length + (withBackward ? backward.length : 0);
  }

  /** Returns an operation, forward and backward counted through. */
  Operation operation(int index) {
    return index < forward.length
        ? plan.forward().get(index)
        : plan.backward().get(index - forward.length);
  }

  /** Queues one operation of the present pass. */
  void queue(int index) {
    markBefore(index);
    run(index);
    markAfter(index);
  }

  /**
   * Queues one operation of the present pass of each of two towers of one device, so that they are
   * one launch where their kernels can be. Each has the time of both, and of its wait for the
   * other.
   */
  static void queueTogether(Tower one, int index, Tower other, int otherIndex) {
    one.markBefore(index);
    other.markBefore(otherIndex);
    one.compute.pair(
        other.compute,
        () -> {
          one.run(index);
          other.run(otherIndex);
        });
    one.markAfter(index);
    other.markAfter(otherIndex);
  }

  private void run(int index) {
    (index < forward.length ? forward[index] : backward[index - forward.length]).run(state);
  }

  private void markBefore(int index) {
    if (marks != null && index == 0) {
      marks.after(0);
    }
  }

  private void markAfter(int index) {
    if (marks != null) {
      marks.after(index + 1);
    }
  }

  /** Sets who takes the times between operations from now on, or null. */
  void measure(OperationMarks by) {
    marks = by;
  }

  /**
   * Queues a pass, or as much of it as there is before another tower fails; called by the tower's
   * thread.
   *
   * @param last queues what comes behind the pass
   * @throws TowerException if an operation fails
   */
  void run(boolean withBackward, AbortSignal abort, Runnable last) {
    try {
      int count = count(withBackward);
      for (int i = 0; i < count; i++) {
        abort.throwIfRaised();
        at = i;
        queue(i);
      }
      at = count(true);
      last.run();
    } catch (PeerFailedException e) {
      throw e;
    } catch (RuntimeException e) {
      throw new TowerException(where(), e);
    }
  }

  /** Says that the thread of this tower runs the pass of all towers as a graph. */
  void enterGraph() {
    at = GRAPH;
  }

  /** Returns how far the present pass is: the index of an operation. */
  int at() {
    return at;
  }

  /** Returns the moves between ranks; asked between passes. */
  List<Binder.Moved> moves() {
    return moves;
  }

  /**
   * Returns the moves between ranks of the pass that ended last.
   *
   * @param withBackward whether it went back as well
   * @param originNanos from where their times are counted, by {@link System#nanoTime}
   */
  List<Timeline.Move> movesOfLast(boolean withBackward, long originNanos) {
    List<Timeline.Move> last = new ArrayList<>();
    for (Binder.Moved moved : moves.subList(0, withBackward ? moves.size() : forwardMoves)) {
      RankMove move = moved.move();
      double end = 1e-3 * (move.endOfLast() - originNanos);
      last.add(
          new Timeline.Move(
              plan.tower(),
              moved.layer(),
              moved.kind(),
              moved.plane(plan),
              move.bytes(),
              last.size() >= forwardMoves,
              end - 1e-3 * move.nanosOfLast(),
              end));
    }
    return last;
  }

  /** Returns whether something still moves from or to its memory. */
  boolean isMoving() {
    return mover != null && !mover.isIdle();
  }

  /** Returns whether the tower waits for another one, or for another rank. */
  boolean isReceiving() {
    int index = at;
    if (index == GRAPH || index >= count(true)) {
      return false;
    }
    Operation operation = operation(index);
    return operation instanceof Operation.Receive || isBetweenRanks(operation);
  }

  /** Returns where the tower is, for messages: {@code tower b, conv3 ConvFprop, step 12}. */
  String where() {
    int index = at;
    if (index == GRAPH) {
      return "graph of " + state.describe();
    }
    String doing = "waiting for " + device;
    if (index < count(true)) {
      Operation operation = operation(index);
      doing = operation.layer() + " " + operation.getClass().getSimpleName();
    }
    return String.format(
        Locale.ROOT,
        "tower %s, %s, %s",
        NetworkSpec.towerName(plan.tower()),
        doing,
        state.describe());
  }

  @Override
  public void close() {
    engine.close();
    source.close();
    if (mover != null) {
      mover.close();
    }
    moves.forEach(moved -> moved.move().close());
    if (arena != null) {
      arena.close();
    }
    copy.close();
    compute.close();
  }
}
