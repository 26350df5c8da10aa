package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.StoredFloats;
import org.alexnet4j.device.Transport;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Pieces;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.image.ImageMemory;
import org.alexnet4j.tower.link.Link;
import org.alexnet4j.tower.link.RankMove;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.tower.time.MoveTime;
import org.alexnet4j.tower.time.OperationTime;
import org.alexnet4j.tower.time.RankTime;
import org.alexnet4j.tower.time.Timeline;

/**
 * A network on its devices: one thread, two streams and one arena per tower, and the exchange
 * between them.
 *
 * <p>Either each tower's thread walks its plan, or all plans are recorded as graphs and a pass is
 * one call ({@link StepMode}).
 *
 * <p>A pass is: {@link #load} a batch, then {@link #step}, {@link #evaluate} or {@link #inspect}.
 * Both towers run their part of the plan; the call returns when all of it is done. Steps can be
 * queued one ahead: {@link #queueStep}, {@link #awaitStep}.
 *
 * <p>Errors: the first failure of any tower is thrown, failures of the others are attached to it;
 * after that the towers can only be closed.
 *
 * <p>Order: parameters and the mean are written once, then batch and pass alternate. What comes too
 * early, too late or while another thread is inside is an {@link IllegalStateException}, and
 * changes nothing.
 *
 * <p>Threads: any, one at a time; {@link #close} waits for the call that is running.
 */
public final class Towers implements AutoCloseable {
  /** How a stream calls a forced kernel that its operations do not need; another's may. */
  private static final String IDLE = "is forced, but";

  private final Plan plan;
  private final ImmutableList<DeviceId> ids;
  private final Turn turn = new Turn("towers");
  private final Readiness ready;
  private final OpenTowers open;
  private final Passes passes;
  private final Ranks ranks; // null if there is one alone
  private final Queue<Long> queued = new ArrayDeque<>(); // passes of steps that were not awaited

  private Towers(Plan plan, List<DeviceId> ids, TowerOptions options) {
    this.plan = plan;
    this.ids = ImmutableList.copyOf(ids);
    this.ranks = options.ranks();
    this.ready = new Readiness(plan);
    this.open = new OpenTowers(plan, this.ids, options, ready);
    this.passes = open.passes();
  }

  /**
   * Opens the devices, allocates what the plan asks for and binds its operations. Parameters are
   * undefined until {@link ParameterStore} writes them.
   *
   * @param plan the network laid out
   * @param ids one device per tower; a device may appear twice
   * @return the towers; the caller closes them
   * @throws IllegalArgumentException if there is not one device per tower
   * @throws DeviceMemoryException if a device has too little memory; nothing is allocated then
   * @throws NativeException if a device is missing
   */
  public static Towers create(Plan plan, List<DeviceId> ids) {
    return create(plan, ids, TowerOptions.DEFAULT);
  }

  /**
   * {@return the same for devices, a transport, an engine and kernels that somebody chose}
   *
   * @param plan the network laid out
   * @param choice devices, engine and kernels
   */
  public static Towers create(Plan plan, Devices.Choice choice) {
    return create(plan, choice, Optional.empty());
  }

  /**
   * {@return the same for one of several processes that train together, if there are several}
   *
   * @param plan the network laid out
   * @param choice devices, engine and kernels
   * @param ranks the processes that train together, if there are several
   */
  public static Towers create(Plan plan, Devices.Choice choice, Optional<Ranks> ranks) {
    TowerOptions options =
        TowerOptions.DEFAULT
            .with(choice.transport())
            .with(choice.engine().orElse(null))
            .with(choice.kernels());
    return create(plan, choice.ids(), options.with(ranks.orElse(null)));
  }

  /**
   * {@return the same with a given way to queue operations}
   *
   * @param plan the network laid out
   * @param ids one device per tower
   * @param mode how passes run
   */
  public static Towers create(Plan plan, List<DeviceId> ids, StepMode mode) {
    return create(plan, ids, TowerOptions.DEFAULT.with(mode));
  }

  /**
   * {@return the same with everything that can be decided}
   *
   * @param plan the network laid out
   * @param ids one device per tower
   * @param options how passes run, and what carries them out
   */
  public static Towers create(Plan plan, List<DeviceId> ids, TowerOptions options) {
    if (ids.size() != plan.towers().size()) {
      throw new IllegalArgumentException(
          ids.size() + " devices for " + plan.towers().size() + " towers; allowed: one per tower");
    }
    RankPart of =
        options.ranks() == null
            ? RankPart.WHOLE
            : new RankPart(options.ranks().rank(), options.ranks().count());
    if (!plan.part().equals(of)) {
      throw new IllegalArgumentException("the plan is of " + plan.part() + "; needed: " + of);
    }
    return new Towers(plan, ids, options);
  }

