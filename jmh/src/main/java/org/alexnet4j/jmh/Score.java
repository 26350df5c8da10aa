package org.alexnet4j.jmh;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of a result.
 *
 * @param benchmark class and method, without the package
 * @param parameters by name
 * @param unit {@code ms/op}, {@code images/s}, ...
 * @param value mean over all iterations of all forks
 * @param error half of the 99.9 % confidence interval; NaN if there were too few iterations for one
 */
record Score(
    String benchmark, Map<String, String> parameters, String unit, double value, double error) {

  /**
   * Reads what {@code -rf json} wrote.
   *
   * @throws IOException if the file is missing or something else; the text names it
   */
  static List<Score> read(Path file) throws IOException {
    List<Score> scores = new ArrayList<>();
    try {
      for (JsonElement element : JsonParser.parseString(Files.readString(file)).getAsJsonArray()) {
        JsonObject run = element.getAsJsonObject();
        scores.add(of(run, run.getAsJsonObject("primaryMetric")));
      }
    } catch (NoSuchFileException e) {
      throw new IOException(file + ": there is no such file", e);
    } catch (JsonParseException | IllegalStateException | NullPointerException e) {
      throw new IOException(file + " is not what JMH's '-rf json' writes: " + e.getMessage(), e);
    }
    return scores;
  }

  private static Score of(JsonObject run, JsonObject metric) {
    String name = run.get("benchmark").getAsString();
    Map<String, String> parameters = new TreeMap<>();
    if (run.has("params")) {
      run.getAsJsonObject("params")
          .entrySet()
          .forEach(entry -> parameters.put(entry.getKey(), entry.getValue().getAsString()));
    }
    JsonArray interval = metric.getAsJsonArray("scoreConfidence");
    double value = metric.get("score").getAsDouble();
    return new Score(
        name.replaceFirst("^([a-z0-9_]+\\.)+", ""),
        parameters,
        metric.get("scoreUnit").getAsString(),
        value,
        interval.get(1).getAsDouble() - value);
  }

  /** Returns whether both are the same benchmark with the same parameters. */
  boolean isOf(Score other) {
    return benchmark.equals(other.benchmark)
        && parameters.equals(other.parameters)
        && unit.equals(other.unit);
  }
}
