package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Nobody writes over what somebody still needs: a map of the arena, block by block, of whose
 * content lies there while the operations run in their order. It knows offsets and sizes only, not
 * the lives by which the plan shares memory.
 */
class BufferLivesTest {
  private static final int BLOCK = 4096;
  private static final int NOBODY = -1;
  private static final Set<Kind> ALWAYS =
      Set.of(Kind.STEP, Kind.BATCH, Kind.PARAMETER, Kind.VELOCITY);

  /** One tower while it runs: who has written each block last. */
  private static final class Arena {
    private final TowerPlan tower;
    private final int[] owner;
    private final Set<Integer> begun = new HashSet<>();
    private final Set<String> losses = new TreeSet<>();

    Arena(TowerPlan tower) {
      this.tower = tower;
      this.owner = new int[Math.toIntExact((tower.memory().bytes() + BLOCK - 1) / BLOCK)];
      Arrays.fill(owner, NOBODY);
    }

    private int first(int id) {
      return Math.toIntExact(tower.memory().offsets().get(id) / BLOCK);
    }

    private int end(int id) {
      long end = tower.memory().offsets().get(id) + tower.buffers().get(id).bytes();
      return Math.toIntExact((end + BLOCK - 1) / BLOCK);
    }

    /** What comes into a buffer, whoever had the memory before. */
    void begin(int id) {
      if (tower.buffers().get(id).kind() != Kind.IMAGES && begun.add(id)) {
        Arrays.fill(owner, first(id), end(id), id);
      }
    }

