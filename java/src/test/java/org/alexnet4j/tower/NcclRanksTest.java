package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnet4j.device.Communicator;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.Faults;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.ranks.LocalRanks;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Moves between ranks from device to device. In place of NCCL, which needs GPUs, a library of the
 * native checks moves memory of the host.
 */
class NcclRanksTest {
  private static final int BATCH = 8;

  @BeforeAll
  static void openStandIn() {
    Path file = Path.of(System.getProperty("basedir", "."), "target/cmake/libnccl_stand_in.so");
    assertEquals("a stand-in for NCCL 2.7.0", Communicator.library(file.toString()));
  }

  @AfterEach
  void nothingStays() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @CsvSource({"1, 2, emu", "2, 4, cpu", "3, 2, cpu"})
  void theBitsAreThoseOfOneProcess(int towers, int slices, String kind) throws Exception {
    NetworkSpec network = RanksTest.network(towers, 8);
    Slicing slicing = new Slicing(slices, false);
    List<?> alone = RanksTest.train(network, BATCH, slicing, kind + ":0", 1, 2);
    Faults.findRaces(true);
    for (int ranks = 2; ranks <= slices; ranks *= 2) {
      List<?> many = RanksTest.train(network, BATCH, slicing, kind + ":0", ranks, RankWay.NCCL, 2);
      RanksTest.assertSame(alone, many, ranks + " ranks");
    }
  }

  @Test
  void theWayIsSaidAndWhoDoesNotComeEndsTheStep() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    CountDownLatch over = new CountDownLatch(1);
    try {
      List<Future<List<String>>> running =
          LocalRanks.of(2, RankWay.NCCL).stream()
              .map(ranks -> threads.submit(() -> notesOf(ranks, over)))
              .toList();
      for (Future<List<String>> one : running) {
        assertTrue(
            one.get()
                .contains(
                    "moves between ranks go from device to device, by a stand-in for NCCL 2.7.0"),
            one.get().toString());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<String> notesOf(Ranks ranks, CountDownLatch over) throws Exception {
    NetworkSpec network = RanksTest.network(1, 8);
    RankPart part = new RankPart(ranks.rank(), 2);
    Plan plan =
        Planner.plan(network, BATCH, Purpose.TRAIN, Mean.PIXEL, 7, new Slicing(2, false), part);
    TowerOptions options = TowerOptions.DEFAULT.with(ranks).with(Duration.ofSeconds(1));
    try (Towers towers = Towers.create(plan, Devices.choose("cpu:0", 1).ids(), options)) {
      Initializer.initialize(new ParameterStore(towers), 5, true);
      if (ranks.rank() == 1) {
        over.await();
      } else {
        float[] mean = new float[3 * network.sourceSize() * network.sourceSize()];
        towers.mean(mean);
        RanksTest.load(towers, 0, BATCH);
        TowerException e =
            assertThrows(
                TowerException.class, () -> towers.step(new StepSettings(0, 1e-3f, 1e-3f, 0.9f)));
        over.countDown();
        assertTrue(e.getMessage().contains("no answer"), e.getMessage());
      }
      return towers.notes();
    } finally {
      over.countDown();
    }
  }
}