  /** {@return how planes get from device to device, for each pair that towers use} */
  public ImmutableList<Link> links() {
    return open.links().all();
  }

  /**
   * {@return lines for a person: each link, how ranks are linked, which planes go another way, and
   * {@link #choices}}
   */
  public ImmutableList<String> notes() {
    return Stream.of(
            open.exchange().notes(open.links()).stream(),
            open.rankNote().stream(),
            choices().stream())
        .flatMap(lines -> lines)
        .collect(ImmutableList.toImmutableList());
  }

  /**
   * {@return lines for a person, of {@link #notes}: operations that run a slow kernel or not the
   * plan's algorithm, forced kernels that no tower has an operation for, and why no launch is of
   * two towers where {@link StepMode#PAIRS} asks for that}
   */
  public ImmutableList<String> choices() {
    Stream<String> ofTowers =
        towers().stream()
            .flatMap(tower -> tower.notes().stream())
            .distinct()
            .filter(note -> !note.contains(IDLE) || isOfAll(note));
    return Stream.concat(ofTowers, open.pairNote().stream())
        .collect(ImmutableList.toImmutableList());
  }

  private boolean isOfAll(String note) {
    return towers().stream().allMatch(tower -> tower.notes().contains(note));
  }

  /**
   * {@return how a transfer of the plan gets across}
   *
   * @param transfer index in the plan's exchange
   */
  public Transport transport(int transfer) {
    return open.exchange().transport(transfer);
  }

  /** {@return the plan that runs here} */
  public Plan plan() {
    return plan;
  }

  /** {@return the device of each tower} */
  public ImmutableList<DeviceId> deviceIds() {
    return ids;
  }

  /** {@return whose code carries out each tower's operations} */
  public ImmutableList<EngineKind> engines() {
    return towers().stream()
        .map(tower -> tower.engine().kind())
        .collect(ImmutableList.toImmutableList());
  }

  /** {@return how operations get to the devices} */
  public StepMode mode() {
    return passes.mode();
  }

  /** Returns how many forms of a pass have been recorded. */
  int recordedForms() {
    return passes.recordedForms();
  }

  /** Returns how many launches have been of two towers. */
  long pairLaunches() {
    return towers().stream().mapToLong(tower -> tower.stream().pairLaunches()).sum();
  }

  /** {@return the bytes of scratch memory of each tower, which its arena does not contain} */
  public ImmutableList<Long> workspaceBytes() {
    return towers().stream().map(Tower::workspaceBytes).collect(ImmutableList.toImmutableList());
  }

  ImmutableList<Tower> towers() {
    return open.towers();
  }

  /**
   * Begins a call that needs the devices, when all passes that were queued have ended; one that
   * failed has the last word.
   */
  void begin(String call) {
    begin(call, true);
  }

  private void begin(String call, boolean settled) {
    turn.begin(call);
    try {
      passes.throwFailure();
      if (settled) {
        passes.settle();
      }
    } catch (RuntimeException | Error e) {
      turn.end();
      throw e;
    }
  }

  /** Ends the call. */
  void end() {
    turn.end();
  }

  private <T> T call(String name, Supplier<T> body) {
    begin(name);
    try {
      return body.get();
    } finally {
      end();
    }
  }

  private void call(String name, Runnable body) {
    begin(name);
    try {
      body.run();
    } finally {
      end();
    }
  }

  /** A call that goes beside passes that are under way. */
  private <T> T beside(String name, Supplier<T> body) {
    begin(name, false);
    try {
      return body.get();
    } finally {
      end();
    }
  }

  /** What was measured can be asked for after a failure as well. */
  private <T> T ask(String name, Supplier<T> body) {
    turn.begin(name);
    try {
      return body.get();
    } finally {
      turn.end();
    }
  }

  /** Returns the processes that take a part each, or null if this one is alone. */
  Ranks ranks() {
    return ranks;
  }

  /**
   * Gives every rank the whole of what each of them keeps a part of up to date: the velocities of
   * pieces that all have.
   */
  void gatherOfRanks(ParameterSpec piece, Role role) {
    if (ranks == null || piece.rank() != ParameterSpec.EVERY_RANK || role == Role.VALUE) {
      return;
    }
    if (role == Role.GRADIENT) {
      throw new IllegalStateException(
          piece.tensor() + ": each rank has the gradient of its own images; allowed: one rank");
    }
    Tower tower = towers().get(piece.tower());
    Buffer buffer = tower.buffer(piece.velocity());
    Pieces shares = Pieces.shares(ranks.count(), buffer.bytes());
    try (RankMove move = RankMove.allgather(ranks, Ranks.CONTROL, tower.stream(), buffer, shares)) {
      move.run(false);
      tower.stream().synchronize();
    }
  }