    void requireWhole(int id, Object when) {
      if (tower.buffers().get(id).kind() == Kind.IMAGES) {
        return; // beside the arena
      }
      for (int block = first(id); block < end(id); block++) {
        if (owner[block] != id) {
          String by = owner[block] < 0 ? "nobody" : tower.buffers().get(owner[block]).name();
          losses.add(tower.buffers().get(id).name() + " to " + by + " before " + when);
          return;
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Purpose.class)
  void contentStaysAsLongAsItIsNeeded(Purpose purpose) {
    for (String preset : List.of("paper-2012", "four-towers-2012", "cifar10-80sec")) {
      Plan plan = Planner.plan(ConfigReader.preset(preset).network(), 4, purpose, Mean.CHANNEL, 0);
      for (TowerPlan tower : plan.towers()) {
        assertEquals(Set.of(), run(plan, tower), preset + ", tower " + tower.tower());
      }
    }
  }

  /**
   * The same for each of several ranks, whose moves go on beside other operations: between the
   * begin and the end of one its buffers are nobody else's.
   */
  @Test
  void whatRanksMoveStaysMeanwhile() {
    for (String preset : List.of("cifar10-80sec", "cifar10-13pct")) {
      for (int rank = 0; rank < 4; rank++) {
        Plan plan =
            Planner.plan(
                ConfigReader.preset(preset).network(),
                16,
                Purpose.TRAIN,
                Mean.PIXEL,
                0,
                new Slicing(8, rank % 2 == 0),
                new RankPart(rank, 4));
        TowerPlan tower = plan.towers().get(0);
        assertEquals(Set.of(), run(plan, tower), preset + ", rank " + rank);
        List<Operation> operations = tower.operations().toList();
        for (int i = 0; i < operations.size(); i++) {
          if (operations.get(i) instanceof Operation.BeginAlltoall move) {
            requireUntouched(tower, operations, i, move.from());
          } else if (operations.get(i) instanceof Operation.BeginAllgather move) {
            requireUntouched(tower, operations, i, move.buffer());
          }
        }
      }
    }
  }

  private static void requireUntouched(
      TowerPlan tower, List<Operation> operations, int begin, int sent) {
    Operation move = operations.get(begin);
    for (int i = begin + 1; i < operations.size(); i++) {
      if (operations.get(i) instanceof Operation.AwaitMove end && end.from() == sent) {
        return;
      }
      for (int used : operations.get(i).buffers()) {
        for (int moved : move.buffers()) {
          assertFalse(overlap(tower, used, moved), "moved beside " + operations.get(i));
        }
      }
    }
    fail("nobody waits for " + move);
  }

  private static boolean overlap(TowerPlan tower, int one, int other) {
    long first = tower.memory().offsets().get(one);
    long second = tower.memory().offsets().get(other);
    return first >= 0
        && second >= 0
        && first < second + tower.buffers().get(other).bytes()
        && second < first + tower.buffers().get(one).bytes();
  }

  /**
   * What shares memory could hardly share more: the arena is as large as what is needed at one
   * time, and in training, where buffers do not fit together as well, not much larger.
   */
  @ParameterizedTest
  @EnumSource(
      value = Purpose.class,
      names = {"TRAIN", "INFER"})
  void nothingIsKeptLongerThanItIsNeeded(Purpose purpose) {
    for (String preset : List.of("paper-2012", "four-towers-2012", "cifar10-80sec")) {
      Plan plan =
          Planner.plan(ConfigReader.preset(preset).network(), 128, purpose, Mean.CHANNEL, 0);
      for (TowerPlan tower : plan.towers()) {
        long needed = most(plan, tower);
        assertTrue(
            tower.memory().bytes() <= needed * (purpose == Purpose.INFER ? 1 : 1.05),
            preset + ", tower " + tower.tower() + ": " + tower.memory().bytes() + " of " + needed);
      }
    }
  }

  /** Returns the bytes that are needed at one time, at most, by lives of the test's own. */
  private static long most(Plan plan, TowerPlan tower) {
    List<Operation> operations = tower.operations().toList();
    int count = operations.size();
    int[] first = new int[tower.buffers().size()];
    int[] last = new int[tower.buffers().size()];
    for (BufferSpec buffer : tower.buffers()) {
      int id = buffer.id();
      boolean always = ALWAYS.contains(buffer.kind());
      boolean read = tower.tower() == 0 && (id == plan.metrics() || id == plan.probabilities());
      first[id] = always ? 0 : count;
      last[id] = always || read ? count - 1 : -1;
      for (int i = 0; i < count; i++) {
        if (operations.get(i).buffers().contains(id)) {
          boolean arrives = operations.get(i) instanceof Operation.Receive;
          boolean leaves = operations.get(i) instanceof Operation.Send;
          first[id] = Math.min(first[id], arrives ? 0 : i);
          last[id] = Math.max(last[id], leaves ? count - 1 : i);
        }
      }
    }
    long most = 0;
    for (int i = 0; i < count; i++) {
      long now = 0;
      for (BufferSpec buffer : tower.buffers()) {
        boolean inArena = buffer.kind() != Kind.IMAGES;
        if (inArena && first[buffer.id()] <= i && i <= last[buffer.id()]) {
          now += (buffer.bytes() + BLOCK - 1) / BLOCK * BLOCK;
        }
      }
      most = Math.max(most, now);
    }
    return most;
  }

  private static Set<String> run(Plan plan, TowerPlan tower) {
    Arena arena = new Arena(tower);
    Set<Integer> toEnd = new HashSet<>();
    for (BufferSpec buffer : tower.buffers()) {
      if (buffer.isWhole() && ALWAYS.contains(buffer.kind())) {
        arena.begin(buffer.id()); // from step to step
        toEnd.add(buffer.id());
      }
    }
    List<Operation> operations = tower.operations().toList();
    for (Operation operation : operations) {
      if (operation instanceof Operation.Receive receive) {
        arena.begin(receive.buffer()); // the other tower may send at any time before
      }
      if (operation instanceof Operation.Send send) {
        toEnd.add(send.buffer()); // the other tower may fetch at any time after
      }
    }
    for (Operation operation : operations) {
      List<Integer> used =
          operation.buffers().stream().map(id -> tower.buffers().get(id).memory()).toList();
      used.forEach(arena::begin);
      used.forEach(id -> arena.requireWhole(id, operation));
    }
    if (tower.tower() == 0) {
      toEnd.addAll(List.of(plan.metrics(), plan.probabilities())); // read after the pass
    }
    if (plan.purpose() == Purpose.INSPECT) {
      toEnd.addAll(arena.begun);
    }
    toEnd.forEach(id -> arena.requireWhole(id, "the end"));
    return arena.losses;
  }
}
