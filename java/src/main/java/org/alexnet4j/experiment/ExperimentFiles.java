package org.alexnet4j.experiment;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.alexnet4j.experiment.EnsembleRow.Score;
import org.alexnet4j.experiment.ExperimentResult.Difference;
import org.alexnet4j.experiment.ExperimentResult.Row;
import org.alexnet4j.experiment.ExperimentResult.Run;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.report.Wilson;

/** Writes the table of an experiment for programs: {@code experiment.json}, {@code .csv}. */
public final class ExperimentFiles {
  private ExperimentFiles() {}

  /** Writes page, table and numbers into a folder; equal runs give equal files. */
  public static void write(Path folder, ExperimentResult result) throws IOException {
    AtomicFile.writeText(folder.resolve("experiment.json"), json(result));
    AtomicFile.writeText(folder.resolve("experiment.csv"), csv(result));
    AtomicFile.writeText(folder.resolve("experiment.html"), ExperimentPage.of(result));
  }

  static String csv(ExperimentResult result) {
    StringBuilder text = new StringBuilder("variant,seed,value,top1_error,top5_error,test_loss\n");
    for (Row row : result.rows()) {
      for (Run run : row.runs()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%s,%d,%s,%s,%s,%s\n",
                row.variant().name(),
                run.seed(),
                number(run.value()),
                number(run.errors().top1()),
                number(run.errors().top5()),
                number(run.errors().loss())));
      }
    }
    for (EnsembleRow row : result.ensembles()) {
      for (Score score : row.scores()) {
        Errors errors = score.errors();
        text.append(
            String.format(
                Locale.ROOT,
                "%s,%s,%s,%s,%s,%s\n",
                row.spec().name(),
                score.seed().isPresent() ? score.seed().getAsLong() : "",
                number(errors.top1()),
                number(errors.top1()),
                number(errors.top5()),
                number(errors.loss())));
      }
    }
    return text.toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.valueOf(value);
  }

  static String json(ExperimentResult result) {
    JsonObject root = new JsonObject();
    root.addProperty("experiment", result.spec().name());
    root.addProperty("title", result.spec().title());
    root.addProperty("paper", result.spec().paper());
    root.addProperty("data", result.data());
    root.addProperty("scale", result.spec().scale().toString());
    root.addProperty("measure", result.measure());
    JsonArray variants = new JsonArray();
    for (Row row : result.rows()) {
      JsonObject variant = new JsonObject();
      variant.addProperty("variant", row.variant().name());
      row.variant().paper().ifPresent(paper -> variant.addProperty("paper", paper));
      if (row.variant().tenViews()) {
        variant.addProperty("views", 10);
      }
      add(variant, row.value());
      JsonArray runs = new JsonArray();
      row.runs().forEach(run -> runs.add(json(run)));
      variant.add("runs", runs);
      variants.add(variant);
    }
    root.add("variants", variants);
    if (!result.ensembles().isEmpty()) {
      JsonArray ensembles = new JsonArray();
      result.ensembles().forEach(row -> ensembles.add(json(row)));
      root.add("ensembles", ensembles);
    }
    if (!result.spec().published().isEmpty()) {
      JsonObject published = new JsonObject();
      result.spec().published().forEach(published::addProperty);
      root.add("published", published);
    }
    JsonArray differences = new JsonArray();
    for (Difference difference : result.differences()) {
      JsonObject pair = new JsonObject();
      pair.addProperty("from", difference.comparison().from());
      pair.addProperty("to", difference.comparison().to());
      difference.comparison().paper().ifPresent(paper -> pair.addProperty("paper", paper));
      add(pair, difference.value());
      differences.add(pair);
    }
    root.add("differences", differences);
    return new GsonBuilder().setPrettyPrinting().create().toJson(root) + "\n";
  }

  private static JsonObject json(Run run) {
    JsonObject json = new JsonObject();
    json.addProperty("seed", run.seed());
    json.addProperty("run", run.folder());
    add(json, "value", run.value());
    add(json, run.errors());
    run.colour()
        .ifPresent(
            colour -> {
              JsonArray shares = new JsonArray();
              colour.shares().forEach(shares::add);
              json.add("colourShares", shares);
              json.addProperty("chance", colour.chance());
              json.addProperty("specialised", colour.specialised());
            });
    return json;
  }

  private static JsonObject json(EnsembleRow row) {
    JsonObject json = new JsonObject();
    json.addProperty("ensemble", row.spec().name());
    row.spec().paper().ifPresent(paper -> json.addProperty("paper", paper));
    row.spec().tenViews().ifPresent(ten -> json.addProperty("views", ten ? 10 : 1));
    MeanInterval value = row.value(Errors::top1);
    json.addProperty("averages", value.count());
    add(json, "mean", value.mean());
    add(json, "half95", value.half());
    row.overImages(Errors::top1).ifPresent(wilson -> json.add("top1Interval", ends(wilson)));
    row.overImages(Errors::top5).ifPresent(wilson -> json.add("top5Interval", ends(wilson)));
    JsonArray scores = new JsonArray();
    row.scores().forEach(score -> scores.add(json(score)));
    json.add("results", scores);
    return json;
  }

  private static JsonArray ends(Wilson wilson) {
    JsonArray ends = new JsonArray();
    ends.add(wilson.low());
    ends.add(wilson.high());
    return ends;
  }

  private static JsonObject json(Score score) {
    JsonObject json = new JsonObject();
    score.seed().ifPresent(seed -> json.addProperty("seed", seed));
    JsonArray runs = new JsonArray();
    score.networks().forEach(runs::add);
    json.add("runs", runs);
    JsonArray shares = new JsonArray();
    score.shares().forEach(shares::add);
    json.add("shares", shares);
    score
        .tuned()
        .ifPresent(
            tuned -> {
              json.addProperty("tunedOn", tuned.part().which() + "/" + tuned.part().of());
              json.addProperty("tunedOnImages", tuned.images());
              add(json, "tunedLoss", tuned.loss());
            });
    json.addProperty("images", score.errors().images());
    add(json, score.errors());
    return json;
  }

  private static void add(JsonObject json, Errors errors) {
    add(json, "top1Error", errors.top1());
    add(json, "top5Error", errors.top5());
    add(json, "testLoss", errors.loss());
  }

  private static void add(JsonObject json, MeanInterval value) {
    json.addProperty("runsEnded", value.count());
    add(json, "mean", value.mean());
    add(json, "half95", value.half());
  }

  /** A number that is none is left out: JSON has no word for it. */
  private static void add(JsonObject json, String key, double value) {
    if (Double.isFinite(value)) {
      json.addProperty(key, value);
    }
  }
}
