package org.alexnet4j.report;

import com.google.common.collect.ImmutableMap;
import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.JsonLines;

/**
 * Writes a page about one run or several: one file that needs nothing else, with styles, script and
 * data inside. The page itself is in {@code resources/report}.
 */
public final class HtmlReport {
  /** In this order: later files use what earlier ones define. */
  private static final List<String> SCRIPTS =
      List.of(
          "base.js",
          "chart.js",
          "curves.js",
          "norms.js",
          "pictures.js",
          "layers.js",
          "maps.js",
          "tables.js",
          "timeline.js",
          "page.js");

  private static final Pattern PLACE = Pattern.compile("\\{\\{(title|style|data|script)}}");

  private HtmlReport() {}

  /**
   * Writes a page about run folders.
   *
   * @param runs shown together, in this order
   * @param notes hears which parts of a folder are damaged and left out
   * @throws java.nio.file.NoSuchFileException if one is no run folder
   * @throws IOException if a file cannot be read or written
   */
  public static void write(Path file, List<Path> runs, Consumer<String> notes) throws IOException {
    List<RunData> data = new ArrayList<>();
    for (Path run : runs) {
      data.add(RunData.read(run, notes));
    }
    AtomicFile.writeText(file, page(data));
  }

  static String page(List<RunData> runs) throws IOException {
    StringBuilder script = new StringBuilder();
    for (String name : SCRIPTS) {
      script.append(resource(name)).append('\n');
    }
    Object data =
        ImmutableMap.of(
            "written", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
            "runs", runs,
            "comparisons", comparisons(runs),
            "differences", Settings.differences(runs.stream().map(RunData::settings).toList()));
    String title = runs.size() == 1 ? runs.get(0).name() : runs.size() + " runs";
    Map<String, String> parts =
        Map.of(
            "title", escapeText(title),
            "style", resource("report.css"),
            "data", escapeJson(JsonLines.toJson(data)),
            "script", script.toString());
    // In one pass: what is put in may look like a place itself.
    return PLACE
        .matcher(resource("report.html"))
        .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
  }

  /** Returns how far each run is from the first; null where one was not evaluated. */
  private static List<Map<String, ErrorDifference>> comparisons(List<RunData> runs) {
    List<Map<String, ErrorDifference>> all = new ArrayList<>();
    for (RunData run : runs) {
      RunHistory.Evaluation a = runs.get(0).history().last();
      RunHistory.Evaluation b = run.history().last();
      boolean known =
          run != runs.get(0) && a != null && b != null && a.images() > 0 && b.images() > 0;
      all.add(
          known
              ? Map.of(
                  "top1",
                  ErrorDifference.of(a.top1Error(), a.images(), b.top1Error(), b.images()),
                  "top5",
                  ErrorDifference.of(a.top5Error(), a.images(), b.top5Error(), b.images()))
              : null);
    }
    return all;
  }

  private static String resource(String name) throws IOException {
    URL url = Resources.getResource("report/" + name);
    return Resources.toString(url, StandardCharsets.UTF_8);
  }

  /** Without {@code <} no text of the data, such as a class's name, can end its block. */
  static String escapeJson(String json) {
    return json.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026");
  }

  private static String escapeText(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
