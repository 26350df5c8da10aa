package org.alexnet4j.cli;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.doctor.Doctor;
import org.alexnet4j.doctor.Finding;
import org.alexnet4j.doctor.Finding.Level;
import org.alexnet4j.io.Printable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Looks for what would keep the program from working here. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Looks for what keeps the program from working here, and says what helps.",
      "Java, processor, memory, folders, the build, GPUs and the ways between them, libraries and,",
      "with --data, a data set. Problems end with exit code 4, or 3 if only the data have any;"
          + " notes",
      "are worth knowing and no more. The JSON object belongs into a report of a fault."
    })
final class DoctorCommand implements Callable<Integer> {
  /** A finding is a sentence or two; what is longer came from elsewhere. */
  private static final int MOST_CHARACTERS = 1000;

  private final Console console;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "A data set to look at as well, as train takes it.")
  private String data;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Finding> findings = Doctor.examine(Optional.ofNullable(data));
    if (json) {
      console.json(json(findings));
    } else {
      console.result(text(findings));
    }
    return code(findings).code();
  }

  static String text(List<Finding> findings) {
    StringBuilder lines = new StringBuilder();
    for (Finding finding : findings) {
      String remedy = finding.remedy().isEmpty() ? "" : "; " + finding.remedy();
      lines.append(
          String.format(
              Locale.ROOT,
              "%-7s  %-6s  %s%n",
              level(finding),
              finding.subject(),
              Printable.text(finding.text() + remedy, MOST_CHARACTERS)));
    }
    return lines
        + String.format(
            Locale.ROOT,
            "%d problems, %d notes",
            count(findings, Level.PROBLEM),
            count(findings, Level.NOTE));
  }

  static ImmutableMap<String, Object> json(List<Finding> findings) {
    return ImmutableMap.of(
        "problems", count(findings, Level.PROBLEM),
        "notes", count(findings, Level.NOTE),
        "findings",
            findings.stream()
                .map(
                    f ->
                        ImmutableMap.of(
                            "level", level(f),
                            "subject", f.subject(),
                            "text", f.text(),
                            "remedy", f.remedy()))
                .toList());
  }

  /** Returns the code of a machine's problem before that of the data's. */
  static ExitCode code(List<Finding> findings) {
    List<Finding> problems = findings.stream().filter(f -> f.level() == Level.PROBLEM).toList();
    if (problems.isEmpty()) {
      return ExitCode.OK;
    }
    boolean onlyData = problems.stream().allMatch(f -> f.subject().equals("data"));
    return onlyData ? ExitCode.DATA : ExitCode.DEVICE;
  }

  private static String level(Finding finding) {
    return finding.level().name().toLowerCase(Locale.ROOT);
  }

  private static long count(List<Finding> findings, Level level) {
    return findings.stream().filter(finding -> finding.level() == level).count();
  }
}
