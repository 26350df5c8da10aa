package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnet4j.config.LayerRates;
import org.alexnet4j.config.StageSpec;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.run.StageState;
import org.alexnet4j.tower.RateFactors;

/**
 * The learning rates of a run as it goes: the drops, the curve or the stages that the configuration
 * states, or the drops that the held-out error has brought about so far (paper, section 5: "divide
 * the learning rate by 10 when the validation error rate stopped improving").
 *
 * <p>The rates of a step are a pure function of its place and of {@link ScheduleState}, which is
 * part of a checkpoint. Threads: one caller.
 */
final class Schedule {
  private final TrainingSpec spec;
  private ScheduleState state;

  /** Makes the schedule of a configuration, as it stood. */
  Schedule(TrainingSpec spec, ScheduleState state) {
    this.spec = spec;
    this.state = state;
  }

  /** What was measured after an epoch; NaN where nothing was. */
  record HeldOut(double error, double loss) {
    /** Nothing was. */
    static final HeldOut NONE = new HeldOut(Double.NaN, Double.NaN);
  }

  /** Returns what the schedule has seen. */
  ScheduleState state() {
    return state;
  }

  /** Returns the stage of an epoch, if the configuration has any; the last one has no end. */
  Optional<StageSpec> stage(int epoch) {
    int last = spec.stages().size() - 1;
    return last < 0
        ? Optional.empty()
        : Optional.of(spec.stages().get(Math.min(last, state.stages().stageAt(epoch))));
  }

  /** Returns whether no epoch is left to do; the next one is given. */
  boolean isOver(int epoch) {
    return spec.stages().isEmpty()
        ? epoch >= spec.epochs() || stopped().isPresent()
        : state.stages().present() >= spec.stages().size();
  }

  /** Returns why the run ends before its epochs are done, if it does ({@code training.stop}). */
  Optional<String> stopped() {
    int without = state.stages().without(); // a run has either stages or a stop
    return spec.stop()
        .filter(stop -> without >= stop.patience())
        .map(
            stop ->
                "the held-out loss has not come"
                    + (stop.minimum() > 0 ? " by " + stop.minimum() : "")
                    + " below "
                    + state.stages().best()
                    + " for "
                    + without
                    + (without == 1 ? " epoch" : " epochs"));
  }

  private void see(TrainingSpec.Stop stop, double heldOutLoss) {
    StageState seen = state.stages();
    boolean better = heldOutLoss < seen.best() - stop.minimum();
    state =
        state.with(
            better
                ? seen.nextEpoch(heldOutLoss, 0)
                : seen.nextEpoch(seen.best(), seen.without() + 1));
  }

  /** Returns how many epochs there will be at most. */
  int epochs() {
    if (spec.stages().isEmpty()) {
      return spec.epochs();
    }
    int present = state.stages().present();
    int began = state.stages().begins().get(present);
    return began + spec.stages().stream().skip(present).mapToInt(StageSpec::epochs).sum();
  }

  /** Returns the learning rate of the weights in a step. */
  float rate(Progress at, int stepsPerEpoch) {
    Optional<StageSpec> stage = stage(at.epoch());
    return stage.isPresent()
        ? stage.get().rate()
        : effective().rateAt(at.epoch()) * curve(at, stepsPerEpoch);
  }

  /** Returns the learning rate of the biases in a step. */
  float biasRate(Progress at, int stepsPerEpoch) {
    Optional<StageSpec> stage = stage(at.epoch());
    if (stage.isPresent()) {
      return stage.get().biasRate();
    }
    float rate = effective().biasRateAt(at.epoch());
    return spec.biasRateFollows() ? rate * curve(at, stepsPerEpoch) : rate;
  }

  private float curve(Progress at, int stepsPerEpoch) {
    long step = (long) at.epoch() * stepsPerEpoch + at.stepInEpoch();
    return spec.curveAt(step, stepsPerEpoch);
  }

