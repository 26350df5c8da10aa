package org.alexnet4j.tower;

import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Range;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.TowerPlan;

/**
 * One tower at run time: its device, memory, streams and instructions.
 *
 * <p>Threads: after creation only the tower's own thread runs passes; the coordinator touches
 * buffers between passes.
 */
final class Tower implements AutoCloseable {
  private final TowerPlan plan;
  private final Device device;
  private final Engine engine;
  private final Stream compute;
  private final Stream copy;
  private final Arena arena;
  private final SettingsSource settingsSource;
  private final Buffer settings;
  private final Buffer[] buffers;
  private final PassState state = new PassState();
  private Instruction[] forward;
  private Instruction[] backward;
  private OperationMarks marks;
  private long workspaceBytes;

  Tower(TowerPlan plan, Device device, Engine engine) {
    this.plan = plan;
    this.device = device;
    this.engine = engine;
    this.compute = device.newStream();
    this.copy = device.newStream();
    this.arena = device.newArena(Arena.Memory.DEVICE, plan.memory().bytes());
    this.buffers = new Buffer[plan.buffers().size()];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = arena.buffer(plan.memory().offsets().get(i), plan.buffers().get(i).bytes());
    }
    this.settings = buffers[plan.buffer("settings").id()];
    this.settingsSource = new SettingsSource(device);
  }

  void bind(Exchange exchange) {
    Binder binder = new Binder(engine, compute, copy, exchange, settings, buffers);
    forward = bind(binder, plan.forward());
    backward = bind(binder, plan.backward());
    workspaceBytes = compute.rehearse(this::rehearse);
  }

  private static Instruction[] bind(Binder binder, List<Operation> operations) {
    Instruction[] instructions = new Instruction[operations.size()];
    for (int i = 0; i < instructions.length; i++) {
      Operation operation = operations.get(i);
      Instruction bound = binder.bind(operation);
      Range range = new Range(operation.layer() + " " + operation.getClass().getSimpleName());
      instructions[i] = Range.AVAILABLE ? s -> range.around(() -> bound.run(s)) : bound;
    }
    return instructions;
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
  }

  private static void rehearse(
      List<Operation> operations, Instruction[] instructions, PassState all) {
    for (int i = 0; i < instructions.length; i++) {
      Operation operation = operations.get(i);
      if (!(operation instanceof Operation.Send || operation instanceof Operation.Receive)) {
        instructions[i].run(all);
      }
    }
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

  /** Queues the copy of what the next pass needs to know; called by the coordinator. */
  void prepare(StepSettings next, int slot) {
    settingsSource.write(next.step(), next.rate(), next.biasRate(), next.momentum(), slot);
    settingsSource.copyTo(compute, settings);
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
    if (marks != null && index == 0) {
      marks.after(0);
    }
    (index < forward.length ? forward[index] : backward[index - forward.length]).run(state);
    if (marks != null) {
      marks.after(index + 1);
    }
  }

  /** Sets who takes the times between operations from now on, or null. */
  void measure(OperationMarks by) {
    marks = by;
  }

  /** Runs a pass to its end; called by the tower's thread. */
  void run(boolean withBackward) {
    int count = count(withBackward);
    for (int i = 0; i < count; i++) {
      queue(i);
    }
    compute.synchronize();
    copy.synchronize();
  }

  @Override
  public void close() {
    engine.close();
    settingsSource.close();
    arena.close();
    copy.close();
    compute.close();
  }
}
