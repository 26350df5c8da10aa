package org.alexnet4j.misuse;

import static org.alexnet4j.misuse.MisusePool.any;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.EventTimes;
import org.alexnet4j.device.Graph;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.engine.SgdUpdate;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SgdShape;
import org.alexnet4j.shape.SoftmaxShape;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * A call of the public API with arguments at random.
 *
 * @param name for traces
 * @param body makes it
 */
record MisuseCall(String name, Body body) {

  /** Makes a call. */
  interface Body {
    void run(MisusePool pool, Random random) throws Exception;
  }

  private static final ImmutableList<MisuseCall> OF_DEVICES =
      ImmutableList.<MisuseCall>builder()
          .addAll(devices())
          .addAll(memory())
          .addAll(queues())
          .addAll(operations())
          .build();

  private static final ImmutableList<MisuseCall> OF_TOWERS = ImmutableList.copyOf(towers());

  private static final ImmutableList<MisuseCall> CLOSES = ImmutableList.copyOf(closes());

  /** Draws a call: with towers if there are some, now and then one that closes. */
  static MisuseCall next(MisusePool pool, Random random) {
    List<MisuseCall> from = pool.towers.isEmpty() ? OF_DEVICES : OF_TOWERS;
    if (random.nextInt(pool.towers.isEmpty() ? 16 : 64) == 0) {
      from = pool.towers.isEmpty() ? CLOSES : CLOSES.subList(CLOSES.size() - 1, CLOSES.size());
    }
    return from.get(random.nextInt(from.size()));
  }

  private static long odd(Random random) {
    return switch (random.nextInt(16)) {
      case 0 -> -1;
      case 1 -> Long.MAX_VALUE;
      case 2 -> Integer.MAX_VALUE + 1L;
      case 3 -> random.nextLong();
      case 4 -> random.nextInt(2048);
      default -> random.nextInt(64);
    };
  }

  private static int oddInt(Random random) {
    return switch (random.nextInt(16)) {
      case 0 -> -1;
      case 1 -> Integer.MAX_VALUE;
      case 2 -> Integer.MIN_VALUE;
      case 3 -> 1 << 22;
      default -> random.nextInt(32);
    };
  }

  private static List<MisuseCall> devices() {
    return List.of(
        new MisuseCall(
            "Device.open",
            (p, r) -> p.devices.add(Device.open(DeviceId.parse("cpu:" + r.nextInt(70))))),
        new MisuseCall("newStream", (p, r) -> p.streams.add(any(p.devices, r).newStream())),
        new MisuseCall("newEvent", (p, r) -> p.events.add(any(p.devices, r).newEvent())),
        new MisuseCall(
            "newArena",
            (p, r) ->
                p.arenas.add(
                    any(p.devices, r).newArena(Arena.Memory.values()[r.nextInt(2)], bytes(r)))),
        new MisuseCall(
            "newSettings", (p, r) -> p.settings.add(new SettingsSource(any(p.devices, r)))),
        new MisuseCall("describe", (p, r) -> any(p.devices, r).describe()),
        new MisuseCall("freeBytes", (p, r) -> any(p.devices, r).freeBytes()),
        new MisuseCall("threads", (p, r) -> any(p.devices, r).threads(oddInt(r))),
        new MisuseCall("reaches", (p, r) -> any(p.devices, r).reaches(any(p.devices, r))));
  }

  /** A little memory, or what no machine has. */
  private static long bytes(Random random) {
    long[] wrong = {Long.MIN_VALUE, -1, 0, 1L << 45, Long.MAX_VALUE};
    return random.nextInt(3) == 0 ? wrong[random.nextInt(wrong.length)] : 1 + random.nextInt(8192);
  }

  private static List<MisuseCall> memory() {
    return List.of(
        new MisuseCall(
            "buffer",
            (p, r) ->
                p.buffers.add(
                    any(p.arenas, r)
                        .buffer(r.nextInt(3) == 0 ? odd(r) : 256L * r.nextInt(16), odd(r)))),
        new MisuseCall(
            "copyIn bytes",
            (p, r) ->
                any(p.buffers, r)
                    .copyIn(any(p.streams, r), odd(r), MisuseTowers.bytes(r, 1 + r.nextInt(400)))),
        new MisuseCall(
            "copyIn floats",
            (p, r) ->
                any(p.buffers, r).copyIn(any(p.streams, r), odd(r), new float[32], oddInt(r))),
        new MisuseCall(
            "copyIn ints",
            (p, r) -> any(p.buffers, r).copyIn(any(p.streams, r), new int[r.nextInt(128)])),
        new MisuseCall(
            "copyOut bytes",
            (p, r) ->
                any(p.buffers, r)
                    .copyOut(any(p.streams, r), MisuseTowers.bytes(r, 1 + r.nextInt(400)))),
        new MisuseCall(
            "copyOut floats",
            (p, r) ->
                any(p.buffers, r).copyOut(any(p.streams, r), odd(r), new float[32], oddInt(r))),
        new MisuseCall("floats", (p, r) -> any(p.buffers, r).floats(any(p.streams, r), oddInt(r))),
        new MisuseCall("hostAddress", (p, r) -> any(p.buffers, r).hostAddress()),
        new MisuseCall(
            "copy", (p, r) -> any(p.streams, r).copy(any(p.buffers, r), any(p.buffers, r), odd(r))),
        new MisuseCall(
            "clear", (p, r) -> any(p.streams, r).clear(any(p.buffers, r), odd(r), odd(r))),
        new MisuseCall(
            "fill", (p, r) -> any(p.streams, r).fill(any(p.buffers, r), odd(r), odd(r), 1)),
        new MisuseCall(
            "settings.write",
            (p, r) -> any(p.settings, r).write(r.nextLong(), 1, 1, r.nextFloat(), oddInt(r))),
        new MisuseCall(
            "settings.copyTo",
            (p, r) -> any(p.settings, r).copyTo(any(p.streams, r), any(p.buffers, r))));
  }

