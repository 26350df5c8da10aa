package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.time.Duration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.device.Transport;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One tower fails: the pass ends within seconds with one cause, and everything can be closed. */
class FailuresOfTowersTest {
  private static final Duration SECONDS = Duration.ofSeconds(20);

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  private static TowerException failure(Towers towers) {
    return assertTimeoutPreemptively(
        SECONDS, () -> assertThrows(TowerException.class, () -> SmallRun.step(towers, 11)));
  }

  @ParameterizedTest
  @CsvSource({
    // fault, where it shows
    "failed:conv/fprop@cpu:1:3,      'tower b, conv3 ConvFprop, step 11: '",
    "failed:fc/fprop@cpu:0:2,        'tower a, fc6 FcFprop, step 11: '",
    "failed:softmax/loss@cpu:0:1,    'tower a, softmax SoftmaxLoss, step 11: '",
    "failed:conv/dgrad@cpu:1:1,      'tower b, conv3 ConvDgrad, step 11: '",
    "device_lost:conv/wgrad@cpu:1:2, 'tower b, conv3 ConvWgrad, step 11: '",
    "device_lost:add/fprop@cpu:0:1,  'tower a, fc7 Add, step 11: '",
  })
  void theMessageNamesTowerLayerAndStep(String fault, String where) throws IOException {
    for (Transport transport : new Transport[] {Transport.PEER, Transport.STAGED}) {
      TowerOptions options = TowerOptions.DEFAULT.with(transport).with(StepMode.WALK);
      try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", options)) {
        Faults.set(fault);
        TowerException e = failure(towers);
        assertTrue(e.getMessage().startsWith(where), e.getMessage());
        assertTrue(e.getMessage().contains("a fault was asked for"), e.getMessage());
        NativeException cause = assertInstanceOf(NativeException.class, e.getCause());
        assertEquals(fault.startsWith("device_lost"), cause.isDeviceLost());
        assertEquals(0, e.getSuppressed().length, "the peer adds nothing");
      }
    }
  }

  @Test
  void aGraphThatFailsNamesTheStep() throws IOException {
    try (Towers towers =
        SmallRun.open(2, "cpu:0,cpu:1", TowerOptions.DEFAULT.with(StepMode.GRAPH))) {
      SmallRun.step(towers, 0);
      Faults.set("failed:conv/wgrad@cpu:1:2");
      TowerException e = failure(towers);
      assertTrue(e.getMessage().startsWith("graph of step 11: "), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aTowerThatDoesNotAnswerEndsThePass(boolean graph) throws Exception {
    TowerOptions options =
        TowerOptions.DEFAULT
            .with(Duration.ofSeconds(1))
            .with(graph ? StepMode.GRAPH : StepMode.WALK);
    Towers towers = SmallRun.open(2, "cpu:0,cpu:1", options);
    SmallRun.step(towers, 0);
    Faults.set("stuck:conv/wgrad@cpu:1:1");
    TowerException e = failure(towers);
    String where = graph ? "graph of step 11" : "tower b, conv3 ConvWgrad, step 11";
    assertEquals(where + ": no answer for 1 s (ALEXNET_PATIENCE)", e.getMessage());
    // Its memory cannot be taken from under it; once it has come back it can.
    towers.close();
    assertTrue(Devices.liveHandles() > 0);
    Faults.clear();
    assertTimeoutPreemptively(
        SECONDS,
        () -> {
          while (Devices.liveHandles() > 0) {
            Thread.sleep(50);
            towers.close();
          }
        });
  }

  @Test
  void towersThatFailedStayFailed() throws IOException {
    try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", TowerOptions.DEFAULT)) {
      Faults.set("failed:conv/fprop@cpu:1:3");
      String first = failure(towers).getMessage();
      Faults.clear();
      assertEquals(first, failure(towers).getMessage());
    }
  }

  /** Tower a never says that its plane is there: b waits for it, then a for b. */
  @Test
  void aPeerThatNeverSendsEndsThePass() throws IOException {
    Plan plan =
        Planner.plan(SmallNetwork.small(2), SmallNetwork.BATCH, Purpose.TRAIN, Mean.CHANNEL, 7);
    TowerOptions options = TowerOptions.DEFAULT.with(Duration.ofSeconds(1)).with(StepMode.WALK);
    try (Towers towers =
        Towers.create(withoutSend(plan), Devices.choose("cpu:0,cpu:1", 2).ids(), options)) {
      towers.mean(new float[] {120, 110, 100});
      Initializer.initialize(new ParameterStore(towers), 7, true);
      assertEquals(
          "tower a, fc6 Receive, step 11 and tower b, conv3 Receive, step 11:"
              + " no answer for 1 s (ALEXNET_PATIENCE)",
          failure(towers).getMessage());
    }
  }

  private static Plan withoutSend(Plan plan) {
    TowerPlan a = plan.towers().get(0);
    ImmutableList<Operation> forward =
        a.forward().stream()
            .filter(o -> !(o instanceof Operation.Send send && send.layer().equals("conv3")))
            .collect(ImmutableList.toImmutableList());
    TowerPlan silent =
        new TowerPlan(0, a.buffers(), forward, a.backward(), a.parameters(), a.memory());
    return new Plan(
        plan.spec(),
        plan.batch(),
        plan.purpose(),
        plan.mean(),
        plan.seed(),
        plan.slicing(),
        plan.part(),
        plan.arithmetic(),
        ImmutableList.of(silent, plan.towers().get(1)),
        plan.exchange(),
        plan.labels(),
        plan.metrics(),
        plan.probabilities(),
        plan.layers());
  }

  @ParameterizedTest
  @CsvSource({"cpu:0, a", "cpu:1, b"})
  void tooLittleMemoryOnOneSideNamesTheTower(String device, String tower) {
    // Before a tower's own arena there are two of the links' probes, one for each of their two
    // streams, one for the images, and one for what comes with a step.
    Faults.set("out_of_memory:" + device + ":7");
    DeviceMemoryException e =
        assertThrows(
            DeviceMemoryException.class,
            () -> SmallRun.open(2, "cpu:0,cpu:1", TowerOptions.DEFAULT));
    NativeException cause = assertInstanceOf(NativeException.class, e.getCause());
    assertEquals(NativeStatus.OUT_OF_MEMORY, cause.status());
    assertTrue(
        e.getMessage().contains("tower " + tower + " needs 1 MiB on " + device + ": "),
        e.getMessage());
  }

  @Test
  void patience() {
    assertEquals(Duration.ofMinutes(10), Watchdog.patience(null));
    assertEquals(Duration.ofSeconds(30), Watchdog.patience("30"));
    for (String bad : new String[] {"0", "-1", "1.5", "ten", "1000000"}) {
      assertThrows(IllegalArgumentException.class, () -> Watchdog.patience(bad), bad);
    }
  }
}
