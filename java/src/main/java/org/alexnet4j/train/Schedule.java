package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Optional;
import java.util.stream.Collectors;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.run.ScheduleState;

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

  /** Returns the factors on the rate of layers' weights in an epoch, from 0; 1 where none is. */
  public ImmutableMap<String, Float> weightRates(int epoch) {
    return spec.weightRates().at(epoch);
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
        spec.weightRates().factors().keySet().stream()
            .filter(layer -> factor(layer, epoch + 1) != factor(layer, epoch))
            .map(layer -> "the weights of " + layer + " learn by " + factor(layer, epoch + 1))
            .collect(Collectors.joining("; "));
    if (layers.isEmpty()) {
      return drop;
    }
    return Optional.of(drop.map(because -> because + "; ").orElse("") + layers);
  }

  private float factor(String layer, int epoch) {
    return weightRates(epoch).getOrDefault(layer, 1f);
  }

  private Optional<String> dropAfter(int epoch, double heldOutError) {
    if (spec.plateau().isEmpty()) {
      return rate(epoch + 1) == rate(epoch)
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
