package org.alexnet4j.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.doctor.Doctor;
import org.alexnet4j.doctor.Finding;
import org.alexnet4j.doctor.Finding.Level;
import org.alexnet4j.io.Printable;
import org.alexnet4j.ranks.Launch;
import org.alexnet4j.ranks.MpiRanks;
import org.alexnet4j.ranks.RankException;
import org.alexnet4j.tower.TowerOptions;
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
      "are worth knowing and no more. The JSON object belongs into a report of a fault.",
      "Under mpirun it says what each rank finds on its host, and whether all are of one build."
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
  public Integer call() throws IOException {
    List<Finding> findings = Doctor.examine(Optional.ofNullable(data));
    return MpiRanks.isLaunched(System.getenv()) ? callOfSeveral(findings) : say(findings);
  }

  /** Of processes that a launcher has started: the first one says what each of them has found. */
  private int callOfSeveral(List<Finding> own) throws IOException {
    MpiRanks ranks;
    try {
      ranks = MpiRanks.join(1, TowerOptions.patienceOfEnvironment());
    } catch (RankException e) {
      return sayAlone(own, e);
    }
    List<Finding> all = RankFindings.gather(ranks, RankFindings.withRanks(ranks, own));
    int code = ranks.rank() == 0 ? say(all) : code(all).code();
    ranks.close();
    return code;
  }

  /** Where this process cannot join the others, nobody else can say what it has found. */
  private int sayAlone(List<Finding> own, RankException why) {
    Finding problem =
        new Finding(
            Level.PROBLEM,
            "ranks",
            why.getMessage(),
            "install Open MPI on this host (Debian: openmpi-bin, libopenmpi-dev); the next command"
                + " under mpirun builds with it");
    Launch launch = Launch.of(System.getenv());
    if (launch.isFirst()) {
      return say(ImmutableList.<Finding>builder().addAll(own).add(problem).build());
    }
    console.failure(
        new CommandException(ExitCode.DEVICE, problem.text() + "; " + problem.remedy(), why));
    Companions.letFirstSpeak(launch);
    return ExitCode.DEVICE.code();
  }

  private int say(List<Finding> findings) {
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
