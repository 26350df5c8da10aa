package org.alexnet4j.experiment;

import com.google.common.html.HtmlEscapers;
import com.google.common.io.Resources;
import java.io.IOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.experiment.EnsembleRow.Score;
import org.alexnet4j.experiment.EnsembleRow.Tuned;
import org.alexnet4j.experiment.ExperimentResult.Difference;
import org.alexnet4j.experiment.ExperimentResult.Row;
import org.alexnet4j.experiment.ExperimentResult.Run;
import org.alexnet4j.experiment.RunEvaluation.Errors;

/** The page of an experiment: table, differences and curves; one file that needs nothing else. */
final class ExperimentPage {
  private final ExperimentResult result;
  private final StringBuilder page = new StringBuilder();

  private ExperimentPage(ExperimentResult result) {
    this.result = result;
  }

  static String of(ExperimentResult result) throws IOException {
    return new ExperimentPage(result).write();
  }

  private String write() throws IOException {
    URL style = Resources.getResource(ExperimentPage.class, "/experiments/page.css");
    String title = escaped(result.spec().title());
    page.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .append("<title>" + title + "</title>\n<style>\n")
        .append(Resources.toString(style, StandardCharsets.UTF_8))
        .append("</style></head><body><main>\n<h1>" + title + "</h1>\n");
    if (!result.spec().paper().isEmpty()) {
      page.append("<p class=\"paper\">" + escaped(result.spec().paper()) + "</p>\n");
    }
    page.append(
        "<p class=\"scale\">Scale: "
            + escaped(result.spec().scale().toString())
            + ". Data: "
            + escaped(result.data())
            + ". Seeds: "
            + result.spec().seeds().stream().map(String::valueOf).collect(Collectors.joining(", "))
            + ". "
            + result.ended()
            + " of "
            + result.spec().runs()
            + " runs have ended. ± is the 95 % interval of the mean over seeds"
            + (result.ensembles().stream().anyMatch(EnsembleRow::isOfImages)
                ? ", in brackets Wilson's over the images of one number"
                : "")
            + ".</p>\n");
    table();
    differences();
    figures();
    curves();
    runs();
    return page.append("</main></body></html>\n").toString();
  }

  private void table() {
    boolean errors = result.isOfErrors();
    head("", result.measure(), errors ? "top-5 error, %" : "", "paper", "seeds");
    List<Row> rows = result.rows();
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      row(
          "<span class=\"key c" + i % 8 + "\"></span>" + escaped(named(row.variant())),
          row.text(result.unit()),
          errors ? row.top5().text(100, 2) : "",
          escaped(row.variant().paper().orElse("")),
          String.valueOf(row.value().count()));
    }
    for (EnsembleRow row : result.ensembles()) {
      row(
          escaped(row.spec().name()),
          row.text(Errors::top1),
          row.text(Errors::top5),
          escaped(row.spec().paper().orElse("")),
          row.count());
    }
    result
        .spec()
        .published()
        .forEach((name, paper) -> row(escaped(name), "", "", escaped(paper), ""));
    page.append("</table></div>\n");
    result.ensembles().forEach(this::average);
  }

  private static String named(Variant variant) {
    return variant.name() + (variant.tenViews() ? ", ten views" : "");
  }

  /** Says what an ensemble averages. */
  private void average(EnsembleRow row) {
    for (Score score : row.scores()) {
      boolean one = score.networks().size() == 1;
      page.append("<p class=\"scale note\">" + escaped(row.spec().name()))
          .append(one ? ": " : ": the average of ")
          .append(escaped(String.join(", ", score.networks())))
          .append(one ? "" : shares(score))
          .append(row.spec().tenViews().map(ExperimentPage::views).orElse(""))
          .append(score.tuned().map(ExperimentPage::tuned).orElse(""))
          .append("; of " + score.errors().images() + " images.</p>\n");
    }
  }

  private static String views(boolean ten) {
    return ten ? ", through ten views" : ", through the centre view";
  }

  private static String shares(Score score) {
    if (Set.copyOf(score.shares()).size() == 1) {
      return " in equal shares";
    }
    return score.shares().stream()
        .map(share -> String.format(Locale.ROOT, "%.3f", share))
        .collect(Collectors.joining(", ", " by shares of ", ""));
  }

  private static String tuned(Tuned tuned) {
    return String.format(
        Locale.ROOT,
        ", tuned on part %d/%d of the held-out images, %d, and measured on the others",
        tuned.part().which(),
        tuned.part().of(),
        tuned.images());
  }

  private void figures() {
    for (Row row : result.rows()) {
      for (Run run : row.runs()) {
        run.figure().ifPresent(figure -> page.append(FigurePicture.of(run.folder(), figure)));
      }
    }
  }

  private void differences() {
    if (result.differences().isEmpty()) {
      return;
    }
    page.append("<h2>Differences, by pairs of the same seed</h2>\n");
    head("from", "to", "less by", "paper", "pairs");
    for (Difference difference : result.differences()) {
      row(
          escaped(difference.comparison().from()),
          escaped(difference.comparison().to()),
          difference.value().text(result.unit(), 2),
          escaped(difference.comparison().paper().orElse("")),
          String.valueOf(difference.value().count()));
    }
    page.append("</table></div>\n");
  }

  private void curves() {
    page.append("<h2>Curves: mean of the seeds, band from the lowest to the highest</h2>\n");
    page.append(CurvePicture.of(result.rows(), "training error", RunMeasures::trainError));
    boolean tested =
        result.rows().stream()
            .flatMap(row -> row.runs().stream())
            .anyMatch(run -> !run.curves().testError().isEmpty());
    if (tested) {
      page.append(CurvePicture.of(result.rows(), "test error", RunMeasures::testError));
    }
  }

  private void runs() {
    page.append("<h2>Runs</h2>\n");
    boolean colours = result.spec().measure() == Measure.COLOUR;
    head(
        "run",
        result.measure(),
        colours ? "colour by tower, %" : "training error, %",
        colours ? "test loss, error in %" : "test loss",
        "");
    for (Row row : result.rows()) {
      for (Run run : row.runs()) {
        row(
            "<a href=\""
                + escaped(run.folder())
                + "/report.html\">"
                + escaped(run.folder())
                + "</a>",
            MeanInterval.of(run.value()).text(result.unit(), 2),
            colours ? colours(run) : percent(RunMeasures.last(run.curves().trainError())),
            fixed(run.errors().loss()) + (colours ? ", " + percent(run.errors().top1()) : ""),
            colours && run.colour().get().specialised() ? "specialised" : "");
      }
    }
    page.append("</table></div>\n");
  }

  private static String colours(Run run) {
    return run.colour().get().shares().stream()
        .map(ExperimentPage::percent)
        .collect(Collectors.joining(", "));
  }

  private void head(String... cells) {
    page.append("<div class=\"scroll\"><table><tr>");
    for (String cell : cells) {
      page.append("<th>" + escaped(cell) + "</th>");
    }
    page.append("</tr>\n");
  }

  private void row(String... cells) {
    page.append("<tr>");
    for (String cell : cells) {
      page.append("<td>" + cell + "</td>");
    }
    page.append("</tr>\n");
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.2f", 100 * share);
  }

  private static String fixed(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String escaped(String text) {
    return HtmlEscapers.htmlEscaper().escape(text);
  }
}
