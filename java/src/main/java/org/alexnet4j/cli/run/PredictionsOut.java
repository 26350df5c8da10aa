package org.alexnet4j.cli.run;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.eval.PredictionFile;
import org.alexnet4j.eval.RowList;
import picocli.CommandLine.Option;

/** The file that gets what a network says of every image: {@code --out}. */
final class PredictionsOut {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = {
        "A file for what is said of every image, in their order, as its ending says: .npy has the",
        "probabilities, float32 [images,classes], and FILE.npy.tsv the images; .csv name, label and",
        "the likeliest classes, numbers from 0, with their probabilities; .txt, as ILSVRC took it, a",
        "line of five class numbers from 1."
      })
  private Path out;

  Optional<Path> file() {
    return Optional.ofNullable(out);
  }

  /**
   * Refuses a file that cannot be written.
   *
   * @param inputs what it must not replace
   * @param top whether a number of guesses is asked for
   */
  void require(Inputs inputs, boolean top) {
    if (out == null) {
      return;
    }
    OutputFile.require("--out", out, inputs, PredictionFile.ENDINGS.toArray(String[]::new));
    if (out.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".npy")) {
      OutputFile.requireApart("the list beside --out", RowList.beside(out), inputs);
    }
    if (top && !PredictionFile.hasGuesses(out)) {
      throw new CommandException(
          ExitCode.USAGE,
          "--top is for .csv, --out is " + out + ", which has all classes or five; allowed: none");
    }
  }

  /** Says what was written. */
  String said(int images, int classes) {
    return String.format(Locale.ROOT, "%s: %,d images, %,d classes", out, images, classes);
  }
}
