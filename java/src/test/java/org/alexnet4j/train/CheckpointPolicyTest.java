package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import org.alexnet4j.run.Progress;
import org.junit.jupiter.api.Test;

/** When checkpoints are due, with epochs of six steps. */
class CheckpointPolicyTest {
  private static final int EPOCH = 6;

  private static CheckpointPolicy every(long steps) {
    return new CheckpointPolicy(steps, 2, true, 0);
  }

  /** Returns the steps up to 14, by the number of updates done, that a condition chooses. */
  private static List<Long> steps(Predicate<Progress> chosen) {
    return LongStream.rangeClosed(1, 14)
        .filter(step -> chosen.test(new Progress(step, (int) step / EPOCH, (int) step % EPOCH)))
        .boxed()
        .toList();
  }

  @Test
  void oneIsDueAfterEveryIntervalOrEpoch() {
    assertEquals(List.of(4L, 8L, 12L), steps(every(4)::due));
    assertEquals(List.of(6L, 12L), steps(every(0)::due));
    assertEquals(4, every(4).interval(EPOCH));
    assertEquals(EPOCH, every(0).interval(EPOCH));
    assertEquals(List.of(5L, 10L), steps(every(4).withEverySteps(5)::due));
  }

  @Test
  void oneMoreLiesHalfway() {
    assertEquals(List.of(2L, 6L, 10L, 14L), steps(at -> every(4).halfway(at, EPOCH)));
    assertEquals(List.of(3L, 9L), steps(at -> every(0).halfway(at, EPOCH)));
    assertEquals(List.of(), steps(at -> every(1).halfway(at, EPOCH)));
  }

  @Test
  void impossibleValuesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> every(-1));
    assertThrows(IllegalArgumentException.class, () -> new CheckpointPolicy(0, 0, true, 0));
    assertThrows(IllegalArgumentException.class, () -> new CheckpointPolicy(0, 1, true, -1));
    assertEquals(1, new CheckpointPolicy(0, 1, true, 0).keepLast());
  }
}
