package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.data.CaptionSheet;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Mistakes;
import org.alexnet4j.report.Numbers;
import picocli.CommandLine.Option;

/** The picture of what a network takes for something else: {@code --only-errors}. */
final class ErrorSheet {
  private static final int MOST = 200;

  @Option(
      names = "--only-errors",
      paramLabel = "SHEET.png",
      description =
          "A picture of the images that are taken for another class, the surest 200 first, with"
              + " their class and what they are taken for.")
  private Path file;

  boolean isGiven() {
    return file != null;
  }

  /** Refuses a file that cannot be written. */
  void require(Inputs inputs) {
    if (file != null) {
      OutputFile.require("--only-errors", file, inputs, ".png", ".jpg", ".jpeg");
    }
  }

  /** Returns what is to see the probabilities of all images. */
  static Mistakes mistakes(Dataset set) {
    return new Mistakes(set, MOST);
  }

  /**
   * Draws the picture.
   *
   * @param window side of the window that the network looks through
   */
  void draw(Mistakes mistakes, Dataset set, int window, Console console) throws IOException {
    if (mistakes.count() == 0) {
      console.message("no image is taken for another class, so there is no " + file);
      return;
    }
    List<CaptionSheet.Item> items = new ArrayList<>();
    for (Mistakes.Mistake mistake : mistakes.surest()) {
      String guess = Numbers.percent(mistake.probability()).replace(" ", "");
      items.add(
          new CaptionSheet.Item(
              mistake.image(),
              set.classes().get(mistake.label()),
              guess + " " + set.classes().get(mistake.guess())));
    }
    CaptionSheet.write(set, items, window, file);
    console.message(
        String.format(
            Locale.ROOT,
            "%s: %,d of the %,d images that are taken for another class, the surest first",
            file,
            items.size(),
            mistakes.count()));
  }
}
