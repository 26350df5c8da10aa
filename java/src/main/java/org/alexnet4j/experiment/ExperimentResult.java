package org.alexnet4j.experiment;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Comparison;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.run.RunFolder;

/**
 * The table of an experiment, from the runs that have ended so far.
 *
 * @param spec the question
 * @param data where the images were
 * @param rows a row for each variant
 * @param differences a row for each comparison
 */
public record ExperimentResult(
    ExperimentSpec spec,
    String data,
    ImmutableList<Row> rows,
    ImmutableList<Difference> differences) {

  /**
   * A run that has ended.
   *
   * @param value what is measured
   * @param top5 top-5 error of the held-out images, beside an error
   * @param colour towers' colours, where they are measured
   */
  public record Run(
      long seed,
      String folder,
      double value,
      double top5,
      RunMeasures curves,
      Optional<FilterColour> colour) {}

  /** A variant with its runs, in the order of the seeds. */
  public record Row(Variant variant, ImmutableList<Run> runs) {
    /** Returns mean and interval over the seeds. */
    public MeanInterval value() {
      return MeanInterval.of(runs.stream().mapToDouble(Run::value).toArray());
    }

    /** Returns the same of the top-5 errors. */
    public MeanInterval top5() {
      return MeanInterval.of(runs.stream().mapToDouble(Run::top5).toArray());
    }
  }

  /**
   * How much less the second variant has than the first, by pairs of runs with the same seed.
   *
   * @param value first less second: above 0 if the second is better
   */
  public record Difference(Comparison comparison, MeanInterval value) {}

  /**
   * Reads the runs.
   *
   * @param runs folders of those that have ended, by variant and seed
   * @throws IOException if one cannot be read
   */
  public static ExperimentResult read(
      ExperimentSpec spec, String data, Map<String, Map<Long, Path>> runs) throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Variant variant : spec.variants()) {
      ImmutableList.Builder<Run> read = ImmutableList.builder();
      for (long seed : spec.seeds()) {
        Path folder = runs.getOrDefault(variant.name(), Map.of()).get(seed);
        if (folder != null) {
          read.add(run(spec.measure(), variant, seed, folder));
        }
      }
      rows.put(variant.name(), new Row(variant, read.build()));
    }
    ImmutableList.Builder<Difference> differences = ImmutableList.builder();
    for (Comparison comparison : spec.comparisons()) {
      differences.add(
          difference(comparison, rows.get(comparison.from()), rows.get(comparison.to())));
    }
    return new ExperimentResult(
        spec, data, ImmutableList.copyOf(rows.values()), differences.build());
  }

  private static Run run(Measure measure, Variant variant, long seed, Path folder)
      throws IOException {
    RunMeasures curves = RunMeasures.read(folder);
    Optional<FilterColour> colour = Optional.empty();
    if (measure == Measure.COLOUR) {
      LayerSpec first = variant.configuration().network().layers().get(0);
      Path checkpoint = new RunFolder(folder).latest().orElseThrow();
      colour =
          Optional.of(
              FilterColour.of(
                  checkpoint, first.name(), variant.configuration().network().towers()));
    }
    double value =
        switch (measure) {
          case ERROR -> RunMeasures.last(curves.testError());
          case EPOCHS_TO_QUARTER -> curves.epochsToQuarter();
          case COLOUR -> colour.get().difference();
        };
    double top5 = RunMeasures.last(curves.testTop5());
    return new Run(seed, folder.getFileName().toString(), value, top5, curves, colour);
  }

  private static Difference difference(Comparison comparison, Row from, Row to) {
    List<Double> pairs = new ArrayList<>();
    for (Run first : from.runs()) {
      to.runs().stream()
          .filter(second -> second.seed() == first.seed())
          .forEach(second -> pairs.add(first.value() - second.value()));
    }
    return new Difference(
        comparison, MeanInterval.of(pairs.stream().mapToDouble(Double::doubleValue).toArray()));
  }

  /** Returns how many runs have ended. */
  public int ended() {
    return rows.stream().mapToInt(row -> row.runs().size()).sum();
  }

  /** Returns the unit of the measure, as a factor on its values: errors are shown in percent. */
  public double unit() {
    return spec.measure() == Measure.EPOCHS_TO_QUARTER ? 1 : 100;
  }

  /** Says what the values are. */
  public String measure() {
    return switch (spec.measure()) {
      case ERROR -> "top-1 error, %";
      case EPOCHS_TO_QUARTER -> "epochs to 25 % training error";
      case COLOUR -> "difference of colour shares, %";
    };
  }
}
