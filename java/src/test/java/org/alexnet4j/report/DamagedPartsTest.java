package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonNull;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A page goes without the parts of a run folder that are damaged, and says which. */
final class DamagedPartsTest {
  private static final List<String> NO_JSON = List.of("", "[", "{\"a\":", "{} {}", "nul", "\u0000");
  private static final List<String> OTHER_JSON =
      List.of("{}", "[]", "7", "null", "{\"traceEvents\": [null], \"otherData\": {}}");
  private static final List<String> ALMOST =
      List.of(
          "{\"traceEvents\": [{\"ph\": \"X\"}], \"otherData\": {}}",
          "{\"traceEvents\": [{\"ph\": \"X\", \"name\": \"step\"}], \"otherData\": {}}",
          "{\"traceEvents\": [{\"name\": \"step 1\"}], \"otherData\": {}}",
          "{\"traceEvents\": 7, \"otherData\": []}",
          "{\"examples\": [], \"neighbours\": [], \"confusion\": {}, \"layers\": [{}]}",
          "{\"sessions\": 7}");

  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "5", "--inspect", "4");
  }

  private String page(List<String> notes) throws IOException {
    Path file = folder.resolve("page.html");
    HtmlReport.write(file, List.of(folder.resolve("run")), notes::add);
    return Files.readString(file);
  }

  private void assertLeftOut(Path part, byte[] content, String field) throws IOException {
    byte[] whole = Files.readAllBytes(part);
    Files.write(part, content);
    List<String> notes = new ArrayList<>();
    Matcher data =
        Pattern.compile("id=\"data\">(.*?)</script>", Pattern.DOTALL).matcher(page(notes));
    assertTrue(data.find());
    assertEquals(1, notes.size(), notes.toString());
    String note = notes.get(0);
    assertTrue(note.startsWith("left out of the page: " + part + ": "), note);
    for (String library : List.of("gson", "Gson", "Expected", "java.", "setStrictness", "path $")) {
      assertFalse(note.contains(library), note);
    }
    var run =
        JsonParser.parseString(data.group(1))
            .getAsJsonObject()
            .getAsJsonArray("runs")
            .get(0)
            .getAsJsonObject();
    assertTrue(run.get(field) == null || run.get(field) == JsonNull.INSTANCE, field);
    Files.write(part, whole);
  }

  @Test
  void damagedPartsAreLeftOutAndNamed() throws IOException {
    RunFolder run = new RunFolder(folder.resolve("run"));
    List<String> notes = new ArrayList<>();
    page(notes);
    assertEquals(List.of(), notes);
    List<String> all = new ArrayList<>(NO_JSON);
    all.addAll(OTHER_JSON);
    all.addAll(ALMOST);
    for (String content : all) {
      byte[] bytes = content.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      assertLeftOut(run.trace(), bytes, "timeline");
      assertLeftOut(run.findings(), bytes, "findings");
      assertLeftOut(run.environment(), bytes, "environment");
    }
    assertLeftOut(run.trace(), new byte[] {'"', (byte) 0xff, '"'}, "timeline");
    assertLeftOut(
        run.exchange(), "{}\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "exchange");
    assertLeftOut(
        run.exchange(), "[\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "exchange");
    assertLeftOut(run.latest().orElseThrow(), new byte[9], "filters");
  }
}
