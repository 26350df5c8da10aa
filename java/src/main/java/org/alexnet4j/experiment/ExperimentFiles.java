package org.alexnet4j.experiment;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import org.alexnet4j.experiment.ExperimentResult.Difference;
import org.alexnet4j.experiment.ExperimentResult.Row;
import org.alexnet4j.experiment.ExperimentResult.Run;
import org.alexnet4j.io.AtomicFile;

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
                number(RunMeasures.last(run.curves().testError())),
                number(run.top5()),
                number(RunMeasures.last(run.curves().testLoss()))));
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
      add(variant, row.value());
      JsonArray runs = new JsonArray();
      row.runs().forEach(run -> runs.add(json(run)));
      variant.add("runs", runs);
      variants.add(variant);
    }
    root.add("variants", variants);
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
    add(json, "top1Error", RunMeasures.last(run.curves().testError()));
    add(json, "top5Error", run.top5());
    add(json, "testLoss", RunMeasures.last(run.curves().testLoss()));
    run.colour()
        .ifPresent(
            colour -> {
              JsonArray shares = new JsonArray();
              colour.shares().forEach(shares::add);
              json.add("colourShares", shares);
              json.addProperty("chance", colour.chance());
            });
    return json;
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
