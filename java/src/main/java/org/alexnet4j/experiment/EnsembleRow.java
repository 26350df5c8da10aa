package org.alexnet4j.experiment;

import com.google.common.collect.ImmutableList;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.ToDoubleFunction;
import org.alexnet4j.config.EnsembleSpec;
import org.alexnet4j.config.ExperimentSpec.Part;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.alexnet4j.report.Wilson;

/**
 * An ensemble with what was found of it: a number for each seed, or one of networks of several
 * seeds.
 *
 * @param spec what is averaged
 * @param scores of those whose members have all ended, in the order of the mixes
 */
public record EnsembleRow(EnsembleSpec spec, ImmutableList<Score> scores) {

  /**
   * The errors of one average.
   *
   * @param seed of its members; empty if they are of several
   * @param networks the members' runs
   * @param errors of the images that were measured
   * @param shares of the members, as stated or tuned
   * @param tuned how they were tuned, or nothing
   */
  public record Score(
      OptionalLong seed,
      ImmutableList<String> networks,
      Errors errors,
      ImmutableList<Double> shares,
      Optional<Tuned> tuned) {}

  /**
   * Shares that were tuned.
   *
   * @param part of the held-out images; the others were measured
   * @param images how many the part has
   * @param loss mean log-loss of the part, nats
   */
  public record Tuned(Part part, long images, double loss) {}

  /** Returns whether its one number comes with an interval over images. */
  boolean isOfImages() {
    return spec.mixes().size() == 1;
  }

  /** Returns mean and, of several seeds, Student's interval. */
  public MeanInterval value(ToDoubleFunction<Errors> error) {
    return MeanInterval.of(
        scores.stream().mapToDouble(score -> error.applyAsDouble(score.errors)).toArray());
  }

  /** Returns Wilson's interval over the images, where there is one number. */
  public Optional<Wilson> overImages(ToDoubleFunction<Errors> error) {
    if (!isOfImages() || scores.isEmpty()) {
      return Optional.empty();
    }
    Errors errors = scores.get(0).errors;
    return Optional.of(Wilson.of(error.applyAsDouble(errors), errors.images()));
  }

  /** Returns the error in percent: {@code 12.34 ± 0.56}, or {@code 12.34 (11.20 to 13.57)}. */
  public String text(ToDoubleFunction<Errors> error) {
    String interval =
        overImages(error)
            .map(
                wilson ->
                    String.format(
                        Locale.ROOT, " (%.2f to %.2f)", 100 * wilson.low(), 100 * wilson.high()))
            .orElse("");
    return value(error).text(100, 2) + interval;
  }

  /** Says how many there are: {@code 3} seeds, {@code 7 networks}. */
  public String count() {
    return spec.isBySeed()
        ? String.valueOf(scores.size())
        : spec.mixes().get(0).members().size() + " networks";
  }
}
