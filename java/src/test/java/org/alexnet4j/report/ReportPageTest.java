package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The page of a run of two towers in a real browser: draws, answers, asks for nothing else.
 * Pictures of it are left in {@code target/report-pictures} for a person to look at.
 */
class ReportPageTest {
  private static final Path PICTURES = Path.of("target/report-pictures");

  @TempDir static Path folder;
  private static Browser browser;

  @BeforeAll
  static void start() throws IOException {
    Optional<Path> program = Browser.find();
    assumeTrue(program.isPresent(), "skipped: no chromium on the PATH (Debian: chromium)");
    Files.createDirectories(PICTURES);
    TinyRun.train(folder, "first", "--seed", "1");
    TinyRun.train(folder, "second", "--seed", "2", "--inspect", "0");
    TinyRun.train(folder, "normed", "--norms", "5", "--inspect", "0");
    browser = Browser.start(program.get(), folder.resolve("profile"));
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private static Path page(String... runs) throws IOException {
    Path file = folder.resolve(String.join("-", runs) + ".html");
    HtmlReport.write(file, List.of(runs).stream().map(folder::resolve).toList(), line -> {});
    return file;
  }

  private static void open(Path page) {
    browser.open(page.toUri());
    browser.screen(1280, 900, false);
    assertEquals(List.of(page.toUri().toString()), browser.requests());
  }

  private static void assertQuiet() {
    assertEquals(List.of(), browser.complaints());
    assertEquals(1, browser.requests().size(), browser.requests().toString());
  }

  private static void click(String selector) {
    browser.evaluate("document.querySelector('" + selector + "').click()");
  }

  private static String path() {
    return browser.text(
        "document.querySelector('.chart .plot .line.train:not(.raw)[d]').getAttribute('d')");
  }

  private static int count(String selector) {
    return browser.evaluate("document.querySelectorAll('" + selector + "').length").getAsInt();
  }

  /** Pieces of one move are a row; who waits longer than a move takes hides nothing of it. */
  @Test
  void movesBetweenRanksAreShown() throws IOException {
    TinyRun.train(folder, "ranked", "--seed", "3", "--inspect", "0");
    Path log = folder.resolve("ranked").resolve("exchange.jsonl");
    String move =
        "{\"plane\":\"%s\",\"layer\":\"conv2\",\"kind\":\"alltoall\",\"tower\":\"a\",\"bytes\":%d,"
            + "\"micros\":%d,\"waitMicros\":%d,\"hiddenShare\":0}";
    String ranks =
        ",\"ranks\":{\"bytes\":3500,\"micros\":350,\"waitMicros\":140,\"hiddenShare\":0.6,\"moves\":["
            + String.format(Locale.ROOT, move, "grad", 1000, 100, 20)
            + ","
            + String.format(Locale.ROOT, move, "grad", 2000, 200, 40)
            + ","
            + String.format(Locale.ROOT, move, "late", 500, 50, 80)
            + "]}}";
    List<String> lines = Files.readAllLines(log);
    String last = lines.get(lines.size() - 1);
    Files.writeString(log, last.substring(0, last.length() - 1) + ranks + "\n");
    addMoveToTrace(folder.resolve("ranked").resolve("trace.json"));
    open(page("ranked"));
    assertEquals(
        "between ranks|tower a|copies|copies|tower b|between ranks",
        browser.text(
            "[...document.querySelectorAll('#timeline .lane')]"
                + ".map(l => l.nextSibling.textContent).join('|')"));
    String title = "allgather conv2.weight: 250\u202fµs";
    assertEquals(
        title,
        browser.text(
            "[...document.querySelectorAll('#timeline title')].map(t => t.textContent)"
                + ".find(t => t.startsWith('allgather')).slice(0, "
                + title.length()
                + ")"));
    assertEquals(
        "grad conv2 alltoall a 3,000 300 µs 80.0 % 60 µs"
            + "|late conv2 alltoall a 500 50 µs 0.0 % 80 µs"
            + "|all    3,500 350 µs 60.0 % 140 µs",
        browser
            .text(
                "[...document.querySelectorAll('#exchange table')[1].tBodies[0].rows]"
                    + ".map(r => [...r.cells].map(c => c.innerText).join(' ')).join('|')")
            .replace('\u202f', ' '));
    assertQuiet();
  }

  /** Puts a move into the last step, as several ranks would have it. */
  private static void addMoveToTrace(Path file) throws IOException {
    JsonObject trace = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    JsonArray events = trace.getAsJsonArray("traceEvents");
    JsonObject step =
        events.asList().stream()
            .map(JsonElement::getAsJsonObject)
            .filter(e -> e.get("ph").getAsString().equals("X") && !e.has("args"))
            .reduce((one, other) -> other)
            .orElseThrow();
    String move =
        "{\"ph\":\"X\",\"name\":\"allgather conv2.weight\",\"pid\":1,\"tid\":3,\"ts\":%s,\"dur\":250,"
            + "\"args\":{\"layer\":\"conv2\",\"move\":\"allgather\",\"plane\":\"conv2.weight\","
            + "\"pass\":\"backward\",\"bytes\":3500}}";
    events.add(JsonParser.parseString(String.format(Locale.ROOT, move, step.get("ts"))));
    Files.writeString(file, trace.toString());
  }

  @Test
  void everySectionIsThereAndNothingIsAskedFor() throws IOException {
    open(page("first"));
    for (String id :
        List.of(
            "curves",
            "filters",
            "guesses",
            "neighbours",
            "confusion",
            "layers",
            "timeline",
            "exchange",
            "configuration",
            "environment")) {
      assertEquals(1, count("section#" + id + " h2"), id);
    }
    assertEquals(0, count("main .missing"), browser.text("document.body.innerText"));
    assertEquals(2, count("#filters canvas.pixels"));
    assertEquals(8, count("#guesses .example"));
    assertEquals(5 * 7, count("#neighbours img"));
    assertEquals(10 * 10, count("#confusion td:not(.corner)"));
    assertTrue(count("#layers tbody tr") >= 8);
    assertEquals(10 + 1, count("#exchange tbody tr"), "every transfer and their sum");
    String environment = browser.text("document.querySelector('#environment').innerText");
    assertTrue(environment.contains("cpu:0 · kind cpu · threads "), environment);
    assertTrue(environment.matches("(?s).*memory [\\d.]+\u202fGiB.*"), environment);
    assertEquals(10, count("#timeline .arrow"));
    assertTrue(count("#timeline .box") > 40);
    assertTrue(
        browser
            .evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
            .getAsBoolean());
    assertQuiet();
  }

  @Test
  void mapsOfAnImageAreShownWhereOneWasNamed() throws IOException {
    Path image = folder.resolve("grey.png");
    ImageIO.write(new BufferedImage(40, 40, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    Cli cli =
        Cli.run(
            "report",
            folder.resolve("normed").toString(),
            "--image",
            image.toString(),
            "--devices",
            "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    open(page("normed"));
    assertEquals(6, count("section#maps details"), "conv1, relu1, norm1, pool1, conv2, relu2");
    assertEquals(6 * 16, count("section#maps figure.map"));
    assertTrue(
        browser
            .evaluate("[...document.images].every(i => i.complete && i.naturalWidth > 0)")
            .getAsBoolean());
    assertQuiet();
    open(page("first"));
    assertEquals(0, count("section#maps"));
  }

  @Test
  void normsAreDrawnWhereTheyWereMeasured() throws IOException {
    open(page("first"));
    assertEquals(0, count("section#norms"));
    open(page("normed"));
    assertEquals(2, count("section#norms figure.chart"));
    assertEquals(2 * 4, count("section#norms .plot .line.test[d]"), "four layers in each");
    assertEquals(4, count("section#norms figure:first-of-type .legend button"));
    assertQuiet();
  }

  /** Boxes of a stream follow each other, arrows end at the stream of the other tower. */
  @Test
  void theTimelineIsDrawn() throws IOException {
    open(page("first"));
    for (boolean dark : new boolean[] {false, true}) {
      browser.screen(1280, 900, dark);
      Files.write(
          PICTURES.resolve("timeline-" + (dark ? "dark" : "light") + ".png"),
          browser.picture("#timeline"));
    }
    String overlap =
        """
        (() => {
          const boxes = [...document.querySelectorAll('#timeline .box rect')].map((r) => r.getBBox());
          return boxes.filter((b) => boxes.some((c) => c !== b && c.y === b.y
            && c.x > b.x && c.x < b.x + b.width - 1)).length;
        })()\
        """;
    assertEquals(0, browser.evaluate(overlap).getAsInt());
    String arrows =
        """
        [...document.querySelectorAll('#timeline .arrow')].every((a) => {
          const end = a.getPointAtLength(a.getTotalLength());
          return [...document.querySelectorAll('#timeline .lane')].some((l) =>
            [l.y.baseVal.value, l.y.baseVal.value + l.height.baseVal.value].includes(end.y));
        })\
        """;
    assertTrue(browser.evaluate(arrows).getAsBoolean());
    assertQuiet();
  }

  @Test
  void curvesAnswer() throws IOException {
    open(page("first"));
    String linear = path();
    click("#curves [data-value=log]");
    String log = path();
    assertNotEquals(linear, log);
    click("#curves [data-value=linear]");
    assertEquals(linear, path());
    click("#curves [data-value=time]");
    assertTrue(
        browser
            .text("document.querySelector('.chart .label').textContent")
            .startsWith("training time"));
    click("#curves [data-value=step]");
    browser.evaluate(
        "(s => { s.value = 0; s.dispatchEvent(new Event('input'));"
            + " })(document.getElementById('smooth'))");
    assertEquals("off", browser.text("document.querySelector('output').textContent"));
    assertNotEquals(linear, path());
    assertEquals(0, count(".line.raw"));
    browser.hover("#curves .chart svg[tabindex]", 0.5);
    browser.await("document.querySelector('.tip.shown')");
    String tip = browser.text("document.querySelector('.tip.shown').innerText");
    assertTrue(tip.matches("(?s)step \\d+\\s+training\\s+[\\d.]+.*held out\\s+[\\d.]+.*"), tip);
    click("#curves .legend button");
    assertEquals(
        "false",
        browser.text(
            "document.querySelector('#curves .legend button').getAttribute('aria-pressed')"));
    assertQuiet();
  }

  /**
   * On a telephone: all of the switch and the navigation, filters that can be seen, no card cut.
   */
  @Test
  void aNarrowPageShowsEverything() throws IOException {
    open(page("first"));
    browser.screen(390, 900, false);
    String box = "document.querySelector('%s').getBoundingClientRect()";
    String overlaps =
        """
        (() => {
          const [a, b] = ['#nav', '#theme'].map((s) => document.querySelector(s).getBoundingClientRect());
          return a.right > b.left && b.right > a.left && a.bottom > b.top && b.bottom > a.top;
        })()\
        """;
    assertFalse(browser.evaluate(overlaps).getAsBoolean(), "the switch covers the navigation");
    assertTrue(
        browser.evaluate(String.format(Locale.ROOT, box, "#nav") + ".width").getAsDouble() > 300);
    String filter =
        """
        (() => {
          const sheet = document.querySelector('#filters canvas.pixels');
          return 5 * sheet.getBoundingClientRect().width / sheet.width;
        })()\
        """;
    assertTrue(browser.evaluate(filter).getAsDouble() >= 28, "a filter of 5 pixels");
    String gap =
        """
        (() => {
          const [card, table] = ['#confusion .scroll', '#confusion table'].map((s) => document.querySelector(s));
          return table.getBoundingClientRect().top - card.getBoundingClientRect().top;
        })()\
        """;
    assertTrue(browser.evaluate(gap).getAsDouble() > 4, "the table touches its card");
    assertQuiet();
  }

  /** An evaluation's dot lies above every line. */
  @Test
  void noLineHidesADot() throws IOException {
    open(page("first", "second"));
    String hidden =
        """
        [...document.querySelectorAll('.chart.mixed svg[tabindex]')].some((chart) => {
          const parts = [...chart.querySelectorAll('path.line, circle.dot')];
          return parts.findLastIndex((p) => p.matches('.line')) > parts.findIndex((p) => p.matches('.dot'));
        })\
        """;
    assertFalse(browser.evaluate(hidden).getAsBoolean());
    assertTrue(count(".dot") >= 12);
    String row = "document.querySelectorAll('#runs tbody tr')[1].innerText";
    assertTrue(browser.text(row).matches("(?s).*[+−]\\d+\\.\\d.*[+−]\\d+\\.\\d to [+−]\\d.*"), row);
    assertEquals(0, count("#runs b"), "40 images tell no such networks apart");
    assertQuiet();
  }

  @Test
  void lightAndDarkWideAndNarrow() throws IOException {
    open(page("first"));
    for (boolean dark : new boolean[] {false, true}) {
      for (int width : new int[] {1280, 390}) {
        browser.screen(width, 900, dark);
        assertEquals(width, browser.evaluate("document.documentElement.scrollWidth").getAsInt());
        byte[] png = browser.picture("body");
        Files.write(
            PICTURES.resolve("report-" + width + (dark ? "-dark" : "-light") + ".png"), png);
        BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
        assertEquals(width, image.getWidth());
        assertEquals(dark, (image.getRGB(2, 200) & 255) < 64, "the background follows the system");
      }
    }
    String colour = "getComputedStyle(document.body).backgroundColor";
    String dark = browser.text(colour);
    click("#theme [data-value=light]");
    assertNotEquals(dark, browser.text(colour));
    click("#theme [data-value=dark]");
    assertEquals(dark, browser.text(colour));
    byte[] pdf = browser.print();
    Files.write(PICTURES.resolve("report.pdf"), pdf);
    assertTrue(pdf.length > 20_000);
    assertQuiet();
  }

  @Test
  void severalRunsStandTogether() throws IOException {
    open(page("first", "second"));
    assertEquals(2, count("#runs tbody tr"));
    assertTrue(
        browser.text("document.querySelector('#differences tbody').innerText").contains("seed"));
    assertEquals(4, count("#curves .controls + .two .chart:first-child .legend button"));
    assertEquals(8, count("#guesses .example"));
    click(".picker [data-value=\"1\"]");
    assertTrue(
        browser
            .text("document.querySelector('#guesses .missing').textContent")
            .contains("./alexnet report second --data"));
    assertEquals(2, count("#filters canvas.pixels"));
    Files.write(PICTURES.resolve("report-two-runs.png"), browser.picture("body"));
    assertQuiet();
  }

  @Test
  void oneTowerHasNoRowOfCopies() throws IOException {
    TinyRun.trainOneTower(folder, "alone", "--inspect", "0");
    open(page("alone"));
    assertEquals(1, count("#timeline .lane"));
    assertTrue(count("#timeline .box") > 10);
    assertEquals(1, count("#exchange .missing"));
    assertQuiet();
  }

  @Test
  void theCurvesSayHowThisRunIsMeasured() throws IOException {
    String note = "document.querySelector('#curves').innerText";
    open(page("first"));
    assertTrue(
        browser.text(note).contains("measured with dropout and on changed images, as it learns"),
        browser.text(note));
    Path run = folder.resolve("plain");
    TinyRun.copy(folder.resolve("first"), run);
    String config = Files.readString(run.resolve("config.yaml"));
    Files.writeString(
        run.resolve("config.yaml"),
        config
            .replaceAll("(?m)^.*type: dropout.*\n", "")
            .replaceAll("crop: .*", "crop: centre")
            .replaceAll("flip: .*", "flip: false"));
    open(page("plain"));
    assertTrue(browser.text(note).contains("measured as it learns"), browser.text(note));
    assertQuiet();
  }

  /** Names come from folders on anybody's disk. */
  @Test
  void oddNamesStayText() throws IOException {
    String odd = "</script><img src=x onerror=alert(1)>{{data}} & \"'\u2028é";
    Path run = folder.resolve("odd");
    TinyRun.copy(folder.resolve("first"), run);
    String findings = Files.readString(run.resolve("findings.json"));
    String json = new Gson().toJson(odd);
    Files.writeString(
        run.resolve("findings.json"),
        findings.replaceAll("\"label\":\"[^\"]*\"", Matcher.quoteReplacement("\"label\":" + json)));
    open(page("odd"));
    assertEquals(odd, browser.text("document.querySelector('.example strong').textContent"));
    assertEquals(1, count("script:not([type])"));
    assertQuiet();
  }

  @Test
  void aRunWithoutEvaluationOrCheckpointIsShownToo() throws IOException {
    Path run = folder.resolve("young");
    TinyRun.copy(folder.resolve("first"), run);
    Files.delete(run.resolve("findings.json"));
    Files.delete(run.resolve("env.json"));
    TinyRun.delete(run.resolve("checkpoints"));
    List<String> lines = Files.readAllLines(run.resolve("metrics.jsonl"));
    Files.writeString(
        run.resolve("metrics.jsonl"),
        lines.get(0) + "\n" + lines.get(1).replaceAll("\"loss\":[^,]*", "\"loss\":\"NaN\"") + "\n");
    open(page("young"));
    assertTrue(count("main .missing") >= 6);
    assertQuiet();
  }
}
