package org.alexnet4j.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two results beside each other. */
class ComparisonTest {
  @TempDir Path folder;

  private static String run(String name, String batch, double score, String error, String unit) {
    String interval =
        error.equals("NaN")
            ? "\"NaN\", \"NaN\""
            : score - Double.parseDouble(error) + ", " + (score + Double.parseDouble(error));
    return """
        {"benchmark": "org.alexnet4j.jmh.%s", "mode": "avgt", "params": {"batch": "%s"},
         "primaryMetric": {"score": %s, "scoreConfidence": [%s], "scoreUnit": "%s"}}
        """
        .replaceFirst("%s", name)
        .replaceFirst("%s", batch)
        .replaceFirst("%s", String.valueOf(score))
        .replaceFirst("%s", interval)
        .replaceFirst("%s", unit);
  }

  private List<Score> scores(String file, String... runs) throws IOException {
    Path path = folder.resolve(file);
    Files.writeString(path, "[" + String.join(",", runs) + "]");
    return Score.read(path);
  }

  @Test
  void saysWhatIsQuickerAndWhatCannotBeTold() throws IOException {
    List<Score> before =
        scores(
            "a.json",
            run("Step.run", "1", 100, "2", "ms/op"),
            run("Step.run", "8", 100, "2", "ms/op"),
            run("Step.run", "9", 100, "2", "ms/op"),
            run("Call.abi", "1", 100, "2", "ops/us"),
            run("Call.java", "1", 100, "NaN", "ns/op"),
            run("Gone.run", "1", 7, "1", "ms/op"));
    List<Score> after =
        scores(
            "b.json",
            run("Step.run", "9", 110, "2", "ms/op"),
            run("Step.run", "8", 104, "2", "ms/op"),
            run("Step.run", "1", 95, "2", "ms/op"),
            run("Call.abi", "1", 110, "2", "ops/us"),
            run("Call.java", "1", 100, "NaN", "ns/op"),
            run("New.run", "1", 7, "1", "ms/op"));
    List<String> lines = Comparison.of(before, after).lines().map(String::stripTrailing).toList();
    assertEquals(8, lines.size());
    assertEquals(
        "      100.000 ±2.000        95.000 ±2.000  ms/op    0.950  faster     Step.run batch=1",
        lines.get(1));
    assertTrue(lines.get(2).contains(" 1.040  same "), lines.get(2));
    assertTrue(lines.get(3).contains(" 1.100  slower "), lines.get(3));
    assertTrue(lines.get(4).contains(" 1.100  faster "), lines.get(4));
    assertTrue(lines.get(5).contains(" 1.000  too few "), lines.get(5));
    assertTrue(lines.get(6).contains("only in A  Gone.run"), lines.get(6));
    assertTrue(lines.get(7).contains("only in B  New.run"), lines.get(7));
  }

  @Test
  void otherFilesAreRefusedByName() throws IOException {
    Path file = folder.resolve("other.json");
    assertEquals(
        file + ": there is no such file",
        assertThrows(IOException.class, () -> Score.read(file)).getMessage());
    for (String text : List.of("{}", "[1]", "[{\"benchmark\": \"x\"}]", "not JSON", "")) {
      Files.writeString(file, text);
      String message = assertThrows(IOException.class, () -> Score.read(file)).getMessage();
      assertTrue(message.startsWith(file + " is not what JMH's '-rf json' writes"), message);
    }
  }
}
