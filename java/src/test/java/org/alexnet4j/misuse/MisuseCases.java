package org.alexnet4j.misuse;

import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.EventTimes;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepMode;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Wrong calls, each with the answer that it must get. A program of its own, as a wrong answer may
 * be the end of the process; it prints a line for each case.
 */
final class MisuseCases {
  private static final StepSettings STEP = new StepSettings(1, 0.01f, 0.01f, 0.9f);
  private static final Class<IllegalStateException> STATE = IllegalStateException.class;
  private static final Class<IllegalArgumentException> ARGUMENT = IllegalArgumentException.class;
  private static final Class<IndexOutOfBoundsException> BOUNDS = IndexOutOfBoundsException.class;

  private final Path folder;
  private boolean failed;

  private MisuseCases(Path folder) {
    this.folder = folder;
  }

  /** A call. */
  private interface Call {
    void run() throws Exception;
  }

  public static void main(String[] arguments) throws Exception {
    MisuseCases cases = new MisuseCases(Path.of(arguments[0]));
    cases.copies();
    cases.mappedFiles();
    cases.closedThings();
    cases.closedTowers();
    cases.busyTowers();
    cases.loads();
    cases.order();
    cases.tensors();
    cases.layers();
    System.out.println(
        "live handles: " + Devices.liveHandles() + (cases.failed ? ", FAILED" : ", all answered"));
    System.exit(cases.failed ? 1 : 0);
  }

  private void expect(String name, Class<? extends Throwable> type, String text, Call call) {
    String outcome = "no exception";
    try {
      call.run();
    } catch (Throwable e) {
      String message = String.valueOf(e.getMessage());
      if (type.isInstance(e)
          && !(e instanceof ArrayIndexOutOfBoundsException)
          && message.contains(text)) {
        System.out.println("ok   " + name + ": " + message);
        return;
      }
      outcome = e.toString();
    }
    failed = true;
    System.out.println("FAIL " + name + ": " + outcome + "; wanted: " + type + " " + text);
  }

  private void require(String name, boolean holds) {
    failed |= !holds;
    System.out.println((holds ? "ok   " : "FAIL ") + name);
  }