  /**
   * {@return what moves between ranks took in all steps so far; nothing if there is one rank alone}
   */
  public Optional<RankTime> rankTime() {
    return ranks == null ? Optional.empty() : Optional.of(ask("rankTime", this::sumOfMoves));
  }

  private RankTime sumOfMoves() {
    ImmutableList.Builder<MoveTime> times = ImmutableList.builder();
    for (Tower tower : towers()) {
      for (Binder.Moved moved : tower.moves()) {
        RankMove move = moved.move();
        times.add(
            new MoveTime(
                tower.plan().tower(),
                moved.layer(),
                moved.kind(),
                moved.plane(tower.plan()),
                move.bytes(),
                move.times(),
                1e-3 * move.nanos(),
                1e-3 * move.waitNanos()));
      }
    }
    return new RankTime(times.build());
  }

  /** Returns what has been brought to the towers. */
  Readiness ready() {
    return ready;
  }

  /**
   * Sets what the input operation subtracts.
   *
   * @param mean three values or one per pixel and channel, as the plan's input shape says
   * @throws IllegalArgumentException if there are other values than these, or one is no number
   */
  public void mean(float[] mean) {
    call("mean", () -> open.input().mean(mean));
  }

  /**
   * Brings a batch to every tower: all get the same images and the same crops, flips and noise.
   * After a failure there is no batch. Steps that were queued go on meanwhile, where there is room
   * for the images of a second batch ({@link Plan#imageSlots}).
   *
   * <p>Images of {@link #imageMemory} are on their way when this returns: they may be overwritten
   * once that memory says so. All others have been copied.
   *
   * @param count images, at most the plan's batch; in training exactly that
   * @param images uint8 {@code [count,source,source,3]} from the start; may be longer, and a mapped
   *     file; with several ranks only those of this one ({@link Plan#ownImages}), of which a batch
   *     that is not full may have fewer or none
   * @param crops {@code [count,3]} top, left, flip (0 or 1); may be longer
   * @param noise {@code [count,4]} grey levels for red, green, blue and a factor, or null for none;
   *     may be longer
   * @param labels {@code [count]}, or null if unknown; may be longer
   * @throws IllegalArgumentException if something is too short or has a value that is not allowed
   * @throws java.io.UncheckedIOException if the images are a mapped file that was cut; the text
   *     names it
   * @throws IllegalStateException if a step is open whose images lie where these would
   */
  public void load(int count, ByteBuffer images, int[] crops, float[] noise, int[] labels) {
    beside(
        "load",
        () -> {
          if (plan.imageSlots() == 1) {
            requireNoneOpen("load");
          }
          open.input().load(count, images, crops, noise, labels);
          return null;
        });
  }

  /**
   * {@return memory for a loader's images from which these devices copy by themselves} Whoever asks
   * closes it, before or after the towers.
   */
  public ImageMemory imageMemory() {
    return beside("imageMemory", () -> open.input().memory());
  }

  /**
   * Brings the network's input itself, instead of images that the input operation would prepare.
   * After a failure there is no batch.
   *
   * @param x {@code [batch,size,size,3]}
   * @param labels {@code [batch]}, or null if unknown; may be longer
   * @throws IllegalArgumentException if {@code x} has another length, the labels are too few, or
   *     one is no class
   */
  public void loadInput(float[] x, int[] labels) {
    call("loadInput", () -> open.input().loadInput(x, labels));
  }

  /**
   * Forward, exchange, backward and update with the loaded batch. The gradients of a batch with
   * fewer images than the plan's are means over those that it has.
   *
   * @param settings rates and number of the update
   * @return loss and errors of the batch
   * @throws IllegalStateException if a batch with labels, the mean, parameters or velocities are
   *     missing; the text says what
   */
  public StepResult step(StepSettings settings) {
    Objects.requireNonNull(settings, "settings");
    return call(
        "step",
        () -> {
          requireNoneOpen("step");
          ready.requirePlan("step", Purpose.TRAIN);
          ready.requireForStep();
          return run("step", settings, true, true);
        });
  }

  /**
   * Begins what {@link #step} does and does not wait for its end, so that the next batch is brought
   * meanwhile, and the step with it queued behind. {@link #awaitStep} gives the result; two steps
   * may be open at a time.
   *
   * @param settings rates and number of the update
   * @throws IllegalStateException if two are, or something is missing; the text says what
   */
  public void queueStep(StepSettings settings) {
    Objects.requireNonNull(settings, "settings");
    beside(
        "queueStep",
        () -> {
          if (queued.size() == Passes.TURNS) {
            throw new IllegalStateException(
                "queueStep: " + queued.size() + " steps are open; await the first one");
          }
          ready.requirePlan("queueStep", Purpose.TRAIN);
          ready.requireForStep();
          ready.begin();
          queued.add(passes.queue("step", settings, true, true, open.input(), ready));
          ready.passed();
          return null;
        });
  }

