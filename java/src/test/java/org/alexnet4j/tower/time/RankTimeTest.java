package org.alexnet4j.tower.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RankTimeTest {
  private static MoveTime move(String plane, long times, double micros, double waitMicros) {
    return new MoveTime(1, "conv2", "alltoall", plane, 100, times, micros, waitMicros);
  }

  /** Two steps since the earlier time; the second move was waited for longer than it took. */
  @Test
  void meansOfAStepSinceAnEarlierTime() {
    RankTime before = new RankTime(ImmutableList.of(move("one", 1, 10, 5), move("two", 3, 0, 0)));
    RankTime now = new RankTime(ImmutableList.of(move("one", 3, 50, 15), move("two", 5, 20, 30)));
    Map<String, Object> fields = now.since(before).fields(2);
    assertEquals(200.0, fields.get("bytes"));
    assertEquals(30.0, fields.get("micros"));
    assertEquals(20.0, fields.get("waitMicros"));
    assertEquals(1 - 40.0 / 60, (double) fields.get("hiddenShare"), 1e-12);
    List<?> moves = (List<?>) fields.get("moves");
    assertEquals(
        Map.of(
            "plane",
            "one",
            "layer",
            "conv2",
            "kind",
            "alltoall",
            "tower",
            "b",
            "bytes",
            100L,
            "micros",
            20.0,
            "waitMicros",
            5.0,
            "hiddenShare",
            0.75),
        moves.get(0));
    assertEquals(0.0, ((Map<?, ?>) moves.get(1)).get("hiddenShare"));
  }
}
