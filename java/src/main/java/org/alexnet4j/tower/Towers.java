package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.device.Transport;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Purpose;

/**
 * A network on its devices: one thread, two streams and one arena per tower, and the exchange
 * between them.
 *
 * <p>Either each tower's thread walks its plan, or all plans are recorded as graphs and a pass is
 * one call ({@link StepMode}).
 *
 * <p>A pass is: {@link #load} a batch, then {@link #step}, {@link #evaluate} or {@link #inspect}.
 * Both towers run their part of the plan; the call returns when all of it is done.
 *
 * <p>Errors: the first failure of any tower is thrown, failures of the others are attached to it;
 * after that the towers can only be closed.
 *
 * <p>Threads: one caller.
 */
public final class Towers implements AutoCloseable {
  private final Plan plan;
  private final ImmutableList<DeviceId> ids;
  private final Map<DeviceId, Device> devices = new LinkedHashMap<>();
  private final AbortSignal abort = new AbortSignal();
  private final Exchange exchange;
  private final List<Tower> towers = new ArrayList<>();
  private final List<TowerThread> threads = new ArrayList<>();
  private final List<Runnable> passes = new ArrayList<>();
  private final Runnable graphPass = this::runGraph;
  private final ByteBuffer metrics;
  private TowerInput input;
  private PassTimes times;
  private Links links;
  private Watchdog watchdog;
  private StepMode mode;
  private StepGraphs graphs;
  private boolean withBackward;
  private long pass;

  private Towers(Plan plan, List<DeviceId> ids) {
    this.plan = plan;
    this.ids = ImmutableList.copyOf(ids);
    this.exchange = new Exchange(plan.exchange(), abort);
    this.metrics = ByteBuffer.allocateDirect(12 * plan.batch()).order(ByteOrder.nativeOrder());
  }

  /**
   * Opens the devices, allocates what the plan asks for and binds its operations. Parameters are
   * undefined until {@link ParameterStore} writes them.
   *
   * @param plan the network laid out
   * @param ids one device per tower; a device may appear twice
   * @throws IllegalArgumentException if there is not one device per tower
   * @throws DeviceMemoryException if a device has too little memory; nothing is allocated then
   * @throws NativeException if a device is missing
   */
  public static Towers create(Plan plan, List<DeviceId> ids) {
    return create(plan, ids, TowerOptions.DEFAULT);
  }

  /** The same for devices and a transport that somebody chose. */
  public static Towers create(Plan plan, Devices.Choice choice) {
    return create(plan, choice.ids(), TowerOptions.DEFAULT.with(choice.transport()));
  }

  /** The same with a given way to queue operations. */
  public static Towers create(Plan plan, List<DeviceId> ids, StepMode mode) {
    return create(plan, ids, TowerOptions.DEFAULT.with(mode));
  }

  /** The same with everything that can be decided. */
  public static Towers create(Plan plan, List<DeviceId> ids, TowerOptions options) {
    if (ids.size() != plan.towers().size()) {
      throw new IllegalArgumentException(
          ids.size() + " devices for " + plan.towers().size() + " towers; allowed: one per tower");
    }
    Towers result = new Towers(plan, ids);
    try {
      result.open(options);
      return result;
    } catch (RuntimeException e) {
      result.closeAfter(e);
      throw e;
    }
  }