  /**
   * Waits for the end of the first step that was queued and not awaited.
   *
   * @return loss and errors of its batch
   * @throws IllegalStateException if there is none
   */
  public StepResult awaitStep() {
    return beside(
        "awaitStep",
        () -> {
          if (queued.isEmpty()) {
            throw new IllegalStateException("awaitStep: no step was queued");
          }
          return passes.await(queued.remove());
        });
  }

  private void requireNoneOpen(String pass) {
    if (!queued.isEmpty()) {
      throw new IllegalStateException(
          pass
              + ": "
              + queued.size()
              + " queued step"
              + (queued.size() == 1 ? " was" : "s were")
              + " not awaited");
    }
  }

  /**
   * Forward and, if labels are known, backward without update; every tensor can then be read.
   *
   * @param settings number of the pass, which keys dropout masks
   * @param training whether units drop out as in training
   * @return loss and errors of the batch
   * @throws IllegalStateException if a batch, the mean or parameters are missing; the text says
   *     what
   */
  public StepResult inspect(StepSettings settings, boolean training) {
    Objects.requireNonNull(settings, "settings");
    return call(
        "inspect",
        () -> {
          requireNoneOpen("inspect");
          ready.requirePlan("inspect", Purpose.INSPECT);
          ready.requireFor("inspect");
          return run("inspection", settings, training, ready.isLabelled());
        });
  }

  /**
   * Forward as in testing: dropout multiplies by its keep probability.
   *
   * @return loss and errors of the batch
   * @throws IllegalStateException if a batch, the mean or parameters are missing; the text says
   *     what
   */
  public StepResult evaluate() {
    return call(
        "evaluate",
        () -> {
          requireNoneOpen("evaluate");
          ready.requireFor("evaluate");
          return run("evaluation", new StepSettings(0, 0, 0, 0), false, false);
        });
  }

  private StepResult run(String kind, StepSettings settings, boolean training, boolean backward) {
    ready.begin();
    long pass = passes.queue(kind, settings, training, backward, open.input(), ready);
    StepResult result = passes.await(pass);
    ready.passed();
    return result;
  }

  /**
   * {@return the class probabilities of the last pass, {@code [count,classes]}}
   *
   * @throws IllegalStateException if no pass has run since a batch was loaded
   */
  public float[] probabilities() {
    return call(
        "probabilities",
        () -> {
          ready.requirePassed("probabilities");
          Tower first = towers().get(0);
          return first
              .buffer(plan.probabilities())
              .floats(first.stream(), ready.images() * plan.spec().classes());
        });
  }

  /**
   * {@return a tensor of one tower as it is after the last pass}
   *
   * @param tower index
   * @param name buffer of the plan; in other plans than INSPECT its memory may have been reused
   * @throws IllegalArgumentException if there is no such tower or buffer
   */
  public float[] read(int tower, String name) {
    return call(
        "read",
        () -> {
          if (tower < 0 || tower >= towers().size()) {
            throw new IllegalArgumentException(
                "tower is " + tower + "; allowed: 0 to " + (towers().size() - 1));
          }
          Tower from = towers().get(tower);
          BufferSpec spec = from.plan().buffer(name);
          float[] values = new float[Math.toIntExact(spec.count())];
          StoredFloats.read(
              from.buffer(spec.id()), from.stream(), spec.valueBytes(), 0, values, values.length);
          return values;
        });
  }

  /**
   * Switches the measuring of operations on or off and forgets what was measured of them. On GPUs
   * it puts a mark between any two operations, so a step takes a little longer.
   *
   * @param on whether operations are timed from now on
   */
  public void time(boolean on) {
    call("time", () -> passes.time(on));
  }

  /** {@return what was measured of the operations since {@link #time} was switched on} */
  public ImmutableList<OperationTime> times() {
    return ask("times", () -> passes.times().operations());
  }

  /**
   * {@return the last pass, operation by operation}
   *
   * @throws IllegalStateException if {@link #time} was not on
   */
  public Timeline timeline() {
    return ask("timeline", () -> passes.times().timeline());
  }

  /**
   * {@return what crossed between towers since the last call, or since the start: sums over
   * training steps, or over forward passes if the plan can do no more}
   */
  public ImmutableList<ExchangeTime> takeExchange() {
    return ask("takeExchange", () -> passes.times().takeExchange());
  }

  /**
   * Closes towers, exchange and devices, in reverse order of creation, once the call that is
   * running in another thread has ended. While a tower's thread is still inside of its device
   * nothing can be taken from under it: all stays as it is then, until somebody closes again or the
   * process ends.
   *
   * @throws IllegalStateException if the caller is inside of a call of these towers
   */
  @Override
  public void close() {
    turn.beginLast();
    try {
      open.close();
    } finally {
      turn.end();
    }
  }
}
