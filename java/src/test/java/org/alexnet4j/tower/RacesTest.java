package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.device.Transport;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.image.ImageMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Looks for races between streams and towers: by the order of events, which finds one whatever the
 * timing, and by random delays. More schedules of each kind of device: {@code
 * -Dalexnet.schedules=1000}.
 */
class RacesTest {
  private static final int SCHEDULES = Integer.getInteger("alexnet.schedules", 15);
  private static final Duration LONGEST = Duration.ofNanos(300_000);

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  /** Every transport in both modes, on two devices and on one. */
  static Stream<List<Object>> ways() {
    List<List<Object>> ways = new ArrayList<>();
    for (StepMode mode : StepMode.values()) {
      for (Transport transport : List.of(Transport.PEER, Transport.STORE, Transport.STAGED)) {
        ways.add(List.of("cpu:0,cpu:1", transport, mode));
        ways.add(List.of("emu:0,emu:1", transport, mode));
      }
      for (Transport transport : List.of(Transport.SAME, Transport.STORE, Transport.STAGED)) {
        ways.add(List.of("cpu:0", transport, mode));
      }
    }
    return ways.stream();
  }

  private static TowerOptions options(List<Object> way) {
    return TowerOptions.DEFAULT.with((Transport) way.get(1)).with((StepMode) way.get(2));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void everyAccessIsOrderedByAnEvent(List<Object> way) throws IOException {
    Faults.findRaces(true);
    try (Towers towers = SmallRun.open(2, (String) way.get(0), options(way))) {
      for (int step = 0; step < 3; step++) {
        SmallRun.step(towers, step);
        towers.evaluate();
      }
    }
  }

  /** Slices use the memory of transfers again, as soon as what towers send each other allows it. */
  @ParameterizedTest
  @MethodSource("ways")
  void everyAccessOfASlicedStepIsOrderedByAnEvent(List<Object> way) {
    Faults.findRaces(true);
    assertDoesNotThrow(
        () -> {
          sliced(way, new Slicing(2, false));
          sliced(way, new Slicing(2, true));
        });
  }

  private static void sliced(List<Object> way, Slicing slicing) throws IOException {
    try (Towers towers = SmallRun.open(2, (String) way.get(0), options(way), slicing)) {
      for (int step = 0; step < 2; step++) {
        SmallRun.step(towers, step);
        towers.evaluate();
      }
    }
  }

  /**
   * Waits of a step are left out, one at a time; all of them are needed, and each is missed. Of
   * peer copies it is every one, of other ways every fourth unless there are many schedules.
   */
  @ParameterizedTest
  @ValueSource(strings = {"PEER", "STORE", "STAGED"})
  void aMissingEventIsFoundWhereverItIs(Transport transport) throws IOException {
    int stride = transport == Transport.PEER || SCHEDULES > 100 ? 1 : 4;
    TowerOptions options = TowerOptions.DEFAULT.with(transport).with(StepMode.WALK);
    // Both towers wait for their images, then for each plane.
    int waits = 2 + 14 * (transport == Transport.STAGED ? 3 : 2);
    for (int missing = 1; missing <= waits; missing += missing <= 2 ? 1 : stride) {
      Faults.findRaces(true);
      try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", options);
          ImageMemory memory = towers.imageMemory()) {
        ByteBuffer images = memory.allocate(SmallNetwork.IMAGE_BYTES);
        Faults.set("missing_wait:" + missing);
        TowerException e =
            assertThrows(TowerException.class, () -> step(towers, 0, images), "wait " + missing);
        assertTrue(e.getMessage().contains("race: "), e.getMessage());
        assertTrue(e.getMessage().contains("no event orders them"), e.getMessage());
      }
      Faults.clear();
    }
    try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", options);
        ImageMemory memory = towers.imageMemory()) {
      Faults.set("missing_wait:" + (waits + 1));
      Faults.findRaces(true);
      step(towers, 0, memory.allocate(SmallNetwork.IMAGE_BYTES)); // has no such wait
    }
  }

  private static void step(Towers towers, int step, ByteBuffer images) {
    SmallNetwork.load(towers, step, images);
    towers.step(new StepSettings(step, 0.01f, 0.02f, 0.9f));
  }

  @Test
  void aMissingEventOfAGraphIsFoundWhenItIsRecorded() throws IOException {
    TowerOptions options = TowerOptions.DEFAULT.with(StepMode.GRAPH);
    Faults.findRaces(true);
    try (Towers towers = SmallRun.open(2, "emu:0,emu:1", options)) {
      SmallRun.step(towers, 0);
      // Behind the waits for the pass before, for images, and for the start of the recording.
      Faults.set("missing_wait:6");
      TowerException e = assertThrows(TowerException.class, () -> SmallRun.step(towers, 1));
      assertTrue(e.getMessage().startsWith("graph of step 1: "), e.getMessage());
      assertTrue(e.getMessage().contains("race: "), e.getMessage());
    }
  }

  @Test
  void delaysChangeNoBit() throws IOException {
    for (String kind : List.of("cpu", "emu")) {
      SmallRun still = SmallRun.of(2, kind + ":0", TowerOptions.DEFAULT, 2);
      for (int seed = 0; seed < SCHEDULES; seed++) {
        Transport transport =
            List.of(Transport.PEER, Transport.STORE, Transport.STAGED).get(seed % 3);
        TowerOptions options = TowerOptions.DEFAULT.with(transport);
        try (Towers towers = SmallRun.open(2, kind + ":0," + kind + ":1", options)) {
          Faults.delays(seed, LONGEST);
          still.assertSameBits(SmallRun.of(towers, 2));
        } finally {
          Faults.delays(0, Duration.ZERO);
        }
      }
    }
  }
}
