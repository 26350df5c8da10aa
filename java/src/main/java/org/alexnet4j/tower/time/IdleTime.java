package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.alexnet4j.tower.time.Timeline.Span;

/**
 * How long a tower did nothing in a pass: before its first operation and between one and the next.
 * Where towers meet it waits inside of the operation that sends or receives, which is not counted.
 *
 * @param tower index
 * @param micros all gaps of a pass together, mean over the passes
 * @param longest the longest gap of all passes, in microseconds
 * @param before the operation that it came before, layer first; empty if there was no gap
 * @hidden
 */
public record IdleTime(int tower, double micros, double longest, String before) {
  /**
   * Adds up the gaps of each tower.
   *
   * @param passes at least one
   * @return the gaps, in the order of the towers
   */
  public static ImmutableList<IdleTime> of(List<Timeline> passes) {
    int towers = 1 + passes.get(0).spans().stream().mapToInt(Span::tower).max().orElse(-1);
    ImmutableList.Builder<IdleTime> times = ImmutableList.builder();
    for (int tower = 0; tower < towers; tower++) {
      times.add(of(tower, passes));
    }
    return times.build();
  }

  private static IdleTime of(int tower, List<Timeline> passes) {
    double sum = 0;
    double longest = 0;
    String before = "";
    for (Timeline pass : passes) {
      double end = 0;
      for (Span span : spans(tower, pass)) {
        double gap = span.begin() - end;
        if (gap > 0) {
          sum += gap;
        }
        if (gap > longest) {
          longest = gap;
          before = span.layer() + " " + span.operation();
        }
        end = Math.max(end, span.end());
      }
    }
    return new IdleTime(tower, sum / passes.size(), longest, before);
  }

  private static List<Span> spans(int tower, Timeline pass) {
    List<Span> spans = new ArrayList<>();
    for (Span span : pass.spans()) {
      if (span.tower() == tower) {
        spans.add(span);
      }
    }
    spans.sort(Comparator.comparingDouble(Span::begin));
    return spans;
  }

  /** {@return the same for files and programs} */
  public ImmutableMap<String, Object> fields() {
    return ImmutableMap.of(
        "tower", tower, "micros", micros, "longest_micros", longest, "before", before);
  }
}