  private void open(TowerOptions options) {
    int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / ids.size());
    for (DeviceId id : ids) {
      if (!devices.containsKey(id)) {
        Device device = Device.open(id);
        devices.put(id, device);
        device.threads(cores);
      }
    }
    Map<DeviceId, Long> free = requireMemory();
    links = Links.between(options.transport(), ids.stream().map(devices::get).toList());
    for (int t = 0; t < ids.size(); t++) {
      Device device = devices.get(ids.get(t));
      Tower tower = new Tower(plan.towers().get(t), device, Engines.open(device, cores));
      towers.add(tower);
      orTooLarge(device.id(), free, tower::allocate);
    }
    exchange.connect(towers(), links, plan.purpose());
    for (Tower tower : towers) {
      orTooLarge(tower.device().id(), free, () -> tower.bind(exchange));
      String name = "tower-" + NetworkSpec.towerName(tower.plan().tower());
      threads.add(new TowerThread(name));
      passes.add(() -> runTower(tower));
    }
    boolean recordable = towers.stream().allMatch(t -> t.engine().recordable());
    StepMode wanted = options.mode();
    mode = wanted != null ? wanted : StepMode.choose(ids.get(0).kind(), recordable);
    graphs = new StepGraphs(towers(), exchange);
    input = new TowerInput(plan, towers());
    times = new PassTimes(towers(), exchange);
    watchdog = new Watchdog(towers, threads, abort, options.patience());
  }

  /** Returns how planes get from device to device, for each pair that towers use. */
  public ImmutableList<Link> links() {
    return links.all();
  }

  /** Returns lines about the exchange for a person: each link, and what goes another way. */
  public ImmutableList<String> exchangeNotes() {
    return exchange.notes(links);
  }

  /** Returns how a transfer of the plan gets across. */
  public Transport transport(int transfer) {
    return exchange.transport(transfer);
  }

  /** Returns the free memory of each device, after comparing it with what its towers need. */
  private Map<DeviceId, Long> requireMemory() {
    Map<DeviceId, Long> free = new LinkedHashMap<>();
    for (Device device : devices.values()) {
      long bytes = device.freeBytes();
      free.put(device.id(), bytes);
      // 0: the machine does not say.
      if (bytes > 0 && DeviceMemoryException.arenaBytes(plan, ids, device.id()) > bytes) {
        throw DeviceMemoryException.of(plan, ids, device.id(), bytes, null);
      }
    }
    return free;
  }

  private void orTooLarge(DeviceId device, Map<DeviceId, Long> free, Runnable allocation) {
    try {
      allocation.run();
    } catch (NativeException e) {
      if (e.status() != NativeStatus.OUT_OF_MEMORY) {
        throw e;
      }
      throw DeviceMemoryException.of(plan, ids, device, free.get(device), e);
    }
  }

  /** Returns the plan that runs here. */
  public Plan plan() {
    return plan;
  }

  /** Returns the device of each tower. */
  public ImmutableList<DeviceId> deviceIds() {
    return ids;
  }

  /** Returns how operations get to the devices. */
  public StepMode mode() {
    return mode;
  }

  /** Returns how many forms of a pass have been recorded. */
  int recordedForms() {
    return graphs.recorded();
  }

  /** Returns the bytes of scratch memory of each tower, which its arena does not contain. */
  public ImmutableList<Long> workspaceBytes() {
    return towers.stream().map(Tower::workspaceBytes).collect(ImmutableList.toImmutableList());
  }

  ImmutableList<Tower> towers() {
    return ImmutableList.copyOf(towers);
  }

  /**
   * Sets what the input operation subtracts.
   *
   * @param mean three values or one per pixel and channel, as the plan's input shape says
   */
  public void mean(float[] mean) {
    input.mean(mean);
  }

  /**
   * Brings a batch to every tower: all get the same images and the same crops, flips and noise.
   *
   * @param count images, at most the plan's batch; in training exactly that
   * @param images direct, uint8 {@code [count,source,source,3]}
   * @param crops {@code [count,3]} top, left, flip; may be longer
   * @param noise {@code [count,4]} grey levels for red, green, blue and a factor, or null for none;
   *     may be longer
   * @param labels {@code [count]}, or null if unknown; may be longer
   */
  public void load(int count, ByteBuffer images, int[] crops, float[] noise, int[] labels) {
    input.load(count, images, crops, noise, labels);
  }

  /**
   * Brings the network's input itself, instead of images that the input operation would prepare.
   *
   * @param x {@code [batch,size,size,3]}
   * @param labels {@code [batch]}, or null if unknown
   */
  public void loadInput(float[] x, int[] labels) {
    input.loadInput(x, labels);
  }

  /** Forward, exchange, backward and update with the loaded batch. */
  public StepResult step(StepSettings settings) {
    requireWhole(Purpose.TRAIN);
    return pass("step", settings, true, true);
  }

  /** Forward and backward without update; every tensor can then be read. */
  public StepResult inspect(StepSettings settings, boolean training) {
    requireWhole(Purpose.INSPECT);
    return pass("inspection", settings, training, towers.get(0).state().labelled);
  }

  /** Forward as in testing: dropout multiplies by its keep probability. */
  public StepResult evaluate() {
    return pass("evaluation", new StepSettings(0, 0, 0, 0), false, false);
  }

  private void requireWhole(Purpose purpose) {
    if (plan.purpose() != purpose) {
      throw new IllegalStateException(
          "the plan is for " + plan.purpose() + ", this pass needs " + purpose);
    }
    if (input.loaded() != plan.batch()) {
      throw new IllegalStateException(
          "the batch has " + input.loaded() + " images; this pass needs " + plan.batch());
    }
  }

  private StepResult pass(String kind, StepSettings settings, boolean training, boolean backward) {
    throwFailure(); // of a pass before: its threads may still be at work
    if (input.loaded() == 0) {
      throw new IllegalStateException("no batch is loaded");
    }
    pass++;
    withBackward = backward;
    for (Tower tower : towers) {
      PassState state = tower.state();
      state.kind = kind;
      state.step = settings.step();
      state.training = training;
      state.weightRates = settings.weightRates();
      state.pass = pass;
      tower.prepare(settings, input.slot());
    }
    if (mode == StepMode.WALK || graphs.mustWalk(backward)) {
      for (int t = 0; t < threads.size(); t++) {
        threads.get(t).begin(passes.get(t));
      }
    } else {
      threads.get(0).begin(graphPass);
    }
    watchdog.await();
    throwFailure();
    // The streams are idle; from here on this thread's own work comes behind theirs.
    towers.forEach(Tower::synchronize);
    times.end(backward, backward || plan.purpose() == Purpose.INFER);
    return towers.get(0).state().labelled ? result() : StepResult.NONE;
  }

  private void runGraph() {
    try {
      towers.get(0).enterGraph();
      graphs.run(withBackward);
    } catch (RuntimeException e) {
      abort.raise(new TowerException(towers.get(0).where(), e));
    } catch (Error e) {
      abort.raise(e);
    }
  }

  private void runTower(Tower tower) {
    try {
      tower.run(withBackward, abort);
    } catch (RuntimeException | Error e) {
      abort.raise(e);
    }
  }

  private void throwFailure() {
    Throwable failure = abort.cause();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  /** Adds up the metrics of the images, in their order. */
  private StepResult result() {
    Tower first = towers.get(0);
    metrics.clear();
    first.buffer(plan.metrics()).copyOut(first.stream(), metrics);
    first.stream().synchronize();
    double loss = 0;
    double top1 = 0;
    double top5 = 0;
    for (int i = 0; i < input.loaded(); i++) {
      loss += metrics.getFloat(12 * i);
      top1 += metrics.getFloat(12 * i + 4);
      top5 += metrics.getFloat(12 * i + 8);
    }
    return new StepResult(input.loaded(), loss, top1, top5);
  }

  /** Returns the class probabilities of the last pass, {@code [count,classes]}. */
  public float[] probabilities() {
    Tower first = towers.get(0);
    return first
        .buffer(plan.probabilities())
        .floats(first.stream(), input.loaded() * plan.spec().classes());
  }

  /**
   * Returns a tensor of one tower as it is after the last pass.
   *
   * @param tower index
   * @param name buffer of the plan; in other plans than INSPECT its memory may have been reused
   */
  public float[] read(int tower, String name) {
    Tower from = towers.get(tower);
    BufferSpec spec = from.plan().buffer(name);
    return from.buffer(spec.id()).floats(from.stream(), (int) (spec.bytes() / 4));
  }

  /**
   * Switches the measuring of operations on or off and forgets what was measured of them. On GPUs
   * it puts a mark between any two operations, so a step takes a little longer.
   */
  public void time(boolean on) {
    graphs.forget();
    times.operations(on);
  }

  /** Returns what was measured of the operations since {@link #time} was switched on. */
  public ImmutableList<OperationTime> times() {
    return times.operations();
  }

  /**
   * Returns the last pass, operation by operation.
   *
   * @throws IllegalStateException if {@link #time} was not on
   */
  public Timeline timeline() {
    return times.timeline();
  }

  /**
   * Returns what crossed between towers since the last call, or since the start: sums over training
   * steps, or over forward passes if the plan can do no more.
   */
  public ImmutableList<ExchangeTime> takeExchange() {
    return times.takeExchange();
  }

  private void closeAfter(RuntimeException failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Closes towers, exchange and devices, in reverse order of creation. While a tower's thread is
   * still inside of its device nothing can be taken from under it: all stays as it is then, until
   * somebody closes again or the process ends.
   */
  @Override
  public void close() {
    threads.forEach(TowerThread::close);
    if (!threads.stream().allMatch(thread -> thread.await(0))) {
      return;
    }
    if (graphs != null) {
      graphs.close();
    }
    if (times != null) {
      times.close();
    }
    exchange.close();
    for (int t = towers.size() - 1; t >= 0; t--) {
      towers.get(t).close();
    }
    towers.clear();
    devices.values().forEach(Device::close);
    devices.clear();
  }
}
