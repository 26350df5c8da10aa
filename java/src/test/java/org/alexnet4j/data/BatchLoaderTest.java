package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BatchLoaderTest {

  /** Image i is all bytes i; chosen images fail, and reads may be slow or counted. */
  private static final class PlainDataset implements Dataset {
    final int size;
    final Set<Integer> damaged = new HashSet<>();
    final AtomicInteger reads = new AtomicInteger();
    long readMillis;
    RuntimeException bug;
    CountDownLatch fifth; // if set, the fifth read waits for it

    PlainDataset(int size) {
      this.size = size;
    }

    @Override
    public int size() {
      return size;
    }

    @Override
    public List<String> classes() {
      return List.of("even", "odd");
    }

    @Override
    public int label(int index) {
      return index % 2;
    }

    @Override
    public String name(int index) {
      return "image" + index;
    }

    @Override
    public int source() {
      return 8;
    }

    @Override
    public void read(int index, ByteBuffer to) throws IOException {
      if (reads.incrementAndGet() == 5 && fifth != null) {
        await(fifth);
      }
      if (readMillis > 0) {
        sleep(readMillis);
      }
      if (bug != null) {
        throw bug;
      }
      if (damaged.contains(index)) {
        throw new DataException(name(index), "damaged", "whole images");
      }
      for (int i = 0; i < imageBytes(); i++) {
        to.put((byte) index);
      }
    }

    @Override
    public void close() {}
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @AfterEach
  void noLoaderThreadIsLeft() {
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      assertFalse(thread.getName().startsWith("alexnet-loader"), thread.getName() + " still runs");
    }
  }

  /** Everything a step sees, as text. */
  private static String describe(Batch batch) {
    CRC32 sum = new CRC32();
    sum.update(batch.images().duplicate());
    StringBuilder text = new StringBuilder();
    text.append(batch.epoch()).append('/').append(batch.step()).append(' ').append(sum.getValue());
    for (int i = 0; i < batch.count(); i++) {
      text.append(' ').append(batch.indices()[i]).append(':').append(batch.labels()[i]);
      for (int k = 3 * i; k < 3 * i + 3; k++) {
        text.append(',').append(batch.crops()[k]);
      }
      for (int k = 0; batch.noise() != null && k < ColourNoise.VALUES; k++) {
        int bits = Float.floatToIntBits(batch.noise()[ColourNoise.VALUES * i + k]);
        text.append(',').append(bits);
      }
    }
    return text.toString();
  }

  private static BatchLoader training(Dataset set, int threads) {
    return BatchLoader.of(set, 6)
        .seed(11)
        .threads(threads)
        .prefetch(3)
        .epochs(3)
        .augmentation(Augmentation.paper2012(5).withNoise(ColourNoise.imageNet()));
  }

  private static List<String> all(BatchLoader loader) {
    List<String> steps = new ArrayList<>();
    try (loader) {
      for (Batch batch : loader) {
        steps.add(describe(batch));
      }
    }
    return steps;
  }

  @Test
  void batchesAreTheSameForAnyNumberOfThreads() {
    List<String> one = all(training(new PlainDataset(50), 1));
    assertEquals(3 * 8, one.size()); // 50 / 6 whole batches an epoch
    for (int threads = 2; threads <= 5; threads++) {
      PlainDataset set = new PlainDataset(50);
      set.readMillis = threads == 5 ? 1 : 0; // another interleaving
      assertEquals(one, all(training(set, threads)), threads + " threads");
    }
  }

  @Test
  void pixelsLabelsAndIndicesBelongTogether() throws IOException {
    PlainDataset set = new PlainDataset(50);
    try (BatchLoader loader = training(set, 3)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        assertTrue(batch.images().isDirect());
        assertEquals(batch.count() * set.imageBytes(), batch.images().remaining());
        for (int i = 0; i < batch.count(); i++) {
          int index = batch.indices()[i];
          assertEquals((byte) index, batch.images().get(i * set.imageBytes()));
          assertEquals((byte) index, batch.images().get((i + 1) * set.imageBytes() - 1));
          assertEquals(index % 2, batch.labels()[i]);
        }
      }
    }
  }

  @Test
  void resumeContinuesWithTheSameBatches() {
    List<String> whole = all(training(new PlainDataset(50), 2));
    for (int done : new int[] {0, 1, 7, 8, 13, 23, 24}) { // inside, at and behind epoch borders
      List<String> rest = all(training(new PlainDataset(50), 2).startAt(done / 8, done % 8));
      assertEquals(whole.subList(done, whole.size()), rest, "after " + done + " steps");
    }
    assertEquals(
        whole.subList(8, 24), all(training(new PlainDataset(50), 2).startAt(0, 8)), "epoch's end");
  }

  @Test
  void withNoBatchAheadTheNextOneIsMadeOnceThisOneIsGivenBack() throws Exception {
    List<String> ahead = all(training(new PlainDataset(50), 2));
    assertEquals(ahead, all(training(new PlainDataset(50), 2).prefetch(0)));
    try (BatchLoader loader = training(new PlainDataset(50), 2).prefetch(0)) {
      List<String> steps = new ArrayList<>();
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        Thread.sleep(2);
        assertEquals(steps.size() == ahead.size() - 1, loader.isReady());
        steps.add(describe(batch));
        loader.release();
        for (int i = 0; i < 10_000 && !loader.isReady(); i++) {
          Thread.sleep(1);
        }
        assertTrue(loader.isReady());
        loader.release(); // once more does nothing
      }
      assertEquals(ahead, steps);
    }
    assertThrows(
        IllegalArgumentException.class, () -> training(new PlainDataset(50), 2).prefetch(-1));
  }

  @Test
  void everyEpochShowsEveryImageOnceInAnotherOrder() throws IOException {
    PlainDataset set = new PlainDataset(48);
    List<List<Integer>> orders = new ArrayList<>();
    try (BatchLoader loader = BatchLoader.of(set, 6).seed(3).epochs(3)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        if (batch.step() == 0) {
          orders.add(new ArrayList<>());
        }
        for (int i = 0; i < batch.count(); i++) {
          orders.get(batch.epoch()).add(batch.indices()[i]);
        }
      }
    }
    for (List<Integer> order : orders) {
      assertEquals(48, new HashSet<>(order).size());
    }
    assertNotEquals(orders.get(0), orders.get(1));
    assertNotEquals(orders.get(1), orders.get(2));
  }

  /**
   * 24,000 shuffles of four images: each of the 24 orders 1,000 times, deviation 31; allowed six of
   * them.
   */
  @Test
  void everyOrderIsEquallyLikely() {
    EpochOrder order = new EpochOrder(4, 5, true);
    int[] counts = new int[256];
    for (int epoch = 0; epoch < 24_000; epoch++) {
      int code = 0;
      for (int i = 0; i < 4; i++) {
        code = 4 * code + order.at(epoch, i);
      }
      counts[code]++;
    }
    int seen = 0;
    for (int count : counts) {
      if (count > 0) {
        seen++;
        assertEquals(1000, count, 190);
      }
    }
    assertEquals(24, seen);
  }

  @Test
  void testLoaderKeepsTheOrderAndTheShortLastBatch() throws IOException {
    try (BatchLoader loader = BatchLoader.sequential(new PlainDataset(10), 4).threads(2)) {
      assertEquals(3, loader.stepsPerEpoch());
      assertArrayEquals(new int[] {0, 1, 2, 3}, loader.next().indices());
      assertArrayEquals(new int[] {4, 5, 6, 7}, loader.next().indices());
      Batch last = loader.next();
      assertEquals(2, last.count());
      assertEquals(8, last.indices()[0]);
      assertEquals(2 * 8 * 8 * 3, last.images().remaining());
      assertArrayEquals(
          new int[] {0, 0, 0, 0, 0, 0}, Arrays.copyOf(last.crops(), 6)); // whole image
      assertNull(loader.next());
      assertNull(loader.next());
    }
  }

  @Test
  void viewsOverwriteTheWindowsOfTheBatch() throws IOException {
    Augmentation centre = Augmentation.centre(6);
    try (BatchLoader loader = BatchLoader.sequential(new PlainDataset(2), 2).augmentation(centre)) {
      Batch batch = loader.next();
      assertArrayEquals(new int[] {1, 1, 0, 1, 1, 0}, batch.crops());
      batch.setView(centre, 6);
      assertArrayEquals(new int[] {0, 2, 1, 0, 2, 1}, batch.crops());
    }
  }

  @Test
  void buffersAreUsedAgainAndComeFromTheGivenPlace() throws IOException {
    List<ByteBuffer> given = new ArrayList<>();
    try (BatchLoader loader =
        BatchLoader.of(new PlainDataset(60), 6)
            .epochs(4)
            .prefetch(2)
            .memory(
                bytes -> {
                  given.add(ByteBuffer.allocateDirect(bytes));
                  return given.get(given.size() - 1);
                })) {
      Set<Integer> seen = new HashSet<>();
      for (Batch batch : loader) {
        seen.add(System.identityHashCode(batch.images()));
        assertTrue(given.stream().anyMatch(buffer -> buffer == batch.images()));
      }
      assertEquals(3, given.size());
      assertEquals(3, seen.size());
    }
  }

  @Test
  void itIsSaidWhetherABatchIsThere() throws Exception {
    PlainDataset set = new PlainDataset(8);
    try (BatchLoader loader = BatchLoader.sequential(set, 4).threads(1).prefetch(1)) {
      while (!loader.isReady()) {
        Thread.sleep(1);
      }
      long waited = loader.waited().toNanos();
      assertEquals(0, loader.next().step());
      assertTrue(loader.waited().toNanos() - waited < 50_000_000, "it was there");
      while (!loader.isReady()) {
        Thread.sleep(1);
      }
      assertEquals(1, loader.next().step());
      assertTrue(loader.isReady(), "the end is, too");
      assertNull(loader.next());
    }
  }

  /**
   * Batches of four images, a thread's claim, in two slots: each slot may be filled once, and the
   * third batch waits for the first one's slot, whichever thread fills it.
   */
  @Test
  void aBatchIsFilledWhenItsMemorySaysSo() throws Exception {
    List<Semaphore> unread = new ArrayList<>();
    Map<ByteBuffer, Semaphore> ofSlot = new IdentityHashMap<>();
    BatchMemory memory =
        new BatchMemory() {
          @Override
          public ByteBuffer allocate(int bytes) {
            ByteBuffer images = ByteBuffer.allocateDirect(bytes);
            unread.add(new Semaphore(1));
            ofSlot.put(images, unread.get(unread.size() - 1));
            return images;
          }

          @Override
          public void awaitUnread(ByteBuffer images) {
            ofSlot.get(images).acquireUninterruptibly();
          }
        };
    try (BatchLoader loader =
        BatchLoader.sequential(new PlainDataset(12), 4).threads(2).prefetch(1).memory(memory)) {
      try {
        assertEquals(0, loader.next().step());
        assertEquals(1, loader.next().step());
        while (!unread.get(0).hasQueuedThreads()) {
          sleep(1);
        }
        assertFalse(loader.isReady());
        unread.get(0).release();
        assertEquals(2, loader.next().step());
      } finally {
        unread.forEach(slot -> slot.release(9)); // or close would wait for a thread that waits
      }
    }
  }

  @Test
  void theFailureOfAWorkerReachesTheConsumerAtItsBatch() throws IOException {
    for (int threads = 1; threads <= 3; threads++) {
      PlainDataset set = new PlainDataset(40);
      set.damaged.addAll(Set.of(17, 14, 30)); // batches of 4: 3, 4 and 7
      try (BatchLoader loader = BatchLoader.sequential(set, 4).threads(threads)) {
        for (int i = 0; i < 3; i++) {
          assertEquals(i, loader.next().step());
        }
        DataException first = assertThrows(DataException.class, loader::next);
        assertEquals("image14: damaged; allowed: whole images", first.getMessage());
        assertSame(first, assertThrows(DataException.class, loader::next));
      }
    }
  }

  @Test
  void aBugInAWorkerNamesTheImage() {
    PlainDataset set = new PlainDataset(4);
    set.bug = new ArithmeticException("by zero");
    try (BatchLoader loader = BatchLoader.sequential(set, 4)) {
      IllegalStateException e = assertThrows(IllegalStateException.class, loader::next);
      assertEquals(
          "image0: reading failed: java.lang.ArithmeticException: by zero", e.getMessage());
    }
  }

  /** A thread finishes the image it is at, here the fifth, and not the three claimed with it. */
  @Test
  void closeStopsTheThreadsAtOnce() throws Exception {
    PlainDataset set = new PlainDataset(100);
    set.fifth = new CountDownLatch(1);
    BatchLoader loader = BatchLoader.of(set, 4).threads(1).prefetch(20);
    loader.next();
    while (set.reads.get() < 5) {
      sleep(1);
    }
    Thread closer = new Thread(loader::close);
    closer.start();
    while (closer.getState() != Thread.State.WAITING) {
      sleep(1); // until close waits for the thread that waits for the latch
    }
    set.fifth.countDown();
    closer.join();
    assertEquals(5, set.reads.get());
    loader.close();
    assertThrows(IllegalStateException.class, loader::next);
    assertThrows(IllegalStateException.class, () -> loader.seed(1));
  }

  @Test
  void prefetchRunsAheadButNotFurtherThanAsked() throws IOException {
    PlainDataset set = new PlainDataset(100);
    try (BatchLoader loader = BatchLoader.sequential(set, 5).prefetch(2).threads(2)) {
      loader.next();
      long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
      while (set.reads.get() < 15 && System.nanoTime() < deadline) {
        sleep(1);
      }
      sleep(20);
      assertEquals(15, set.reads.get()); // the one in use and two ahead
    }
  }

  @Test
  void theTimeTheConsumerWaitedIsReported() throws IOException {
    PlainDataset set = new PlainDataset(4);
    set.readMillis = 10;
    try (BatchLoader loader = BatchLoader.sequential(set, 4).threads(1)) {
      assertEquals(Duration.ZERO, loader.waited());
      loader.next();
      assertTrue(loader.waited().toMillis() >= 30, "waited " + loader.waited());
    }
  }

  @Test
  void impossibleSettingsAreRefusedWithTheAllowedValues() {
    PlainDataset set = new PlainDataset(5);
    assertMessage("batch of 0 images; allowed: 1 or more", () -> BatchLoader.of(set, 0));
    assertMessage(
        "a batch of 6 images is larger than the data set; allowed: 1 to 5",
        () -> BatchLoader.of(set, 6).next());
    assertMessage("0 loader threads; allowed: 1 or more", () -> BatchLoader.of(set, 1).threads(0));
    assertMessage(
        "a window of 9 pixels does not fit into images of 8",
        () -> BatchLoader.of(set, 1).augmentation(Augmentation.centre(9)));
    assertMessage(
        "start at step 6 of epoch 0; allowed: 0 to 5",
        () -> BatchLoader.of(set, 1).startAt(0, 6).next());
    assertMessage(
        "start at epoch 2 of 1 epochs", () -> BatchLoader.of(set, 1).startAt(2, 0).next());
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void assertMessage(String want, Attempt attempt) {
    assertEquals(want, assertThrows(IllegalArgumentException.class, attempt::run).getMessage());
  }
}
