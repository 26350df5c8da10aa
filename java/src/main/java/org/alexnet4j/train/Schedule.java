package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnet4j.config.LayerRates;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.tower.RateFactors;

/**
 * The learning rates of a run as it goes: the drops that the configuration states, or those that
 * the held-out error has brought about so far (paper, section 5: "divide the learning rate by 10
 * when the validation error rate stopped improving").
 *
 * <p>The rates of an epoch are a pure function of {@link ScheduleState}, which is part of a
 * checkpoint. Threads: one caller.
 */
public final class Schedule {
  private final TrainingSpec spec;
  private ScheduleState state;

  /** Makes the schedule of a configuration, as it stood. */
  public Schedule(TrainingSpec spec, ScheduleState state) {
    this.spec = spec;
    this.state = state;
  }

  /** Returns what the schedule has seen. */
  public ScheduleState state() {
    return state;
  }

  /** Returns the learning rate of the weights in an epoch, from 0. */
  public float rate(int epoch) {
    return effective().rateAt(epoch);
  }

  /** Returns the learning rate of the biases in an epoch, from 0. */
  public float biasRate(int epoch) {
    return effective().biasRateAt(epoch);
  }

  /** Returns the factors on the rates of single layers in an epoch, from 0. */
  public RateFactors factors(int epoch) {
    return new RateFactors(spec.weightRates().at(epoch), spec.biasRates().at(epoch));
  }

  /** Returns the factor on the velocity. */
  public float momentum() {
    return spec.momentum();
  }

  private TrainingSpec effective() {
    return spec.plateau().isPresent() ? spec.withDrops(state.drops()) : spec;
  }

  /**
   * Takes in the end of an epoch.
   *
   * @param epoch the one that ended, from 0
   * @param heldOutError top-1 error after it; NaN counts as no improvement
   * @return why the next epoch has another rate, or nothing
   */
  public Optional<String> epochEnded(int epoch, double heldOutError) {
    Optional<String> drop = dropAfter(epoch, heldOutError);
    String layers =
        Stream.concat(
                changes("weights", spec.weightRates(), epoch),
                changes("biases", spec.biasRates(), epoch))
            .collect(Collectors.joining("; "));
    if (layers.isEmpty()) {
      return drop;
    }
    return Optional.of(drop.map(because -> because + "; ").orElse("") + layers);
  }

  private static Stream<String> changes(String what, LayerRates rates, int epoch) {
    ImmutableMap<String, Float> before = rates.at(epoch);
    ImmutableMap<String, Float> after = rates.at(epoch + 1);
    return rates.factors().keySet().stream()
        .filter(layer -> !Objects.equals(before.get(layer), after.get(layer)))
        .map(
            layer -> "the " + what + " of " + layer + " learn by " + after.getOrDefault(layer, 1f));
  }

  private Optional<String> dropAfter(int epoch, double heldOutError) {
    if (spec.plateau().isEmpty()) {
      return rate(epoch + 1) == rate(epoch) && biasRate(epoch + 1) == biasRate(epoch)
          ? Optional.empty()
          : Optional.of("epoch " + (epoch + 1) + " is one of the configuration's drops");
    }
    TrainingSpec.Plateau plateau = spec.plateau().get();
    if (heldOutError < state.best()) {
      state = new ScheduleState(state.drops(), heldOutError, 0);
      return Optional.empty();
    }
    int without = state.without() + 1;
    boolean drop = without >= plateau.patience() && state.drops().size() < plateau.drops();
    if (!drop) {
      state = new ScheduleState(state.drops(), state.best(), without);
      return Optional.empty();
    }
    ImmutableList<Integer> drops =
        ImmutableList.<Integer>builder().addAll(state.drops()).add(epoch + 1).build();
    state = new ScheduleState(drops, state.best(), 0);
    return Optional.of(
        "the held-out error has not improved on "
            + state.best()
            + " for "
            + without
            + " epochs (drop "
            + drops.size()
            + " of at most "
            + plateau.drops()
            + ")");
  }
}
