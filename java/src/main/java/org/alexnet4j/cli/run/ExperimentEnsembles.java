package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.config.EnsembleSpec;
import org.alexnet4j.config.EnsembleSpec.Member;
import org.alexnet4j.config.EnsembleSpec.Mix;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.eval.ImagePart;
import org.alexnet4j.eval.SavedPredictions;
import org.alexnet4j.eval.Scores;
import org.alexnet4j.experiment.EnsembleRow;
import org.alexnet4j.experiment.RunEvaluation;
import org.alexnet4j.experiment.RunEvaluation.Kind;

/**
 * The ensembles of an experiment, from the predictions that its runs have kept: each is averaged
 * once its members are there. Threads: one at a time.
 */
final class ExperimentEnsembles {
  private final Console console;
  private final ExperimentSpec spec;
  private final ExperimentForecast.Images images;
  private final Map<String, EnsembleRow.Score> known = new HashMap<>(); // by name and seed

  /**
   * Knows none yet.
   *
   * @param images names the data of a variant
   */
  ExperimentEnsembles(Console console, ExperimentSpec spec, ExperimentForecast.Images images) {
    this.console = console;
    this.spec = spec;
    this.images = images;
  }

  /**
   * Refuses, before anything is trained, data of which nothing can be measured in the end.
   *
   * @throws IOException if no images are held out, or none are left beside those for tuning
   */
  void requireImages(RunEvaluations evaluations) throws IOException {
    for (Variant variant : spec.variants()) {
      boolean looks = !evaluations.kinds(variant, variant.seeds().get(0)).isEmpty();
      if (looks || spec.measure() == Measure.ERROR) {
        open(variant).close();
      }
    }
    for (EnsembleSpec ensemble : spec.ensembles()) {
      if (ensemble.tune().isPresent()) {
        Variant first = first(ensemble.mixes().get(0));
        ImagePart part = part(ensemble);
        try (Dataset heldOut = open(first)) {
          ShareTuning.requireImages(
              part, images.of(first), part.in(heldOut), part.outside(heldOut));
        }
      }
    }
  }

  private static ImagePart part(EnsembleSpec ensemble) {
    ExperimentSpec.Part tune = ensemble.tune().orElseThrow();
    return new ImagePart(tune.which(), tune.of());
  }

  private Variant first(Mix mix) {
    return variant(mix.members().get(0));
  }

  private Variant variant(Member member) {
    return spec.variants().stream()
        .filter(variant -> variant.name().equals(member.variant()))
        .findFirst()
        .orElseThrow();
  }

  private Dataset open(Variant variant) throws IOException {
    int side = variant.configuration().network().sourceSize();
    DataOptions options = DataOptions.train().withSplit(DataOptions.Split.HELD_OUT);
    Dataset heldOut = Datasets.open(images.of(variant), options.withSource(side));
    if (heldOut.size() == 0) {
      heldOut.close();
      throw SplitData.noHeldOut(images.of(variant), "data that hold out some, to measure errors");
    }
    return heldOut;
  }

  /**
   * Averages what can be.
   *
   * @param ended folders of runs that have ended, by variant and seed
   * @return what is known of each ensemble, by name
   */
  Map<String, ImmutableList<EnsembleRow.Score>> scores(Map<String, Map<Long, Path>> ended)
      throws IOException {
    Map<String, ImmutableList<EnsembleRow.Score>> all = new HashMap<>();
    for (EnsembleSpec ensemble : spec.ensembles()) {
      ImmutableList.Builder<EnsembleRow.Score> scores = ImmutableList.builder();
      for (Mix mix : ensemble.mixes()) {
        if (mix.members().stream().allMatch(member -> folder(ended, member) != null)) {
          String key = ensemble.name() + " " + mix.seed();
          if (!known.containsKey(key)) {
            known.put(key, score(ensemble, mix, ended));
          }
          scores.add(known.get(key));
        }
      }
      all.put(ensemble.name(), scores.build());
    }
    return all;
  }

  private static Path folder(Map<String, Map<Long, Path>> ended, Member member) {
    return ended.getOrDefault(member.variant(), Map.of()).get(member.seed());
  }

  private EnsembleRow.Score score(
      EnsembleSpec ensemble, Mix mix, Map<String, Map<Long, Path>> ended) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Member member : mix.members()) {
      Kind kind = Kind.views(ensemble.looksTen(variant(member)));
      files.add(new RunEvaluation(folder(ended, member), kind).predictions());
    }
    try (Dataset heldOut = open(first(mix));
        SavedPredictions saved =
            SavedPredictions.open(files, ensemble.shares(), heldOut, console::message)) {
      if (ensemble.tune().isEmpty()) {
        Scores scores = new Scores(heldOut, List.of());
        saved.forEach(scores);
        return score(mix, scores, saved.shares(), Optional.empty());
      }
      ShareTuning tuning =
          ShareTuning.of(part(ensemble), images.of(first(mix)), heldOut, saved::own);
      Scores scores = new Scores(tuning.measured(), List.of());
      saved.forEach(tuning.measured(), tuning.shares().shares(), scores);
      EnsembleRow.Tuned tuned =
          new EnsembleRow.Tuned(
              ensemble.tune().get(), tuning.tuned().size(), tuning.shares().loss());
      return score(mix, scores, tuning.list(), Optional.of(tuned));
    }
  }

  private static EnsembleRow.Score score(
      Mix mix, Scores scores, List<Double> shares, Optional<EnsembleRow.Tuned> tuned) {
    return new EnsembleRow.Score(
        mix.seed(),
        mix.members().stream().map(Member::run).collect(ImmutableList.toImmutableList()),
        RunEvaluations.errors(scores.sum()),
        ImmutableList.copyOf(shares),
        tuned);
  }
}
