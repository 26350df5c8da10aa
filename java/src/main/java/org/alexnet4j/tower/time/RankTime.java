package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.function.ToDoubleFunction;

/**
 * What a rank's moves took, added up. Moves of several towers, and those beside which a tower goes
 * on, may lie beside each other.
 *
 * @param moves by tower, in the order of its operations
 */
public record RankTime(ImmutableList<MoveTime> moves) {

  /**
   * {@return what was added since an earlier time of the same towers}
   *
   * @param before an earlier reading
   */
  public RankTime since(RankTime before) {
    ImmutableList.Builder<MoveTime> since = ImmutableList.builder();
    for (int i = 0; i < moves.size(); i++) {
      since.add(moves.get(i).since(before.moves.get(i)));
    }
    return new RankTime(since.build());
  }

  private double sum(ToDoubleFunction<MoveTime> of) {
    return moves.stream().mapToDouble(of).sum();
  }

  /**
   * {@return the means of a step, for files and programs: all together, and each move}
   *
   * @param steps in which all of it was moved
   */
  public ImmutableMap<String, Object> fields(long steps) {
    double micros = sum(MoveTime::micros);
    double waitMicros = sum(MoveTime::waitMicros);
    return ImmutableMap.of(
        "bytes", sum(m -> (double) m.bytes() * m.times()) / steps,
        "micros", micros / steps,
        "waitMicros", waitMicros / steps,
        "hiddenShare", MoveTime.hiddenShare(micros, waitMicros),
        "moves", moves.stream().map(m -> m.fields(steps)).toList());
  }
}
