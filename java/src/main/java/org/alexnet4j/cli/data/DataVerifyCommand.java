package org.alexnet4j.cli.data;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.data.prepare.PackedCheck;
import org.alexnet4j.report.Numbers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks a prepared folder against its passport and against common mistakes. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks prepared images against what is written about them.",
      "Everything is read once: hashes, counts, mean, colours, the order of the labels, images that",
      "come twice. Problems end with exit code 3; notes are worth knowing and no more."
    })
public final class DataVerifyCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "DIR", description = "A prepared folder.")
  private Path folder;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that read (default: all cores).")
  private Integer threads;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public DataVerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    long images =
        Passport.read(folder).parts().values().stream().mapToLong(Passport.Part::images).sum();
    ProgressLine progress = new ProgressLine(console);
    PackedCheck.Result result =
        PackedCheck.run(folder, count, read -> progress.count("images", read, images));
    if (json) {
      console.json(
          ImmutableMap.of(
              "images", result.images(),
              "problems", result.problems(),
              "notes", result.notes()));
    } else {
      result.notes().forEach(note -> console.result("note: " + note));
      result.problems().forEach(problem -> console.result("problem: " + problem));
      console.result(
          String.format(
              Locale.ROOT,
              "%s: %s, %s, %s",
              folder,
              Numbers.counted(result.images(), "image", "images"),
              Numbers.counted(result.problems().size(), "problem", "problems"),
              Numbers.counted(result.notes().size(), "note", "notes")));
    }
    return result.problems().isEmpty() ? ExitCode.OK.code() : ExitCode.DATA.code();
  }
}
