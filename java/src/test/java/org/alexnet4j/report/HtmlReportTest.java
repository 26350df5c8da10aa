package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be said about a page without a browser. */
class HtmlReportTest {
  @TempDir Path folder;

  private String page() throws IOException {
    Path file = folder.resolve("page.html");
    HtmlReport.write(file, List.of(folder.resolve("run")), line -> {});
    return Files.readString(file);
  }

  private static String dataOf(String page) {
    Matcher block =
        Pattern.compile(
                "<script type=\"application/json\" id=\"data\">(.*?)</script>", Pattern.DOTALL)
            .matcher(page);
    assertTrue(block.find());
    return block.group(1);
  }

  @Test
  void aPageHoldsTheRunAndNamesNoOtherPlace() throws IOException {
    TinyRun.train(folder, "run", "--inspect", "0");
    String page = page();
    assertFalse(page.contains("{{"), "every place is filled");
    String withoutNamespace = page.replace("http://www.w3.org/2000/svg", "");
    assertFalse(
        Pattern.compile("https?://|src=\"(?!data:)|@import|url\\((?!#)")
            .matcher(withoutNamespace)
            .find());
    assertTrue(page.contains("default-src 'none'"));
    JsonObject run =
        JsonParser.parseString(dataOf(page))
            .getAsJsonObject()
            .getAsJsonArray("runs")
            .get(0)
            .getAsJsonObject();
    JsonObject history = run.getAsJsonObject("history");
    assertEquals(60, history.get("steps").getAsInt());
    assertEquals(15, history.get("stepsPerEpoch").getAsDouble());
    assertEquals(60, history.getAsJsonObject("train").getAsJsonArray("loss").size());
    assertEquals(4, history.getAsJsonObject("test").getAsJsonArray("loss").size());
    assertEquals(2, run.getAsJsonObject("filters").getAsJsonArray("towers").size());
    assertEquals(1e-4, run.getAsJsonObject("settings").get("training.rate").getAsDouble());
    assertEquals(2, run.getAsJsonObject("plan").get("towers").getAsInt());
  }

  @Test
  void dataCannotEndTheirBlock() throws IOException {
    TinyRun.train(folder, "run", "--inspect", "0", "--steps", "2");
    Path env = folder.resolve("run/env.json");
    String odd = "</script><!--<script>{{script}}$1\\\\&";
    Files.writeString(env, "{\"data\": \"" + odd + "\", \"devices\": \"\", \"seed\": 1}");
    String data = dataOf(page());
    assertFalse(data.contains("<"));
    JsonObject environment =
        JsonParser.parseString(data)
            .getAsJsonObject()
            .getAsJsonArray("runs")
            .get(0)
            .getAsJsonObject()
            .getAsJsonObject("environment");
    assertEquals(odd.replace("\\\\", "\\"), environment.get("data").getAsString());
  }

  @Test
  void theTimelineIsTheLastStepOfTheTrace() throws IOException {
    TinyRun.train(folder, "run", "--inspect", "0", "--steps", "5");
    Path trace = folder.resolve("run/trace.json");
    StepTimeline timeline = StepTimeline.read(trace);
    assertEquals(3, timeline.step());
    assertEquals("[cpu:0, cpu:1]", timeline.devices());
    assertEquals(2, timeline.towers());
    assertEquals(10, timeline.arrows().size());
    assertTrue(
        timeline.arrows().stream().allMatch(a -> a.from() != a.to() && a.begin() <= a.end()));
    assertEquals(
        10, timeline.spans().stream().filter(span -> span.row() == StepTimeline.Row.COPY).count());
    assertTrue(
        timeline.spans().stream()
            .allMatch(s -> s.begin() >= 0 && s.end() <= timeline.micros() + 1e-3));
    for (String damaged : List.of("", "{}", "[1, 2]", "{\"traceEvents\": [], \"otherData\": {}}")) {
      Files.writeString(trace, damaged);
      FormatException e = assertThrows(FormatException.class, () -> StepTimeline.read(trace));
      assertTrue(e.getMessage().contains("is no trace"), e.getMessage());
    }
    Files.delete(trace);
    assertNull(StepTimeline.read(trace));
  }

  @Test
  void whatIsNoRunFolderIsNamed() {
    NoSuchFileException missing =
        assertThrows(
            NoSuchFileException.class,
            () -> HtmlReport.write(folder.resolve("page.html"), List.of(folder), line -> {}));
    assertTrue(missing.getReason().contains("metrics.jsonl is missing"));
  }

  @Test
  void onlySettingsThatDifferAreListed() {
    JsonObject first = JsonParser.parseString("{\"seed\": 1, \"started\": 5}").getAsJsonObject();
    JsonObject second = JsonParser.parseString("{\"seed\": 2, \"started\": 6}").getAsJsonObject();
    List<Settings.Difference> differences =
        Settings.differences(
            List.of(
                Settings.of("a: {b: 1, c: [2, 3]}\nd: x\n", first),
                Settings.of("a: {b: 1, c: [2, 4]}\n", second)));
    assertEquals(
        List.of(
            new Settings.Difference("a.c", List.of("[2, 3]", "[2, 4]")),
            new Settings.Difference("d", List.of("x", "")),
            new Settings.Difference("seed", List.of("1", "2"))),
        differences);
  }
}