  private static List<MisuseCall> queues() {
    return List.of(
        new MisuseCall("synchronize", (p, r) -> any(p.streams, r).synchronize()),
        new MisuseCall("waitFor", (p, r) -> any(p.streams, r).waitFor(any(p.events, r))),
        new MisuseCall("record", (p, r) -> any(p.events, r).record(any(p.streams, r))),
        new MisuseCall("mark", (p, r) -> any(p.events, r).mark(any(p.streams, r))),
        new MisuseCall("event.synchronize", (p, r) -> any(p.events, r).synchronize()),
        new MisuseCall(
            "microsecondsTo", (p, r) -> any(p.events, r).microsecondsTo(any(p.events, r))),
        new MisuseCall(
            "EventTimes",
            (p, r) ->
                new EventTimes(any(p.events, r), List.of(any(p.events, r), any(p.events, r)))
                    .read(r.nextInt(4) - 1)),
        new MisuseCall(
            "rehearse",
            (p, r) -> {
              Stream stream = any(p.streams, r);
              stream.rehearse(() -> operation(p, r, stream));
            }),
        new MisuseCall(
            "rehearse nothing good",
            (p, r) -> {
              Stream stream = any(p.streams, r);
              stream.rehearse(
                  () -> {
                    throw new IllegalStateException("as asked");
                  });
            }),
        new MisuseCall(
            "Graph.record",
            (p, r) -> {
              List<Stream> streams =
                  Arrays.asList(any(p.streams, r), any(p.streams, r))
                      .subList(0, r.nextInt(8) == 0 ? r.nextInt(3) : 1);
              p.graphs.add(
                  Graph.record(
                      streams,
                      () -> {
                        for (int i = 0; i < 3; i++) {
                          operation(p, r, streams.get(0));
                          streams.get(0).fill(any(p.buffers, r), 0, r.nextInt(64), 2);
                        }
                      }));
            }),
        new MisuseCall("launch", (p, r) -> any(p.graphs, r).launch()));
  }

