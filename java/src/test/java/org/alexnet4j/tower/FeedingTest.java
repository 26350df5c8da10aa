package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.image.ImageMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Steps that are queued one ahead while the next batch arrives: the same bits, every access ordered
 * by an event, and each of the events needed.
 */
class FeedingTest {
  private static final int STEPS = 5;
  private static final Duration LONGEST = Duration.ofNanos(300_000);

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  /** Every kind of device that runs here, both modes, two towers on two devices and on one. */
  static Stream<List<Object>> ways() {
    List<List<Object>> ways = new ArrayList<>();
    for (StepMode mode : StepMode.values()) {
      for (String devices : List.of("cpu:0,cpu:1", "cpu:0", "emu:0,emu:1", "emu:0")) {
        ways.add(List.of(devices, mode));
      }
    }
    return ways.stream();
  }

  private static Towers open(String devices, StepMode mode) throws IOException {
    return SmallRun.open(2, devices, TowerOptions.DEFAULT.with(mode));
  }

  private static StepSettings settings(int step) {
    return new StepSettings(step, 0.01f, 0.02f, 0.9f);
  }

  /** As a loader and a loop do it: three slots of memory, a loss that is read one step late. */
  private static SmallRun fed(Towers towers) throws IOException {
    List<StepResult> steps = new ArrayList<>();
    try (ImageMemory memory = towers.imageMemory()) {
      ByteBuffer[] slots = new ByteBuffer[3];
      for (int i = 0; i < slots.length; i++) {
        slots[i] = memory.allocate(SmallNetwork.IMAGE_BYTES);
      }
      for (int step = 0; step < STEPS; step++) {
        ByteBuffer images = slots[step % slots.length];
        memory.awaitUnread(images);
        SmallNetwork.load(towers, step, images);
        towers.queueStep(settings(step));
        if (step > 0) {
          steps.add(towers.awaitStep());
        }
      }
      steps.add(towers.awaitStep());
    }
    List<float[]> weights = new ArrayList<>();
    ParameterStore store = new ParameterStore(towers);
    for (TensorSpec tensor : store.tensors()) {
      weights.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
    }
    return new SmallRun(steps, weights);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void queuedStepsHaveTheBitsOfAwaitedOnes(List<Object> way) throws IOException {
    SmallRun awaited = SmallRun.of(2, "cpu:0", TowerOptions.DEFAULT.with(StepMode.WALK), STEPS);
    if (((String) way.get(0)).startsWith("emu")) {
      awaited = SmallRun.of(2, "emu:0", TowerOptions.DEFAULT.with(StepMode.WALK), STEPS);
    }
    try (Towers towers = open((String) way.get(0), (StepMode) way.get(1))) {
      awaited.assertSameBits(fed(towers));
    }
  }

  /** The sum of -log p of the labels, from the probabilities that the same pass leaves. */
  @ParameterizedTest
  @MethodSource("ways")
  void aStepsLossIsThatOfItsOwnProbabilities(List<Object> way) throws IOException {
    try (Towers towers = open((String) way.get(0), (StepMode) way.get(1))) {
      for (int step = 0; step < STEPS; step++) {
        double got = SmallRun.step(towers, step).lossSum();
        float[] probabilities = towers.probabilities();
        int[] labels = SmallNetwork.labels(step);
        double want = 0;
        for (int i = 0; i < labels.length; i++) {
          want -= Math.log(probabilities[i * probabilities.length / labels.length + labels[i]]);
        }
        assertEquals(want, got, 1e-4, "step " + step);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("ways")
  void everyAccessOfFedStepsIsOrdered(List<Object> way) throws IOException {
    Faults.findRaces(true);
    try (Towers towers = open((String) way.get(0), (StepMode) way.get(1))) {
      assertDoesNotThrow(() -> fed(towers));
    }
  }

  @Test
  void delaysChangeNoBitOfFedSteps() throws IOException {
    SmallRun still = SmallRun.of(2, "cpu:0", TowerOptions.DEFAULT, STEPS);
    for (int seed = 0; seed < Integer.getInteger("alexnet.schedules", 10); seed++) {
      try (Towers towers = open("cpu:0,cpu:1", StepMode.WALK)) {
        Faults.delays(seed, LONGEST);
        still.assertSameBits(fed(towers));
      } finally {
        Faults.delays(0, Duration.ZERO);
      }
    }
  }

  /** Two batches are loaded and queued, the third goes to the slot that the first step has read. */
  private static void loadOverTheFirst(Towers towers, ImageMemory memory, String fault) {
    for (int step = 0; step < 2; step++) {
      SmallNetwork.load(towers, step, memory.allocate(SmallNetwork.IMAGE_BYTES));
      towers.queueStep(settings(step));
    }
    ByteBuffer third = memory.allocate(SmallNetwork.IMAGE_BYTES);
    while (towers.towers().stream().anyMatch(t -> t.at() < t.count(true))) {
      Thread.onSpinWait(); // its waits are not the ones that are counted
    }
    Faults.set(fault);
    SmallNetwork.load(towers, 2, third);
  }

  /** Each device's upload waits for the tower that has read its slot. */
  @ParameterizedTest
  @CsvSource({"2, 'cpu:0,cpu:1'", "2, 'emu:0,emu:1'", "1, cpu:0", "1, emu:0"})
  void anUploadThatDoesNotWaitForTheReaderIsARace(int count, String devices) throws IOException {
    for (int missing = 1; missing <= count + 1; missing++) {
      String fault = "missing_wait:" + missing;
      Faults.findRaces(true);
      try (Towers towers = SmallRun.open(count, devices, TowerOptions.DEFAULT.with(StepMode.WALK));
          ImageMemory memory = towers.imageMemory()) {
        if (missing > count) {
          assertDoesNotThrow(() -> loadOverTheFirst(towers, memory, fault)); // has no such wait
        } else {
          NativeException e =
              assertThrows(
                  NativeException.class, () -> loadOverTheFirst(towers, memory, fault), fault);
          assertTrue(
              e.getMessage().contains("copy/buffers writes to while input/fprop reads images"),
              e.getMessage());
        }
      }
      Faults.clear();
    }
  }

  @Test
  void imagesMayBeWrittenAgainWhenTheyAreCopiedAndNotBefore() throws IOException {
    Faults.findRaces(true);
    try (Towers towers = open("cpu:0,cpu:1", StepMode.WALK);
        ImageMemory memory = towers.imageMemory()) {
      ByteBuffer images = memory.allocate(SmallNetwork.IMAGE_BYTES);
      memory.awaitUnread(images);
      SmallNetwork.load(towers, 0, images);
      NativeException e =
          assertThrows(NativeException.class, () -> memory.find(images).host().touch(true));
      assertTrue(
          e.getMessage().contains("the host writes buffer while copy/buffers reads from"),
          e.getMessage());
      assertDoesNotThrow(() -> memory.awaitUnread(images));
      assertThrows(
          IllegalArgumentException.class, () -> memory.awaitUnread(ByteBuffer.allocateDirect(9)));
    }
  }

  /** The loss of a step is there while the next one computes. */
  @Test
  void aLossIsReadWhileTheNextStepIsUnderWay() throws IOException {
    SmallRun awaited = SmallRun.of(2, "cpu:0", TowerOptions.DEFAULT, 2);
    try (Towers towers = open("cpu:0,cpu:1", StepMode.WALK)) {
      SmallNetwork.load(towers, 0);
      towers.queueStep(settings(0));
      SmallNetwork.load(towers, 1);
      while (towers.towers().stream().anyMatch(t -> t.at() < t.count(true))) {
        Thread.onSpinWait();
      }
      Faults.set("stuck:conv/wgrad@cpu:1:1");
      towers.queueStep(settings(1));
      assertTimeoutPreemptively(
          Duration.ofSeconds(20), () -> assertEquals(awaited.steps().get(0), towers.awaitStep()));
      SmallNetwork.load(towers, 2); // into the slot that is free
      Faults.clear();
      assertEquals(awaited.steps().get(1), towers.awaitStep());
    }
  }

  @Test
  void aFailureNamesTheStepThatFailed() throws IOException {
    try (Towers towers = open("cpu:0,cpu:1", StepMode.WALK)) {
      SmallNetwork.load(towers, 0);
      towers.queueStep(settings(7));
      SmallNetwork.load(towers, 1);
      while (towers.towers().stream().anyMatch(t -> t.at() < t.count(true))) {
        Thread.onSpinWait();
      }
      Faults.set("failed:conv/wgrad@cpu:1:1");
      towers.queueStep(settings(8));
      TowerException e =
          assertThrows(
              TowerException.class,
              () -> {
                towers.awaitStep();
                towers.awaitStep();
              });
      assertTrue(e.getMessage().startsWith("tower b, conv3 ConvWgrad, step 8: "), e.getMessage());
    }
  }

  @Test
  void stepsAreQueuedTwoAtMostAndAwaitedInTheirOrder() throws IOException {
    try (Towers towers = open("cpu:0", StepMode.WALK)) {
      assertThrows(IllegalStateException.class, towers::awaitStep);
      for (int step = 0; step < 2; step++) {
        SmallNetwork.load(towers, step);
        towers.queueStep(settings(step));
      }
      IllegalStateException third =
          assertThrows(IllegalStateException.class, () -> towers.queueStep(settings(2)));
      assertEquals("queueStep: 2 steps are open; await the first one", third.getMessage());
      IllegalStateException other = assertThrows(IllegalStateException.class, towers::evaluate);
      assertEquals("evaluate: 2 queued steps were not awaited", other.getMessage());
      SmallRun awaited = SmallRun.of(2, "cpu:0", TowerOptions.DEFAULT, 2);
      assertEquals(awaited.steps(), List.of(towers.awaitStep(), towers.awaitStep()));
    }
  }

  @Test
  void towersWithAStepUnderWayCanBeClosedBeforeTheMemoryOfItsImages() throws IOException {
    Towers towers = open("cpu:0,cpu:1", StepMode.WALK);
    ImageMemory memory = towers.imageMemory();
    SmallNetwork.load(towers, 0, memory.allocate(SmallNetwork.IMAGE_BYTES));
    towers.queueStep(settings(0));
    towers.close();
    assertTrue(Devices.liveHandles() > 0);
    memory.close();
    assertThrows(IllegalStateException.class, () -> memory.allocate(1));
  }

  /** In bf16 conv1 may be widened: its images, weights and outputs as float32. */
  @Test
  void whatConvertsTensorsNeedsMemoryOfItsOwn() {
    Plan plan =
        Planner.plan(
            ConfigReader.preset("paper-2012").network(), 128, Purpose.TRAIN, Mean.CHANNEL, 7);
    List<DeviceId> ids = List.of(DeviceId.parse("cuda:0"), DeviceId.parse("cuda:1"));
    long parts = 4L * 528 * 128 * 96;
    assertEquals(parts, DeviceMemoryException.workspaceBytes(plan, ids, ids.get(0)));
    long values = 128L * 224 * 224 * 3 + 48L * 11 * 11 * 3 + 128L * 55 * 55 * 48;
    Plan narrow = plan.in(Arithmetic.of(Precision.BF16));
    long most = DeviceMemoryException.workspaceBytes(narrow, ids, ids.get(0));
    assertTrue(most >= parts + 4 * values && most < parts + 12 * values, most + " of " + values);
    List<DeviceId> one = List.of(ids.get(0), ids.get(0));
    assertEquals(2 * parts, DeviceMemoryException.workspaceBytes(plan, one, ids.get(0)));
  }

  /** Here the arenas fit, and what is converted does not. */
  @Test
  void theBatchThatIsAdvisedLeavesRoomForWhatIsConverted() {
    List<DeviceId> ids = List.of(DeviceId.parse("cuda:0"), DeviceId.parse("cuda:0"));
    Plan plan = narrow(128);
    long free = DeviceMemoryException.arenaBytes(plan, ids, ids.get(0)) + (60 << 20);
    String text = DeviceMemoryException.of(plan, ids, ids.get(0), free, null).getMessage();
    Matcher advised = Pattern.compile("fits is (\\d+): --batch").matcher(text);
    assertTrue(advised.find(), text);
    int batch = Integer.parseInt(advised.group(1));
    assertTrue(batch < 127 && needed(batch, ids) <= free, text);
    assertTrue(needed(batch + 1, ids) > free, text);
  }

  private static Plan narrow(int batch) {
    return Planner.plan(
            ConfigReader.preset("paper-2012").network(), batch, Purpose.TRAIN, Mean.CHANNEL, 7)
        .in(Arithmetic.of(Precision.BF16));
  }

  private static long needed(int batch, List<DeviceId> ids) {
    return DeviceMemoryException.arenaBytes(narrow(batch), ids, ids.get(0))
        + DeviceMemoryException.workspaceBytes(narrow(batch), ids, ids.get(0));
  }

  @Test
  void aDeviceHasItsImagesOnce() throws IOException {
    Plan plan =
        Planner.plan(SmallNetwork.small(2), SmallNetwork.BATCH, Purpose.TRAIN, Mean.CHANNEL, 7);
    long images = 2L * SmallNetwork.IMAGE_BYTES;
    assertEquals(images, plan.imageBytes());
    long arenas = plan.towers().stream().mapToLong(t -> t.memory().bytes()).sum();
    DeviceId one = DeviceId.parse("cuda:0");
    DeviceId two = DeviceId.parse("cuda:1");
    assertEquals(arenas + images, DeviceMemoryException.arenaBytes(plan, List.of(one, one), one));
    assertEquals(
        plan.towers().get(1).memory().bytes() + images,
        DeviceMemoryException.arenaBytes(plan, List.of(one, two), two));
    int id = plan.towers().get(0).buffer("images").id();
    try (Towers towers = open("cpu:0", StepMode.WALK)) {
      assertSame(towers.towers().get(0).buffer(id), towers.towers().get(1).buffer(id));
    }
  }

  /** What a fed step leaves to the collector is a few objects, and nothing native is made. */
  @Test
  void aFedStepAllocatesNeitherBuffersNorHandles() throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Towers towers = open("cpu:0,cpu:1", StepMode.WALK);
        ImageMemory memory = towers.imageMemory()) {
      ByteBuffer images = memory.allocate(SmallNetwork.IMAGE_BYTES);
      int[] crops = new int[3 * SmallNetwork.BATCH];
      int[] labels = new int[SmallNetwork.BATCH];
      long handles = 0;
      long bytes = 0;
      for (int step = 0; step < 20; step++) {
        if (step == 10) {
          handles = Devices.liveHandles();
          bytes = threads.getCurrentThreadAllocatedBytes();
        }
        memory.awaitUnread(images);
        towers.load(SmallNetwork.BATCH, images, crops, null, labels);
        towers.queueStep(settings(step));
        towers.awaitStep();
      }
      long perStep = (threads.getCurrentThreadAllocatedBytes() - bytes) / 10;
      assertEquals(handles, Devices.liveHandles());
      assertTrue(perStep < 16 << 10, perStep + " bytes a step");
    }
  }
}