  /** Returns the factors on the rates of single layers in an epoch, from 0. */
  RateFactors factors(int epoch) {
    Optional<StageSpec> stage = stage(epoch);
    return stage.isPresent()
        ? new RateFactors(others(stage.get().weightRates()), others(stage.get().biasRates()))
        : new RateFactors(spec.weightRates().at(epoch), spec.biasRates().at(epoch));
  }

  private static ImmutableMap<String, Float> others(ImmutableMap<String, Float> factors) {
    return factors.entrySet().stream()
        .filter(factor -> factor.getValue() != 1)
        .collect(ImmutableMap.toImmutableMap(f -> f.getKey(), f -> f.getValue()));
  }

  /** Returns the factor on the velocity. */
  float momentum() {
    return spec.momentum();
  }

  private TrainingSpec effective() {
    return spec.plateau().isPresent() ? spec.withDrops(state.drops()) : spec;
  }

  /** Takes in the losses of a step's images; stages are decided by their mean. */
  void stepped(double lossSum, long images) {
    if (!spec.stages().isEmpty()) {
      state = state.with(state.stages().plus(lossSum, images));
    }
  }

  /**
   * Takes in the end of an epoch.
   *
   * @param epoch the one that ended, from 0
   * @param heldOut what was measured after it; NaN counts as no improvement
   * @return why the next epoch has another rate, or nothing
   */
  Optional<String> epochEnded(int epoch, HeldOut heldOut) {
    if (!spec.stages().isEmpty()) {
      return stageEnded(epoch, heldOut.loss());
    }
    spec.stop().ifPresent(stop -> see(stop, heldOut.loss()));
    Optional<String> drop = dropAfter(epoch, heldOut.error());
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

  private Optional<String> stageEnded(int epoch, double heldOutLoss) {
    StageState stages = state.stages();
    if (stages.present() >= spec.stages().size()) {
      return Optional.empty(); // more steps were asked for than the stages have
    }
    StageSpec stage = spec.stages().get(stages.present());
    boolean better = heldOutLoss < stages.best();
    int without = better ? 0 : stages.without() + 1;
    int done = epoch + 1 - stages.begins().get(stages.present());
    String because = null;
    if (stage.end().orElse(null) instanceof StageSpec.Patience patience
        && without >= patience.epochs()) {
      because =
          "the loss of held-out images has not improved on "
              + stages.best()
              + " for "
              + without
              + " epochs";
    } else if (stage.end().orElse(null) instanceof StageSpec.LossOf other
        && stages.loss() <= stages.losses().get(other.stage() - 1)) {
      because =
          "its training loss " + stages.loss() + " has come to that of stage " + other.stage();
    } else if (done >= stage.epochs()) {
      because = "its " + stage.epochs() + " epochs are done";
    }
    if (because == null) {
      state = state.with(stages.nextEpoch(better ? heldOutLoss : stages.best(), without));
      return Optional.empty();
    }
    state = state.with(stages.nextStage(epoch + 1));
    return Optional.of("stage " + (stages.present() + 1) + " ended: " + because);
  }

  private Optional<String> dropAfter(int epoch, double heldOutError) {
    if (spec.plateau().isEmpty()) {
      boolean same =
          spec.rateAt(epoch + 1) == spec.rateAt(epoch)
              && spec.biasRateAt(epoch + 1) == spec.biasRateAt(epoch);
      return same
          ? Optional.empty()
          : Optional.of("epoch " + (epoch + 1) + " is one of the configuration's drops");
    }
    TrainingSpec.Plateau plateau = spec.plateau().get();
    if (heldOutError < state.best()) {
      state = state.with(state.drops(), heldOutError, 0);
      return Optional.empty();
    }
    int without = state.without() + 1;
    boolean drop = without >= plateau.patience() && state.drops().size() < plateau.drops();
    if (!drop) {
      state = state.with(state.drops(), state.best(), without);
      return Optional.empty();
    }
    ImmutableList<Integer> drops =
        ImmutableList.<Integer>builder().addAll(state.drops()).add(epoch + 1).build();
    state = state.with(drops, state.best(), 0);
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