  private static void operation(MisusePool p, Random r, Stream stream) {
    Engine engine = any(p.engines, r);
    Buffer a = any(p.buffers, r);
    Buffer b = any(p.buffers, r);
    Buffer c = r.nextInt(20) == 0 ? null : any(p.buffers, r);
    Buffer sums = r.nextInt(20) == 0 ? any(p.buffers, r) : null;
    int n = r.nextInt(20) == 0 ? oddInt(r) : 1 + r.nextInt(4);
    switch (r.nextInt(15)) {
      case 0 ->
          engine.convFprop(
              stream,
              new ConvShape(n, 2, 5, 5, 2, 3, 3, 1, 1, 1),
              a,
              b,
              null,
              c,
              sums,
              false,
              true);
      case 1 -> engine.convDgrad(stream, new ConvShape(n, 2, 5, 5, 2, 3, 3, 1, 1, 1), a, b, c, c);
      case 2 -> engine.convWgrad(stream, new ConvShape(n, 2, 5, 5, 2, 3, 3, 1, 1, 1), a, b, c, c);
      case 3 ->
          engine.fcFprop(
              stream, new FcShape(n, 4, 4), a, b, null, c, sums, false, true, null, null, true);
      case 4 ->
          engine.fcWgradUpdate(
              stream, new FcShape(n, 4, 4), new SgdShape(16, 1, 0, false), c, a, b, a, b, null);
      case 5 -> engine.lrnFprop(stream, new LrnShape(n, 3, 3, 8, 5, 2, 1e-4f, 0.75f), a, c);
      case 6 ->
          engine.poolFprop(
              stream,
              new PoolShape(n, 5, 5, 4, 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
              a,
              c);
      case 7 -> engine.softmaxFprop(stream, new SoftmaxShape(n, 4), a, c);
      case 8 ->
          engine.dropoutFprop(stream, new DropoutShape(n, 0, 1, 1, 0.5f), b, a, c, r.nextBoolean());
      case 9 -> engine.sgdUpdate(stream, SgdUpdate.of(new SgdShape(n, 1, 0, true), a, b, c), c);
      case 10 -> engine.add(stream, n, a, b, null, c);
      case 12 -> engine.addParameters(stream, n, a, b, c);
      case 13 -> engine.cast(stream, n, a, c);
      case 11 ->
          engine.localFprop(
              stream,
              new ConvShape(n, 2, 3, 3, 2, 2, 2, 1, 0, 1),
              a,
              b,
              null,
              c,
              sums,
              false,
              true);
      default -> engine.reluFprop(stream, n, a, c);
    }
  }

  private static List<MisuseCall> operations() {
    MisuseCall one = new MisuseCall("operation", (p, r) -> operation(p, r, any(p.streams, r)));
    return List.of(one, one, one, one, one, one);
  }

  private static List<MisuseCall> towers() {
    StepSettings step = new StepSettings(1, 0.01f, 0.01f, 0.9f);
    return List.of(
        new MisuseCall("load", (p, r) -> MisuseTowers.loadAnything(any(p.towers, r), r)),
        new MisuseCall("load well", (p, r) -> MisuseTowers.load(any(p.towers, r))),
        new MisuseCall(
            "loadInput",
            (p, r) ->
                any(p.towers, r)
                    .loadInput(
                        MisuseTowers.floats(
                            r, MisuseTowers.BATCH * MisuseTowers.SIZE * MisuseTowers.SIZE * 3),
                        MisuseTowers.ints(r, MisuseTowers.BATCH))),
        new MisuseCall("mean", (p, r) -> any(p.towers, r).mean(MisuseTowers.floats(r, 3))),
        new MisuseCall("step", (p, r) -> any(p.towers, r).step(step)),
        new MisuseCall(
            "load and step",
            (p, r) -> {
              Towers towers = any(p.towers, r);
              MisuseTowers.load(towers);
              towers.step(step);
            }),
        new MisuseCall("evaluate", (p, r) -> any(p.towers, r).evaluate()),
        new MisuseCall("inspect", (p, r) -> any(p.towers, r).inspect(step, r.nextBoolean())),
        new MisuseCall("probabilities", (p, r) -> any(p.towers, r).probabilities()),
        new MisuseCall(
            "read",
            (p, r) -> any(p.towers, r).read(r.nextInt(4) - 1, r.nextBoolean() ? "x" : "relu1")),
        new MisuseCall("time", (p, r) -> any(p.towers, r).time(r.nextBoolean())),
        new MisuseCall("timeline", (p, r) -> any(p.towers, r).timeline()),
        new MisuseCall("takeExchange", (p, r) -> any(p.towers, r).takeExchange()),
        new MisuseCall(
            "store.write", (p, r) -> MisuseTowers.write(any(p.stores, r), tensor(r), role(r))),
        new MisuseCall(
            "store.read", (p, r) -> any(p.stores, r).read(tensor(r), role(r), (f, n, v) -> {})),
        new MisuseCall(
            "store.read inside",
            (p, r) -> {
              Towers towers = any(p.towers, r);
              any(p.stores, r).read(tensor(r), Role.VALUE, (f, n, v) -> towers.close());
            }),
        new MisuseCall("snapshot.take", (p, r) -> any(p.snapshots, r).take()),
        new MisuseCall(
            "snapshot.read",
            (p, r) -> {
              ParameterSnapshot snapshot = any(p.snapshots, r);
              snapshot.read(tensor(r), role(r), (f, n, v) -> {});
            }),
        new MisuseCall("new store", (p, r) -> p.stores.add(new ParameterStore(any(p.towers, r)))));
  }

  private static Role role(Random random) {
    return Role.values()[random.nextInt(Role.values().length)];
  }

  /** A tensor of this or of another plan. */
  private static TensorSpec tensor(Random random) {
    Purpose purpose = Purpose.values()[random.nextInt(3)];
    return any(TensorSpec.of(MisuseTowers.plan(1 + random.nextInt(2), purpose)), random);
  }

  private static List<MisuseCall> closes() {
    return List.of(
        new MisuseCall("close device", (p, r) -> any(p.devices, r).close()),
        new MisuseCall("close stream", (p, r) -> any(p.streams, r).close()),
        new MisuseCall("close event", (p, r) -> any(p.events, r).close()),
        new MisuseCall("close arena", (p, r) -> any(p.arenas, r).close()),
        new MisuseCall("close buffer", (p, r) -> any(p.buffers, r).close()),
        new MisuseCall("close graph", (p, r) -> any(p.graphs, r).close()),
        new MisuseCall("close engine", (p, r) -> any(p.engines, r).close()),
        new MisuseCall("close settings", (p, r) -> any(p.settings, r).close()),
        new MisuseCall("close towers", (p, r) -> any(p.towers, r).close()));
  }
}
