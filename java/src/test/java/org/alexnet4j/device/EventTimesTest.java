package org.alexnet4j.device;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Marks take times: at once, at every launch of a graph, and across devices with one clock. */
class EventTimesTest {

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void marksHaveTheTimesOfTheLaunch(String id) {
    try (Device device = Device.open(DeviceId.parse(id));
        Stream stream = device.newStream();
        Event origin = device.newEvent();
        Event early = device.newEvent();
        Event late = device.newEvent();
        Arena arena = device.newArena(Arena.Memory.DEVICE, 1024);
        Buffer buffer = arena.buffer(0, 1024)) {
      EventTimes times = new EventTimes(origin, List.of(early, late));
      origin.mark(stream);
      assertThrows(IllegalStateException.class, () -> times.read(1), "nothing was marked yet");
      Runnable work =
          () -> {
            early.mark(stream);
            stream.fill(buffer, 0, 256, 1);
            late.mark(stream);
          };
      try (Graph graph = Graph.record(List.of(stream), work)) {
        assertThrows(IllegalStateException.class, () -> times.read(1), "recorded is not launched");
        double before = 0;
        for (int launch = 0; launch < 3; launch++) {
          graph.launch();
          stream.synchronize();
          times.read(2);
          assertTrue(before < times.micros(0), "each launch takes the time anew");
          assertTrue(times.micros(0) < times.micros(1));
          before = times.micros(1);
        }
      }
      work.run();
      times.read(2);
      assertTrue(0 < times.micros(0) && times.micros(0) < times.micros(1));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"emu:1", "cpu:1", "cpu:0"})
  void hostDevicesHaveOneClock(String id) {
    try (Device here = Device.open(DeviceId.parse("emu:0"));
        Device there = Device.open(DeviceId.parse(id));
        Stream first = here.newStream();
        Stream second = there.newStream();
        Event origin = here.newEvent();
        Event mark = there.newEvent()) {
      EventTimes times = new EventTimes(origin, List.of(mark));
      origin.mark(first);
      mark.mark(second);
      times.read(1);
      assertTrue(times.micros(0) > 0 && times.micros(0) < 60e6);
      assertThrows(IllegalArgumentException.class, () -> mark.mark(first));
    }
  }
}
