package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.Transport;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.link.Link;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** All transports give the same bits, and one that does not work is refused. */
class TransportsTest {
  private static final int STEPS = 20;

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  private static SmallRun train(String devices, Transport transport, StepMode mode)
      throws IOException {
    return SmallRun.of(2, devices, TowerOptions.DEFAULT.with(transport).with(mode), STEPS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu", "emu"})
  void allTransportsGiveTheSameBits(String kind) throws IOException {
    String one = kind + ":0";
    String two = kind + ":0," + kind + ":1";
    SmallRun same = train(one, Transport.SAME, StepMode.WALK);
    for (Transport transport : List.of(Transport.PEER, Transport.STORE, Transport.STAGED)) {
      same.assertSameBits(train(two, transport, StepMode.WALK));
    }
    same.assertSameBits(train(two, Transport.STORE, StepMode.GRAPH));
    same.assertSameBits(train(two, Transport.STAGED, StepMode.GRAPH));
    same.assertSameBits(train(one, Transport.STORE, StepMode.WALK));
    same.assertSameBits(train(one, Transport.STAGED, StepMode.WALK));
  }

  /** What arrives is what was sent, after crop, flip, noise and mask; the inputs are the same. */
  @ParameterizedTest
  @EnumSource(
      value = Transport.class,
      names = {"PEER", "STORE", "STAGED"})
  void bothTowersHaveTheSameInputAndTheSamePlanes(Transport transport) throws IOException {
    Plan plan =
        Planner.plan(SmallNetwork.small(2), SmallNetwork.BATCH, Purpose.INSPECT, Mean.CHANNEL, 7);
    TowerOptions options = TowerOptions.DEFAULT.with(transport);
    try (Towers towers = Towers.create(plan, Devices.choose("cpu:0,cpu:1", 2).ids(), options)) {
      Initializer.initialize(new ParameterStore(towers), 7, false);
      towers.mean(new float[] {120, 110, 100});
      SmallNetwork.load(towers, 3);
      towers.inspect(new StepSettings(3, 0.01f, 0.01f, 0.9f), true);
      assertArrayEquals(towers.read(0, "input"), towers.read(1, "input"));
      for (Transfer transfer : plan.exchange().transfers()) {
        assertArrayEquals(
            towers.read(transfer.from(), name(plan, transfer.from(), transfer.fromBuffer())),
            towers.read(transfer.to(), name(plan, transfer.to(), transfer.toBuffer())),
            transfer.toString());
      }
      float[] arrived = towers.read(0, "drop6.b");
      int dropped = 0;
      for (float value : arrived) {
        dropped += value == 0 ? 1 : 0;
      }
      assertTrue(dropped > arrived.length / 4, "masked before it crossed: " + dropped);
    }
  }

  private static String name(Plan plan, int tower, int buffer) {
    return plan.towers().get(tower).buffers().get(buffer).name();
  }

  @Test
  void threeTowersStoreOnceAndCopyTheRest() throws IOException {
    String devices = "emu:0,emu:1,emu:2";
    SmallRun one = SmallRun.of(3, "emu:0", TowerOptions.DEFAULT, 3);
    TowerOptions store = TowerOptions.DEFAULT.with(Transport.STORE);
    one.assertSameBits(SmallRun.of(3, devices, store, 3));
  }

  @Test
  void kernelsStoreThePooledPlaneAndTheGradients() throws IOException {
    TowerOptions options = TowerOptions.DEFAULT.with(Transport.STORE);
    try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", options)) {
      for (Transfer transfer : towers.plan().exchange().transfers()) {
        // relu3's plane comes from a convolution, drop6's and drop7's from a product.
        boolean stored =
            transfer.direction() == Direction.BACKWARD || transfer.plane().equals("pool2");
        assertEquals(
            stored ? Transport.STORE : Transport.PEER,
            towers.transport(transfer.id()),
            transfer.toString());
      }
    }
  }

  @Test
  void autoTakesPeerCopiesOnceTheProbeHasArrived() throws IOException {
    assertEquals(
        "emu:0 -> emu:1: peer (262144 bytes of a probe arrived unchanged)",
        links("emu:0,emu:1").get(0));
    assertEquals("emu:0 -> emu:0: same (both towers on one device)", links("emu:0").get(0));
  }

  private static List<String> links(String devices) throws IOException {
    try (Towers towers = SmallRun.open(2, devices, TowerOptions.DEFAULT)) {
      return towers.links().stream().map(Link::toString).toList();
    }
  }

  /** Peer access that reports success and delivers zeros exists. */
  @Test
  void peerCopiesThatDeliverZerosAreNotUsed() throws IOException {
    SmallRun same = SmallRun.of(2, "cpu:0", TowerOptions.DEFAULT, 3);
    Faults.set("peer_zeros");
    assertEquals(
        "cpu:0 -> cpu:1: staged (of 262144 bytes of a probe by peer byte 0 arrived changed)",
        links("cpu:0,cpu:1").get(0));
    same.assertSameBits(SmallRun.of(2, "cpu:0,cpu:1", TowerOptions.DEFAULT, 3));
    for (Transport transport : List.of(Transport.PEER, Transport.STORE)) {
      assertRefused(transport, "byte 0 arrived changed");
    }
  }

  @Test
  void refusedPeerAccessLeavesTheWayThroughTheHost() throws IOException {
    Faults.set("peer_refused");
    assertEquals("cpu:1 -> cpu:0: staged (no peer access)", links("cpu:0,cpu:1").get(1));
    for (Transport transport : List.of(Transport.PEER, Transport.STORE)) {
      assertRefused(transport, "'" + transport + "' does not work: no peer access");
    }
  }

  private static void assertRefused(Transport transport, String text) {
    TowerOptions options = TowerOptions.DEFAULT.with(transport);
    NativeException e =
        assertThrows(NativeException.class, () -> SmallRun.open(2, "cpu:0,cpu:1", options));
    assertTrue(e.getMessage().startsWith("cpu:0 -> cpu:1: "), e.getMessage());
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  @Test
  void aTransportThatCannotBeIsRefused() {
    assertBad("cpu:0,cpu:1", Transport.SAME, "transport 'same' needs all towers on one device");
    assertBad("cpu:0", Transport.PEER, "transport 'peer' needs two devices");
    assertEquals(Transport.STAGED, Transport.parse("staged"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Transport.parse("PEER"));
    assertEquals(
        "unknown transport 'PEER'; did you mean 'peer'? allowed: auto, same, peer, store, staged",
        e.getMessage());
  }

  private static void assertBad(String devices, Transport transport, String text) {
    TowerOptions options = TowerOptions.DEFAULT.with(transport);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> SmallRun.open(2, devices, options));
    assertTrue(e.getMessage().startsWith(text), e.getMessage());
  }
}
