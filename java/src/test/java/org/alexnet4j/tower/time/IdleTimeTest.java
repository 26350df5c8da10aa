package org.alexnet4j.tower.time;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.alexnet4j.tower.time.Timeline.Span;
import org.junit.jupiter.api.Test;

/** Gaps between operations against timelines written by hand. */
final class IdleTimeTest {
  private static Span span(int tower, String layer, double begin, double end) {
    return new Span(tower, layer, "ConvFprop", -1, false, begin, end);
  }

  private static Timeline pass(Span... spans) {
    return new Timeline(0, ImmutableList.copyOf(spans), ImmutableList.of(), ImmutableList.of());
  }

  @Test
  void gapsOfEachTowerAreAddedUp() {
    Timeline first =
        pass(
            span(0, "conv1", 2, 10),
            span(0, "conv2", 13, 20),
            span(1, "conv1", 0, 5),
            span(1, "conv2", 5, 9));
    Timeline second =
        pass(span(0, "conv1", 0, 10), span(0, "conv2", 17, 20), span(1, "conv1", 0, 9));
    assertEquals(
        List.of(
            new IdleTime(0, (2 + 3 + 7) / 2.0, 7, "conv2 ConvFprop"), new IdleTime(1, 0, 0, "")),
        IdleTime.of(List.of(first, second)));
  }

  @Test
  void whatRunsBesideAnotherOperationLeavesNoGap() {
    Timeline beside =
        pass(span(0, "conv1", 0, 10), span(0, "bias", 2, 4), span(0, "conv2", 11, 12));
    assertEquals(List.of(new IdleTime(0, 1, 1, "conv2 ConvFprop")), IdleTime.of(List.of(beside)));
  }
}
