package org.alexnet4j.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.config.EnsembleSpec;
import org.alexnet4j.config.EnsembleSpec.Member;
import org.alexnet4j.config.EnsembleSpec.Mix;
import org.alexnet4j.experiment.Differences.Value;
import org.alexnet4j.experiment.EnsembleRow.Score;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.junit.jupiter.api.Test;

/** Intervals and differences of ensembles by hand. */
class EnsembleRowTest {
  private static EnsembleSpec spec(OptionalLong... seeds) {
    ImmutableList.Builder<Mix> mixes = ImmutableList.builder();
    for (OptionalLong seed : seeds) {
      mixes.add(new Mix(seed, ImmutableList.of(new Member("a", 1), new Member("b", 1))));
    }
    return new EnsembleSpec(
        "both",
        Optional.empty(),
        Optional.empty(),
        ImmutableList.of(),
        Optional.empty(),
        mixes.build());
  }

  private static Score score(OptionalLong seed, double top1) {
    return new Score(
        seed,
        ImmutableList.of("a-1", "b-1"),
        new Errors(100, top1, top1 / 2, 1),
        ImmutableList.of(0.5, 0.5),
        Optional.empty());
  }

  /** 10 of 100: Wilson's interval is 5.52 to 17.44 %, as tables have it. */
  @Test
  void oneNumberHasWilsonsInterval() {
    OptionalLong none = OptionalLong.empty();
    EnsembleRow row = new EnsembleRow(spec(none), ImmutableList.of(score(none, 0.1)));
    assertEquals("10.00 (5.52 to 17.44)", row.text(Errors::top1));
    assertEquals("2 networks", row.count());
    assertEquals("-", new EnsembleRow(spec(none), ImmutableList.of()).text(Errors::top1));
  }

  /** 0.1, 0.2, 0.3: mean 0.2, deviation 0.1, t(2) = 4.303, root of 3. */
  @Test
  void severalSeedsHaveStudents() {
    OptionalLong[] seeds = {OptionalLong.of(1), OptionalLong.of(2), OptionalLong.of(3)};
    ImmutableList<Score> scores =
        ImmutableList.of(score(seeds[0], 0.1), score(seeds[1], 0.2), score(seeds[2], 0.3));
    EnsembleRow row = new EnsembleRow(spec(seeds), scores);
    assertEquals("20.00 ± 24.84", row.text(Errors::top1));
    assertEquals("10.00 ± 12.42", row.text(Errors::top5));
    assertEquals("3", row.count());
    assertTrue(row.overImages(Errors::top1).isEmpty());
  }

  @Test
  void differencesAreOfTheSameSeedOrAgainstTheOneNumber() {
    List<Value> variant =
        List.of(
            new Value(OptionalLong.of(1), 0.4),
            new Value(OptionalLong.of(2), 0.5),
            new Value(OptionalLong.of(3), 0.9));
    List<Value> bySeed =
        List.of(new Value(OptionalLong.of(2), 0.3), new Value(OptionalLong.of(1), 0.3));
    List<Value> one = List.of(new Value(OptionalLong.empty(), 0.3));
    assertEquals(0.15, Differences.of(variant, bySeed).mean(), 1e-12);
    assertEquals(2, Differences.of(variant, bySeed).count());
    assertEquals(0.3, Differences.of(variant, one).mean(), 1e-12);
    assertEquals(3, Differences.of(variant, one).count());
    assertEquals(-0.3, Differences.of(one, variant).mean(), 1e-12);
    assertEquals(0, Differences.of(one, one).mean());
  }
}
