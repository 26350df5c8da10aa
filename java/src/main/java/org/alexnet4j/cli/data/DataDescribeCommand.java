package org.alexnet4j.cli.data;

import com.google.common.base.Joiner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says what is in a prepared folder, from its passport. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description = {
      "Says what is in a prepared folder.",
      "It lists counts, sorts of files, odd ones and colours."
    })
public final class DataDescribeCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "DIR", description = "A prepared folder.")
  private Path folder;

  @Option(names = "--classes", description = "Also list the images of every class.")
  private boolean classes;

  @Option(names = "--json", description = "Print the passport as one JSON object.")
  private boolean json;

  public DataDescribeCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Passport passport = Passport.read(folder);
    if (json) {
      console.json(passport);
      return ExitCode.OK.code();
    }
    console.result(
        String.format(
            Locale.ROOT,
            "%s: %d classes%s, %d pixels, from %s, EXIF orientation %s",
            folder,
            passport.classes(),
            passport.ilsvrcLabels() ? " (labels of ILSVRC-2012)" : "",
            passport.side(),
            passport.kind(),
            passport.exif()));
    console.result("decoder: " + passport.decoder());
    console.result("size: " + passport.resize());
    for (Map.Entry<String, Passport.Part> part : passport.parts().entrySet()) {
      describe(part.getKey(), part.getValue());
    }
    passport.notes().forEach(note -> console.result("note: " + note.line()));
    colours(passport);
    if (classes) {
      classes(passport);
    }
    return ExitCode.OK.code();
  }

  private void describe(String name, Passport.Part part) {
    int[] sorted = part.perClass().clone();
    Arrays.sort(sorted);
    console.result(
        String.format(
            Locale.ROOT,
            "%s: %s in %s; per class %d to %d, median %d; %s",
            name,
            Numbers.counted(part.images(), "image", "images"),
            Numbers.counted(part.shards().size(), "file", "files"),
            sorted[0],
            sorted[sorted.length - 1],
            sorted[sorted.length / 2],
            Joiner.on(", ").withKeyValueSeparator(": ").join(part.kinds())));
    list("odd", part.odd());
    list("skipped", part.skipped());
  }

  private void list(String what, List<Passport.Odd> files) {
    for (Passport.Odd file : files) {
      console.result("  " + what + " " + file.name() + ": " + file.reason());
    }
  }

  private void colours(Passport passport) throws IOException {
    try (Dataset train = Datasets.open(folder, DataOptions.train().withSource(passport.side()))) {
      Statistics statistics = train.statistics().orElseThrow();
      TextTable table = new TextTable("", "deviation", "red", "green", "blue");
      float[] mean = statistics.perChannel();
      table.row(
          "mean",
          "",
          Numbers.fixed(mean[0], 2),
          Numbers.fixed(mean[1], 2),
          Numbers.fixed(mean[2], 2));
      for (int j = 0; j < 3; j++) {
        double[] vector = statistics.components().vectors()[j];
        table.row(
            "component " + (j + 1),
            Numbers.fixed(Math.sqrt(statistics.components().eigenvalues()[j]), 2),
            Numbers.fixed(vector[0], 4),
            Numbers.fixed(vector[1], 4),
            Numbers.fixed(vector[2], 4));
      }
      console.result(table.toString());
    }
  }

  private void classes(Passport passport) throws IOException {
    try (Dataset train = Datasets.open(folder, DataOptions.train().withSource(passport.side()))) {
      TextTable table = new TextTable("label", "class", "train", "val");
      for (int label = 0; label < passport.classes(); label++) {
        table.row(
            Integer.toString(label),
            train.classes().get(label),
            Integer.toString(passport.parts().get("train").perClass()[label]),
            Integer.toString(passport.parts().get("val").perClass()[label]));
      }
      console.result(table.toString());
    }
  }
}
