package org.alexnet4j.misuse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.EventTimes;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.SettingsSource;

/** Wrong calls of devices and what lives on them, each with the answer that it must get. */
final class MisusedDevices extends MisuseAnswers {
  MisusedDevices(Path folder) {
    super(folder);
  }

  @Override
  void cases() throws Exception {
    copies();
    mappedFiles();
    closedThings();
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
}