  private void copies() {
    for (String id : List.of("cpu:0", "emu:0")) {
      try (Device device = Device.open(DeviceId.parse(id));
          Device other = Device.open(DeviceId.parse(id.replace('0', '1')));
          Stream stream = device.newStream();
          Stream otherStream = other.newStream();
          Event event = device.newEvent();
          Arena arena = device.newArena(Arena.Memory.DEVICE, 1 << 20)) {
        Buffer buffer = arena.buffer(0, 1 << 20);
        Buffer small = arena.buffer(0, 256);
        expect(
            "copyOut over the array",
            BOUNDS,
            "floats of the array: 262144 from 0 are asked for, it has 8",
            () -> buffer.copyOut(stream, 0, new float[8], 1 << 18));
        expect(
            "copyIn over the array",
            BOUNDS,
            "floats of the array",
            () -> buffer.copyIn(stream, 0, new float[3], 16));
        expect("count of -1", BOUNDS, "-1", () -> buffer.copyIn(stream, 0, new float[3], -1));
        expect("count of -1, out", BOUNDS, "-1", () -> buffer.copyOut(stream, 0, new float[3], -1));
        expect("floats(-1)", BOUNDS, "-4", () -> buffer.floats(stream, -1));
        expect("floats over the buffer", BOUNDS, "256", () -> small.floats(stream, 65));
        expect("negative offset", BOUNDS, "-4", () -> buffer.copyIn(stream, -4, new float[3], 3));
        expect(
            "offset that overflows",
            BOUNDS,
            "it has 256",
            () -> small.copyOut(stream, Long.MAX_VALUE - 3, new float[3], 3));
        expect("ints over the buffer", BOUNDS, "256", () -> small.copyIn(stream, new int[65]));
        expect(
            "bytes over the buffer",
            BOUNDS,
            "256",
            () -> small.copyIn(stream, 1, ByteBuffer.allocateDirect(256)));
        expect(
            "bytes over the buffer, out",
            BOUNDS,
            "256",
            () -> small.copyOut(stream, ByteBuffer.allocate(257)));
        expect(
            "copyOut into what is read-only",
            ReadOnlyBufferException.class,
            "null",
            () -> small.copyOut(stream, ByteBuffer.allocateDirect(8).asReadOnlyBuffer()));
        expect("copy over the source", BOUNDS, "source", () -> stream.copy(buffer, small, 257));
        expect(
            "copy over the destination",
            BOUNDS,
            "destination",
            () -> stream.copy(small, buffer, 257));
        expect("copy of -1", BOUNDS, "-1", () -> stream.copy(small, buffer, -1));
        expect("fill over the buffer", BOUNDS, "it has 64", () -> stream.fill(small, 60, 5, 0));
        expect("fill that overflows", BOUNDS, "64", () -> stream.fill(small, Long.MAX_VALUE, 2, 0));
        expect(
            "floats by another device's stream",
            ARGUMENT,
            "lives on " + id,
            () -> small.copyIn(otherStream, new float[3]));
        expect(
            "bytes by another device's stream",
            ARGUMENT,
            "lives on " + id,
            () -> small.copyOut(otherStream, ByteBuffer.allocate(8)));
        expect(
            "more times than events",
            BOUNDS,
            "events: 2 from 0",
            () -> new EventTimes(event, List.of(event)).read(2));
        expect(
            "an array that is null",
            NullPointerException.class,
            "",
            () -> small.copyIn(stream, (float[]) null));
        ByteBuffer heap = ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}).position(2);
        small.copyIn(stream, 4, heap);
        ByteBuffer back = ByteBuffer.allocate(10);
        small.copyOut(stream, back);
        require(
            "a heap buffer is copied from its position, which stays",
            heap.position() == 2 && back.position() == 0 && back.get(4) == 3 && back.get(9) == 8);
      }
    }
  }

  private void mappedFiles() throws IOException {
    int bytes = 3 << 20;
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Stream stream = device.newStream();
        Arena arena = device.newArena(Arena.Memory.DEVICE, bytes)) {
      Buffer buffer = arena.buffer(0, bytes);
      // Often enough for the compiler: what is compiled hears of a fault later.
      for (int i = 0; i < 40; i++) {
        ByteBuffer source = cut("source.bin", bytes);
        expect(
            "copyIn of a file that was cut",
            UncheckedIOException.class,
            folder.resolve("source.bin").toString(),
            () -> buffer.copyIn(stream, 0, source));
      }
      ByteBuffer target = cut("target.bin", bytes);
      expect(
          "copyOut into a file that was cut",
          UncheckedIOException.class,
          folder.resolve("target.bin").toString(),
          () -> buffer.copyOut(stream, target));
    }
    try (Towers towers = ready(Purpose.TRAIN)) {
      MisuseTowers.load(towers);
      ByteBuffer images = cut("images.npy", 1 << 16);
      expect(
          "load of a file that was cut",
          UncheckedIOException.class,
          folder.resolve("images.npy").toString(),
          () -> towers.load(2, images, new int[6], null, new int[2]));
      expect("step after that", STATE, "no batch is loaded", () -> towers.step(STEP));
    }
  }

  private ByteBuffer cut(String name, int bytes) throws IOException {
    Path file = folder.resolve(name);
    Files.write(file, new byte[bytes]);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes);
      channel.truncate(0);
      return mapped;
    }
  }

  private void closedThings() {
    Device device = Device.open(DeviceId.parse("cpu:0"));
    Stream stream = device.newStream();
    Event event = device.newEvent();
    Arena arena = device.newArena(Arena.Memory.DEVICE, 4096);
    Buffer buffer = arena.buffer(0, 256);
    SettingsSource settings = new SettingsSource(device);
    expect("close of a device in use", STATE, "still has", device::close);
    List<AutoCloseable> all = List.of(settings, buffer, arena, event, stream, device);
    for (int i = 0; i < 2; i++) {
      for (AutoCloseable one : all) {
        try {
          one.close();
        } catch (Exception e) {
          require("closing twice: " + e, false);
        }
      }
    }
    expect("settings.write", STATE, "closed", () -> settings.write(1, 1, 1, 1, 0));
    expect("settings.copyTo", STATE, "closed", () -> settings.copyTo(stream, buffer));
    expect("stream", STATE, "the stream of cpu:0 is closed", stream::synchronize);
    expect("event", STATE, "the event of cpu:0 is closed", event::synchronize);
    expect("arena", STATE, "the arena of cpu:0 is closed", () -> arena.buffer(0, 1));
    expect("buffer", STATE, "the buffer of cpu:0 is closed", buffer::hostAddress);
    expect("device", STATE, "the device cpu:0 is closed", device::newStream);
    require("no handle after closed things", Devices.liveHandles() == 0);
  }

  private static Towers ready(Purpose purpose) {
    Towers towers = MisuseTowers.open(2, purpose, "cpu", StepMode.WALK);
    MisuseTowers.ready(towers, new ParameterStore(towers));
    return towers;
  }

  private void closedTowers() {
    Towers towers = ready(Purpose.TRAIN);
    ParameterStore store = new ParameterStore(towers);
    ParameterSnapshot snapshot = new ParameterSnapshot(towers);
    snapshot.take();
    MisuseTowers.load(towers);
    towers.step(STEP);
    towers.close();
    towers.close();
    require("no handle after towers", Devices.liveHandles() == 0);
    String closed = "the towers are closed";
    TensorSpec tensor = store.tensors().get(0);
    expect("evaluate", STATE, closed, towers::evaluate);
    expect("step", STATE, closed, () -> towers.step(STEP));
    expect("load", STATE, closed, () -> MisuseTowers.load(towers));
    expect("mean", STATE, closed, () -> towers.mean(new float[3]));
    expect("probabilities", STATE, closed, towers::probabilities);
    expect("read", STATE, closed, () -> towers.read(0, "relu1"));
    expect("time", STATE, closed, () -> towers.time(true));
    expect("takeExchange", STATE, closed, towers::takeExchange);
    expect("store.write", STATE, closed, () -> MisuseTowers.write(store, tensor, Role.VALUE));
    expect("store.read", STATE, closed, () -> store.read(tensor, Role.VALUE, (f, n, v) -> {}));
    expect("snapshot.take", STATE, closed, snapshot::take);
    List<Integer> rows = new ArrayList<>();
    try {
      snapshot.read(tensor, Role.VALUE, (first, n, values) -> rows.add(n));
    } catch (IOException e) {
      rows.clear();
    }
    require("a snapshot is there after the towers", !rows.isEmpty());
  }

  private void busyTowers() throws Exception {
    Towers towers = ready(Purpose.TRAIN);
    ParameterStore store = new ParameterStore(towers);
    TensorSpec tensor = store.tensors().get(0);
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Thread reader =
        new Thread(
            () -> {
              try {
                store.read(
                    tensor,
                    Role.VALUE,
                    (first, rows, values) -> {
                      inside.countDown();
                      Uninterruptibles.awaitUninterruptibly(go);
                    });
              } catch (Exception e) {
                require("the reader: " + e, false);
              }
            },
            "the-reader");
    reader.start();
    Uninterruptibles.awaitUninterruptibly(inside);
    String busy = "read conv1.weight is running in thread the-reader";
    expect("step while another thread is inside", STATE, busy, () -> towers.step(STEP));
    expect("load while another thread is inside", STATE, busy, () -> MisuseTowers.load(towers));
    expect(
        "close inside a call",
        STATE,
        "running in thread main",
        () -> {
          Towers others = ready(Purpose.INFER);
          try {
            ParameterStore inner = new ParameterStore(others);
            inner.read(inner.tensors().get(0), Role.VALUE, (f, n, v) -> others.close());
          } finally {
            others.close();
          }
        });
    Thread closer = new Thread(towers::close, "the-closer");
    closer.start();
    closer.join(200);
    require("close waits for the call that is running", closer.isAlive());
    go.countDown();
    closer.join(TimeUnit.SECONDS.toMillis(10));
    reader.join();
    require("and then closes", !closer.isAlive() && Devices.liveHandles() == 0);
  }

  private void loads() {
    try (Towers towers = ready(Purpose.TRAIN)) {
      int images = 2 * MisuseTowers.IMAGE_BYTES;
      ByteBuffer pixels = ByteBuffer.allocateDirect(images);
      float[] noise = new float[8];
      noise[5] = Float.NaN;
      int x = 2 * MisuseTowers.SIZE * MisuseTowers.SIZE * 3;
      float[] infinite = new float[x];
      infinite[7] = Float.POSITIVE_INFINITY;
      refused(
          towers,
          "images has 10 bytes; needed: " + images + " for 2 images of 10 x 10 x 3",
          () -> towers.load(2, ByteBuffer.allocate(10), new int[6], null, new int[2]));
      refused(
          towers, "crops has 5 values", () -> towers.load(2, pixels, new int[5], null, new int[2]));
      refused(
          towers,
          "noise has 7 values; needed: 4 for each of 2 images",
          () -> towers.load(2, pixels, new int[6], new float[7], new int[2]));
      refused(
          towers, "noise[5] is NaN", () -> towers.load(2, pixels, new int[6], noise, new int[2]));
      refused(
          towers,
          "labels has 1 values",
          () -> towers.load(2, pixels, new int[6], null, new int[1]));
      refused(
          towers,
          "label of image 1 is 3; allowed: 0 to 2",
          () -> towers.load(2, pixels, new int[6], null, new int[] {0, 3}));
      refused(
          towers,
          "crop of image 0 starts at 3,0",
          () -> towers.load(2, pixels, new int[] {3, 0, 0, 0, 0, 0}, null, new int[2]));
      refused(
          towers,
          "flip of image 1 is 2",
          () -> towers.load(2, pixels, new int[] {0, 0, 0, 0, 0, 2}, null, new int[2]));
      refused(
          towers, "batch has 3 images", () -> towers.load(3, pixels, new int[9], null, new int[3]));
      refused(
          towers, "x has 7 values; needed: " + x, () -> towers.loadInput(new float[7], new int[2]));
      refused(
          towers,
          "label of image 0 is -1",
          () -> towers.loadInput(new float[x], new int[] {-1, 0}));
      refused(towers, "labels has 1", () -> towers.loadInput(new float[x], new int[1]));
      refused(towers, "x[7] is Infinity", () -> towers.loadInput(infinite, new int[2]));
      MisuseTowers.load(towers);
      expect("a mean of two", ARGUMENT, "mean has 2 values", () -> towers.mean(new float[2]));
      expect(
          "a mean of NaN",
          ARGUMENT,
          "mean[0] is NaN",
          () -> towers.mean(new float[] {Float.NaN, 0, 0}));
      expect("read of tower 2", ARGUMENT, "tower is 2", () -> towers.read(2, "relu1"));
      towers.step(STEP);
    }
  }

  /** A load that fails, after which no step can run. */
  private void refused(Towers towers, String text, Call load) {
    MisuseTowers.load(towers);
    expect("load", ARGUMENT, text, load);
    expect("step after a failed load", STATE, "no batch is loaded", () -> towers.step(STEP));
  }

  private void order() {
    try (Towers towers = MisuseTowers.open(2, Purpose.TRAIN, "cpu", StepMode.WALK)) {
      ParameterStore store = new ParameterStore(towers);
      expect("step at once", STATE, "step: no batch is loaded", () -> towers.step(STEP));
      expect("evaluate at once", STATE, "evaluate: no batch", towers::evaluate);
      expect("probabilities at once", STATE, "no pass has run", towers::probabilities);
      expect("timeline at once", STATE, "not measured", towers::timeline);
      MisuseTowers.load(towers);
      expect("step without mean", STATE, "the mean", () -> towers.step(STEP));
      towers.mean(new float[3]);
      expect(
          "step without parameters",
          STATE,
          "parameters were not written: conv1.weight, conv1.bias",
          () -> towers.step(STEP));
      expect("evaluate without parameters", STATE, "were not written", towers::evaluate);
      store.tensors().forEach(tensor -> MisuseTowers.write(store, tensor, Role.VALUE));
      towers.evaluate();
      expect("step without velocities", STATE, "velocities were not", () -> towers.step(STEP));
      store.tensors().forEach(tensor -> MisuseTowers.write(store, tensor, Role.VELOCITY));
      expect(
          "inspect", STATE, "the plan is for TRAIN, not INSPECT", () -> towers.inspect(STEP, true));
      ByteBuffer pixels = ByteBuffer.allocate(2 * MisuseTowers.IMAGE_BYTES);
      towers.load(2, pixels, new int[6], null, null);
      expect("step without labels", STATE, "without labels", () -> towers.step(STEP));
      towers.load(1, pixels, new int[3], null, new int[1]);
      expect("step with one image", STATE, "1 images; needed: 2", () -> towers.step(STEP));
      MisuseTowers.load(towers);
      towers.step(STEP);
      expect(
          "a source that fails",
          IOException.class,
          "as asked",
          () ->
              store.write(
                  store.tensors().get(0),
                  Role.VALUE,
                  (first, rows, values) -> {
                    throw new IOException("as asked");
                  }));
      expect("step after that", STATE, "not written: conv1.weight", () -> towers.step(STEP));
      for (Role role : new Role[] {Role.VALUE, Role.VELOCITY}) {
        expect(
            "a value that is no number",
            ARGUMENT,
            "tensor conv1.weight, output 1, value 2 is NaN; allowed: finite numbers",
            () ->
                store.write(
                    store.tensors().get(0), role, (first, rows, values) -> values[29] = Float.NaN));
      }
    }
  }

  private void tensors() throws IOException {
    try (Towers towers = ready(Purpose.TRAIN)) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec foreign : TensorSpec.of(MisuseTowers.plan(2, Purpose.INSPECT))) {
        float value = foreign.name().hashCode() % 100;
        store.write(foreign, Role.VALUE, (first, rows, values) -> Arrays.fill(values, value));
      }
      for (TensorSpec own : store.tensors()) {
        float value = own.name().hashCode() % 100;
        store.read(
            own,
            Role.VALUE,
            (first, rows, values) ->
                require(
                    "tensors go by their name", values[0] == value && values[rows - 1] == value));
      }
      TensorSpec first = store.tensors().get(0);
      TensorSpec odd = new TensorSpec(first.name(), ImmutableList.of(1L, 2L), first.pieces());
      expect(
          "a tensor of another shape",
          ARGUMENT,
          "conv1.weight has the shape [1, 2]; needed: [8, 3, 3, 3]",
          () -> store.write(odd, Role.VALUE, (f, n, v) -> {}));
      TensorSpec unknown = new TensorSpec("fc9.weight", first.shape(), first.pieces());
      expect(
          "a tensor of another network",
          ARGUMENT,
          "no tensor fc9.weight; there are: conv1.weight",
          () -> store.read(unknown, Role.VALUE, (f, n, v) -> {}));
      expect(
          "a gradient that is never stored",
          STATE,
          "fc3.weight has no GRADIENT",
          () -> store.read(tensor(store, "fc3.weight"), Role.GRADIENT, (f, n, v) -> {}));
    }
  }

  /** A layer that runs with others as one operation answers for itself. */
  private void layers() {
    expect(
        "even LRN size",
        ARGUMENT,
        "norm1: lrn size is 4; allowed: an odd number",
        () -> new LayerSpec.Lrn("norm1", 4, 2, 1e-4f, 0.75f));
    expect(
        "LRN with k of 0",
        ARGUMENT,
        "norm1: lrn has k=0.0",
        () -> new LayerSpec.Lrn("norm1", 5, 0, 1e-4f, 0.75f));
    expect(
        "keep 2", ARGUMENT, "drop6: dropout keep is 2.0", () -> new LayerSpec.Dropout("drop6", 2));
    expect(
        "pool size 0",
        ARGUMENT,
        "pool1: pool size 0",
        () -> new LayerSpec.Pool("pool1", 0, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL));
  }

  private static TensorSpec tensor(ParameterStore store, String name) {
    return store.tensors().stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }
}
