package org.alexnet4j.misuse;

import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Graph;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.Towers;

/** The objects that the threads of a sequence share, open and closed ones. Threads: any. */
final class MisusePool implements AutoCloseable {
  private static final List<String> IDS = List.of("cpu:0", "cpu:0", "cpu:1", "emu:0");

  final List<Device> devices = new CopyOnWriteArrayList<>();
  final List<Stream> streams = new CopyOnWriteArrayList<>();
  final List<Event> events = new CopyOnWriteArrayList<>();
  final List<Arena> arenas = new CopyOnWriteArrayList<>();
  final List<Buffer> buffers = new CopyOnWriteArrayList<>();
  final List<Graph> graphs = new CopyOnWriteArrayList<>();
  final List<Engine> engines = new CopyOnWriteArrayList<>();
  final List<SettingsSource> settings = new CopyOnWriteArrayList<>();
  final List<Towers> towers = new CopyOnWriteArrayList<>();
  final List<ParameterStore> stores = new CopyOnWriteArrayList<>();
  final List<ParameterSnapshot> snapshots = new CopyOnWriteArrayList<>();

  /** Opens some of each, so that the first calls find something. */
  MisusePool(long seed) {
    Random random = new Random(seed);
    if (random.nextInt(3) == 0) {
      MisuseTowers.open(this, random);
      return;
    }
    for (int i = 0; i < 1 + random.nextInt(3); i++) {
      Device device = Device.open(DeviceId.parse(IDS.get(random.nextInt(IDS.size()))));
      devices.add(device);
      streams.add(device.newStream());
      events.add(device.newEvent());
      Arena arena = device.newArena(Arena.Memory.values()[random.nextInt(2)], 4096);
      arenas.add(arena);
      for (int b = 0; b < 4; b++) {
        buffers.add(arena.buffer(256L * b, 256L + random.nextInt(1024)));
      }
      engines.add(Engines.open(device, 1));
      settings.add(new SettingsSource(device));
    }
  }

  /** Returns one of them, or null if there is none. */
  static <T> T any(List<T> of, Random random) {
    Object[] now = of.toArray();
    @SuppressWarnings("unchecked")
    T one = now.length == 0 ? null : (T) now[random.nextInt(now.length)];
    return one;
  }

  /**
   * Closes everything, four times: what a round refuses, because something else is still open, a
   * later one must do.
   */
  @Override
  public void close() {
    for (int round = 0; round < 4; round++) {
      for (List<? extends AutoCloseable> kind :
          List.of(graphs, towers, engines, settings, events, buffers, arenas, streams, devices)) {
        for (AutoCloseable one : kind) {
          try {
            one.close();
          } catch (IllegalStateException e) {
            if (round == 3) {
              throw e;
            }
          } catch (RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        }
      }
    }
  }
}
