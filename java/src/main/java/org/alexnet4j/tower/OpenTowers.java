package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.tower.image.ImageSlots;
import org.alexnet4j.tower.link.Links;
import org.alexnet4j.tower.link.RankLinks;

/**
 * Devices, towers and what is between them, opened together and closed together. Whatever fails in
 * opening, what was opened before is closed.
 */
final class OpenTowers implements AutoCloseable {
  private final Plan plan;
  private final ImmutableList<DeviceId> ids;
  private final Map<DeviceId, Device> devices = new LinkedHashMap<>();
  private final Map<DeviceId, ImageSlots> images = new LinkedHashMap<>();
  private final AbortSignal abort = new AbortSignal();
  private final Exchange exchange;
  private final List<Tower> towers = new ArrayList<>();
  private TowerInput input;
  private Links links;
  private RankLinks rankLinks; // null if there is one rank alone
  private Passes passes;

  /**
   * Opens all.
   *
   * @param ids one device per tower
   * @param ready hears what is brought to the towers
   */
  OpenTowers(Plan plan, ImmutableList<DeviceId> ids, TowerOptions options, Readiness ready) {
    this.plan = plan;
    this.ids = ids;
    this.exchange = new Exchange(plan.exchange(), abort);
    try {
      open(options, ready);
    } catch (RuntimeException | Error e) {
      closeAfter(e);
      throw e;
    }
  }

  private void open(TowerOptions options, Readiness ready) {
    ids.forEach(this::requireAlgorithm);
    int cores = Math.max(1, Runtime.getRuntime().availableProcessors() / ids.size());
    for (DeviceId id : ids) {
      if (!devices.containsKey(id)) {
        Device device = Device.open(id);
        devices.put(id, device);
        device.threads(cores);
      }
    }
    Map<DeviceId, Long> free = requireMemory();
    links = Links.between(options.transport(), devicesOfTowers());
    int slices = plan.part().of(plan.slicing());
    for (Device device : devices.values()) {
      ImageSlots slots = new ImageSlots(device);
      images.put(device.id(), slots);
      int count = plan.imageSlots();
      orTooLarge(
          device.id(), free, () -> slots.allocate(slices, count, plan.imageBytes() / slices));
    }
    for (int t = 0; t < ids.size(); t++) {
      Device device = devices.get(ids.get(t));
      Tower tower =
          new Tower(plan.towers().get(t), plan.part(), device, engine(options, device, cores));
      towers.add(tower);
      requireMultiplies(tower.engine());
      tower.stream().compute(plan.arithmetic());
      options.kernels().forEach(tower.stream()::force);
      orTooLarge(device.id(), free, () -> tower.allocate(images.get(device.id())));
    }
    exchange.connect(towers(), links, plan.purpose());
    if (options.ranks() != null) {
      rankLinks = RankLinks.open(options.ranks(), devicesOfTowers(), options.patienceOrDefault());
    }
    for (Tower tower : towers) {
      orTooLarge(tower.device().id(), free, () -> tower.bind(exchange, rankLinks));
    }
    input = new TowerInput(plan, towers(), ImmutableList.copyOf(images.values()), ready);
    passes = new Passes(plan, towers(), exchange, abort, options);
  }

  /** Refuses an algorithm on devices that have no kernels for it, before any is opened. */
  private void requireAlgorithm(DeviceId id) {
    Algorithm algorithm = plan.arithmetic().algorithm();
    if (algorithm != Algorithm.DIRECT && id.kind() != DeviceKind.CPU) {
      throw new IllegalArgumentException(
          "algorithm is "
              + algorithm
              + ", and "
              + id
              + " multiplies directly; allowed: devices cpu:N, or algorithm direct");
    }
  }

  /** Libraries that are compared with multiply as they do, whatever our streams are told. */
  private void requireMultiplies(Engine engine) {
    if (engine.kind() == EngineKind.KERNELS) {
      return;
    }
    Precision precision = plan.arithmetic().precision();
    if (precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "precision is "
              + precision
              + ", and the engine "
              + engine.kind()
              + " multiplies in fp32; allowed: the engine kernels, or precision fp32");
    }
    Algorithm algorithm = plan.arithmetic().algorithm();
    if (algorithm != Algorithm.DIRECT) {
      throw new IllegalArgumentException(
          "algorithm is "
              + algorithm
              + ", and the engine "
              + engine.kind()
              + " has its own; allowed: the engine kernels, or algorithm direct");
    }
  }

  private List<Device> devicesOfTowers() {
    return ids.stream().map(devices::get).toList();
  }

  private static Engine engine(TowerOptions options, Device device, int cores) {
    return options.engine() == null
        ? Engines.open(device, cores)
        : Engines.open(options.engine(), device, cores);
  }

  /** Returns the free memory of each device, after comparing it with what its towers need. */
  private Map<DeviceId, Long> requireMemory() {
    Map<DeviceId, Long> free = new LinkedHashMap<>();
    for (Device device : devices.values()) {
      long bytes = DeviceMemoryException.freeBytes(device);
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

  ImmutableList<Tower> towers() {
    return ImmutableList.copyOf(towers);
  }

  Exchange exchange() {
    return exchange;
  }

  Links links() {
    return links;
  }

  /** Returns a line for a person on how moves get to other ranks, where there is one. */
  Optional<String> rankNote() {
    return rankLinks == null ? Optional.empty() : rankLinks.note();
  }

  /** Returns a line for a person where pairs were asked for and are known to be impossible. */
  Optional<String> pairNote() {
    return passes.whyNoPairs().map(why -> "pairs: no launch is of two towers: " + why);
  }

  TowerInput input() {
    return input;
  }

  Passes passes() {
    return passes;
  }

  private void closeAfter(Throwable failure) {
    try {
      close();
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Closes all in reverse order of creation. While a tower's thread is still inside of its device
   * nothing can be taken from under it: all stays as it is then, until somebody closes again or the
   * process ends.
   */
  @Override
  public void close() {
    if (passes != null && !passes.end() || towers.stream().anyMatch(Tower::isMoving)) {
      return;
    }
    List<AutoCloseable> all = new ArrayList<>(devices.values());
    all.addAll(images.values());
    all.addAll(towers);
    if (rankLinks != null) {
      all.add(rankLinks);
    }
    all.add(exchange);
    if (passes != null) {
      all.add(passes);
    }
    closeAll(Lists.reverse(all));
  }

  /** Closes all of them, whatever one of them says; all of them bear being closed again. */
  private static void closeAll(List<AutoCloseable> all) {
    RuntimeException first = null;
    for (AutoCloseable one : all) {
      try {
        one.close();
      } catch (Exception e) {
        if (first == null) {
          first = e instanceof RuntimeException r ? r : new IllegalStateException(e);
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
