package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.io.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Figure 4 of an experiment, against features and guesses that other commands write. */
class ExperimentFigureTest {
  private static final String DATA = "synthetic:train=60,test=40,seed=5";

  private static final String QUESTION =
      """
      base: cifar10-towers
      data: DATA
      seeds: [4]
      scale: {width: 0.25, epochs: 1}
      measure: figure-4
      change: {training: {batch: 16, drops: []}}
      variants: {cnn: {}}
      """;

  @TempDir Path folder;

  private Cli run(String line) {
    return Cli.run(line.replace("@", folder + "/").replace("DATA", DATA).split(" +"));
  }

  /** The rows of a file of features, by the names of their images. */
  private List<Named> features(String split) throws IOException {
    Path file = folder.resolve(split + ".npy");
    Cli cli =
        run("features @x/cnn-4 --data DATA --devices cpu:0 --split " + split + " --out " + file);
    assertEquals(0, cli.code(), cli.err());
    List<String> lines = Files.readAllLines(Path.of(file + ".tsv"));
    List<Named> rows = new ArrayList<>();
    try (Npy npy = Npy.open(file)) {
      FloatBuffer values = npy.rows(0, (int) npy.rows()).asFloatBuffer();
      for (int i = 0; i < npy.rows(); i++) {
        float[] row = new float[(int) (npy.rowBytes() / Float.BYTES)];
        values.get(row);
        String line = lines.get(i + 1);
        rows.add(new Named(line.substring(line.lastIndexOf('\t') + 1), row));
      }
    }
    return rows;
  }

  private record Named(String name, float[] values) {
    double from(Named other) {
      double sum = 0;
      for (int i = 0; i < values.length; i++) {
        sum += Math.pow(values[i] - (double) other.values[i], 2);
      }
      return Math.sqrt(sum);
    }
  }

  private static String name(JsonElement holder) {
    return holder.getAsJsonObject().getAsJsonObject("image").get("name").getAsString();
  }

  @Test
  void guessesAreTheNetworksAndNeighboursTheNearest() throws IOException {
    Files.writeString(folder.resolve("q.yaml"), QUESTION.replace("DATA", DATA));
    Cli cli = run("experiment @q.yaml --into @x --devices cpu:0");
    assertEquals(0, cli.code(), cli.err());
    Path kept = folder.resolve("x/cnn-4/evaluations/figure-4.json");
    JsonObject figure =
        JsonParser.parseString(Files.readString(kept)).getAsJsonObject().getAsJsonObject("result");
    assertEquals(60, figure.get("trainImages").getAsInt());
    List<Named> train = features("train");
    List<Named> heldOut = features("held_out");
    assertEquals(5, figure.getAsJsonArray("neighbours").size());
    for (JsonElement row : figure.getAsJsonArray("neighbours")) {
      Named query =
          heldOut.stream().filter(one -> one.name.equals(name(row))).findFirst().orElseThrow();
      List<String> wanted =
          train.stream()
              .sorted(Comparator.comparingDouble(query::from))
              .limit(6)
              .map(Named::name)
              .toList();
      List<String> found = new ArrayList<>();
      row.getAsJsonObject().getAsJsonArray("nearest").forEach(near -> found.add(name(near)));
      assertEquals(wanted, found);
    }
    assertEquals(0, run("eval @x/cnn-4 --data DATA --devices cpu:0 --out @e.csv").code());
    List<String> table = Files.readAllLines(folder.resolve("e.csv"));
    assertEquals(8, figure.getAsJsonArray("examples").size());
    for (JsonElement example : figure.getAsJsonArray("examples")) {
      String line =
          table.stream().filter(one -> one.startsWith(name(example))).findFirst().orElseThrow();
      JsonArray guesses = example.getAsJsonObject().getAsJsonArray("guesses");
      assertEquals(5, guesses.size());
      for (int k = 0; k < 5; k++) {
        String[] fields = line.split(",");
        JsonObject guess = guesses.get(k).getAsJsonObject();
        assertEquals(fields[3 + 3 * k], guess.get("name").getAsString());
        assertEquals(
            Double.parseDouble(fields[4 + 3 * k]), guess.get("probability").getAsDouble(), 1e-6);
      }
    }
    String page = Files.readString(folder.resolve("x/experiment.html"));
    assertEquals(8 + 5 * 7, page.split("<img ", -1).length - 1);
    Cli again = run("experiment @q.yaml --into @x --devices cpu:0");
    assertTrue(again.err().contains("[1/1] cnn-4: is there"), again.err());
    Files.delete(kept);
    Cli anew = run("experiment @q.yaml --into @x --devices cpu:0");
    assertTrue(anew.err().contains("cnn-4: pictures of figure 4, 40 images"), anew.err());
    assertFalse(anew.err().contains("steps 0 to"), anew.err());
    assertEquals(page, Files.readString(folder.resolve("x/experiment.html")));
  }
}
