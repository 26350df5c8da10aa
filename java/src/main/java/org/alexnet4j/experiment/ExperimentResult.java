package org.alexnet4j.experiment;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.config.EnsembleSpec;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Comparison;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.experiment.Differences.Value;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.alexnet4j.experiment.RunEvaluation.Kind;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.run.RunFolder;

/**
 * The table of an experiment, from the runs that have ended so far.
 *
 * @param spec the question
 * @param data where the images were
 * @param rows a row for each variant
 * @param ensembles a row for each ensemble
 * @param differences a row for each comparison
 */
public record ExperimentResult(
    ExperimentSpec spec,
    String data,
    ImmutableList<Row> rows,
    ImmutableList<EnsembleRow> ensembles,
    ImmutableList<Difference> differences) {

  /**
   * A run that has ended.
   *
   * @param value what is measured
   * @param errors of the held-out images, after the last epoch and as the variant looks at them
   * @param colour towers' colours, where they are measured
   * @param figure the pictures of figure 4, where they are asked for
   */
  public record Run(
      long seed,
      String folder,
      double value,
      Errors errors,
      RunMeasures curves,
      Optional<FilterColour> colour,
      Optional<JsonObject> figure) {}

  /** A variant with its runs, in the order of the seeds. */
  public record Row(Variant variant, ImmutableList<Run> runs) {
    /** Returns mean and interval over the seeds. */
    public MeanInterval value() {
      return MeanInterval.of(runs.stream().mapToDouble(Run::value).toArray());
    }

    /**
     * Returns mean and interval as a table has them and, where colours are measured, in how many
     * runs the towers specialised (paper, section 6.1: in every run).
     *
     * @param unit by which a value is multiplied
     */
    public String text(double unit) {
      String mean = value().text(unit, 2);
      if (runs.stream().noneMatch(run -> run.colour().isPresent())) {
        return mean;
      }
      long specialised =
          runs.stream().filter(run -> run.colour().orElseThrow().specialised()).count();
      return mean + "; specialised: " + specialised + " of " + runs.size();
    }

    /** Returns the same of the top-5 errors. */
    public MeanInterval top5() {
      return MeanInterval.of(runs.stream().mapToDouble(run -> run.errors.top5()).toArray());
    }
  }

  /**
   * How much less the second row has than the first, by pairs of the same seed.
   *
   * @param value first less second: above 0 if the second is better
   */
  public record Difference(Comparison comparison, MeanInterval value) {}

  /**
   * Reads the runs.
   *
   * @param runs folders of those that have ended, by variant and seed
   * @param ensembles what was found of ensembles, by name
   * @throws IOException if one cannot be read
   */
  public static ExperimentResult read(
      ExperimentSpec spec,
      String data,
      Map<String, Map<Long, Path>> runs,
      Map<String, ImmutableList<EnsembleRow.Score>> ensembles)
      throws IOException {
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Variant variant : spec.variants()) {
      ImmutableList.Builder<Run> read = ImmutableList.builder();
      for (long seed : variant.seeds()) {
        Path folder = runs.getOrDefault(variant.name(), Map.of()).get(seed);
        if (folder != null) {
          read.add(run(spec.measure(), variant, seed, folder));
        }
      }
      rows.put(variant.name(), new Row(variant, read.build()));
    }
    Map<String, EnsembleRow> averages = new LinkedHashMap<>();
    for (EnsembleSpec ensemble : spec.ensembles()) {
      averages.put(
          ensemble.name(),
          new EnsembleRow(ensemble, ensembles.getOrDefault(ensemble.name(), ImmutableList.of())));
    }
    Map<String, List<Value>> values = new HashMap<>();
    rows.forEach((name, row) -> values.put(name, values(row)));
    averages.forEach((name, row) -> values.put(name, values(row)));
    ImmutableList.Builder<Difference> differences = ImmutableList.builder();
    for (Comparison pair : spec.comparisons()) {
      differences.add(
          new Difference(pair, Differences.of(values.get(pair.from()), values.get(pair.to()))));
    }
    return new ExperimentResult(
        spec,
        data,
        ImmutableList.copyOf(rows.values()),
        ImmutableList.copyOf(averages.values()),
        differences.build());
  }

  private static List<Value> values(Row row) {
    return row.runs().stream()
        .map(run -> new Value(OptionalLong.of(run.seed()), run.value()))
        .toList();
  }

  private static List<Value> values(EnsembleRow row) {
    return row.scores().stream()
        .map(score -> new Value(score.seed(), score.errors().top1()))
        .toList();
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
    Errors errors =
        variant.tenViews() ? new RunEvaluation(folder, Kind.TEN).errors() : curves.errors();
    Optional<JsonObject> figure = Optional.empty();
    if (measure == Measure.FIGURE_4) {
      figure = Optional.of(new RunEvaluation(folder, Kind.FIGURE_4).result());
    }
    double value =
        switch (measure) {
          case ERROR, FIGURE_4 -> errors.top1();
          case EPOCHS_TO_QUARTER -> curves.epochsToQuarter();
          case COLOUR -> colour.get().difference();
        };
    return new Run(seed, folder.getFileName().toString(), value, errors, curves, colour, figure);
  }

  /** Returns how many runs have ended. */
  public int ended() {
    return rows.stream().mapToInt(row -> row.runs().size()).sum();
  }

  /** Returns whether errors of held-out images are what is measured. */
  public boolean isOfErrors() {
    return spec.measure() == Measure.ERROR || spec.measure() == Measure.FIGURE_4;
  }

  /** Returns the unit of the measure, as a factor on its values: errors are shown in percent. */
  public double unit() {
    return spec.measure() == Measure.EPOCHS_TO_QUARTER ? 1 : 100;
  }

  /** Says what the values are. */
  public String measure() {
    return switch (spec.measure()) {
      case ERROR, FIGURE_4 -> "top-1 error, %";
      case EPOCHS_TO_QUARTER -> "epochs to 25 % training error";
      case COLOUR -> "difference of colour shares, %";
    };
  }
}
