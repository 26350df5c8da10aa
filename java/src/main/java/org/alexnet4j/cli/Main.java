package org.alexnet4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.data.DataCommand;
import org.alexnet4j.cli.data.DataDescribeCommand;
import org.alexnet4j.cli.data.DataFeedCommand;
import org.alexnet4j.cli.data.DataSheetCommand;
import org.alexnet4j.cli.data.DataVerifyCommand;
import org.alexnet4j.cli.data.PrepareCommand;
import org.alexnet4j.cli.foreign.ExportCommand;
import org.alexnet4j.cli.foreign.ImportCommand;
import org.alexnet4j.cli.kernels.DevicesCommand;
import org.alexnet4j.cli.kernels.JmhCommand;
import org.alexnet4j.cli.kernels.KernelsCommand;
import org.alexnet4j.cli.run.ActivationsCommand;
import org.alexnet4j.cli.run.BenchCommand;
import org.alexnet4j.cli.run.CompareCommand;
import org.alexnet4j.cli.run.DemoCommand;
import org.alexnet4j.cli.run.DescribeCommand;
import org.alexnet4j.cli.run.EvalCommand;
import org.alexnet4j.cli.run.ExperimentCommand;
import org.alexnet4j.cli.run.FeaturesCommand;
import org.alexnet4j.cli.run.PredictCommand;
import org.alexnet4j.cli.run.ReportCommand;
import org.alexnet4j.cli.run.SimilarCommand;
import org.alexnet4j.cli.run.TrainCommand;
import org.alexnet4j.ranks.Launch;
import org.alexnet4j.report.PlanReport;
import org.alexnet4j.tower.DeviceMemoryException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The entry point of {@code ./alexnet}. */
@Command(
    name = "alexnet",
    mixinStandardHelpOptions = true,
    version = Main.VERSION,
    description = {
      "The two-tower AlexNet of 2012: train it, test it, look into it.",
      "Start with ./alexnet demo."
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 other failure, 2 usage, 3 data, 4 device, 5 checkpoint,",
      "6 diverged, 129, 130 and 143 stopped by a signal, in training after saving."
    })
public final class Main implements Runnable {
  static final String VERSION = "alexnet4j 0.1.0";
  private static final String HELP = "help";

  @Spec private CommandSpec spec;

  private Main() {}

  /** Runs one command and ends the process. */
  public static void main(String[] args) {
    Console console = Console.system();
    StopRequest stop = new StopRequest(console::message);
    stop.install();
    Launch launch = Launch.of(System.getenv());
    int code = run(console, stop, launch, args);
    if (code == ExitCode.USAGE.code()) {
      Companions.letFirstSpeak(launch);
    }
    System.exit(stop.exitCode(console.exitCode(code)));
  }

  /** Runs one command, in a process alone, and returns its exit code. */
  static int run(Console console, StopRequest stop, String... args) {
    return run(console, stop, Launch.ALONE, args);
  }

  /** The same in a process that a launcher may have started with others. */
  static int run(Console console, StopRequest stop, Launch launch, String... args) {
    if (!launch.isFirst()) {
      console.speakOnlyOfFailure(launch.rank());
    }
    try {
      CommandLine line = commandLine(console, stop, launch);
      return line.execute(withHelp(line, args));
    } catch (Error e) {
      console.failure(e); // picocli lets errors pass: a missing native library, a full heap
      return Failures.code(e).code();
    }
  }

  static CommandLine commandLine(Console console, StopRequest stop) {
    return commandLine(console, stop, Launch.ALONE);
  }

  private static CommandLine commandLine(Console console, StopRequest stop, Launch launch) {
    CommandLine line =
        new CommandLine(new Main())
            .addSubcommand(new DemoCommand(console, stop))
            .addSubcommand(new TrainCommand(console, stop))
            .addSubcommand(new ExperimentCommand(console, stop))
            .addSubcommand(new PrepareCommand(console, stop))
            .addSubcommand(
                new CommandLine(new DataCommand())
                    .addSubcommand(new DataVerifyCommand(console))
                    .addSubcommand(new DataDescribeCommand(console))
                    .addSubcommand(new DataSheetCommand(console))
                    .addSubcommand(new DataFeedCommand(console)))
            .addSubcommand(new EvalCommand(console))
            .addSubcommand(new PredictCommand(console))
            .addSubcommand(new ReportCommand(console))
            .addSubcommand(new SimilarCommand(console))
            .addSubcommand(new FeaturesCommand(console))
            .addSubcommand(new ActivationsCommand(console))
            .addSubcommand(new DescribeCommand(console))
            .addSubcommand(new DevicesCommand(console))
            .addSubcommand(new DoctorCommand(console))
            .addSubcommand(new KernelsCommand(console))
            .addSubcommand(new CompareCommand(console))
            .addSubcommand(new ImportCommand(console))
            .addSubcommand(new ExportCommand(console))
            .addSubcommand(new BenchCommand(console))
            .addSubcommand(new JmhCommand())
            .addSubcommand(new BundleCommand())
            .addSubcommand(new ReleaseCommand())
            .addSubcommand(new TestCommand())
            .addSubcommand(new CompletionCommand(console))
            .addSubcommand(new ManCommand(console));
    line.setOut(console.outWriter());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setHelpSectionKeys(List.of(HELP));
    line.setHelpSectionMap(
        Map.of(HELP, help -> HelpText.of(help.commandSpec(), console.terminal().width())));
    giveVersion(line);
    line.setUnmatchedOptionsAllowedAsOptionParameters(false);
    line.setExecutionStrategy(parsed -> execute(parsed, console, launch));
    line.setParameterExceptionHandler((e, arguments) -> usage(console, e, arguments));
    line.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (e instanceof DeviceMemoryException memory) {
            console.message("what the plan needs\n" + new PlanReport(memory.plan()).memory());
          }
          console.failure(e);
          return Failures.code(e).code();
        });
    return line;
  }

  private static int execute(CommandLine.ParseResult parsed, Console console, Launch launch) {
    boolean asksHelp = asksHelp(parsed);
    Companions others = Companions.of(parsed, asksHelp);
    try {
      if (launch.isOfSeveral() && others == Companions.ARE_REFUSED) {
        throw Companions.refusal(Companions.name(parsed), launch);
      }
      if (launch.isOfSeveral() && others == Companions.STAND_BY && !launch.isFirst()) {
        return ExitCode.OK.code();
      }
      if (!asksHelp) {
        Variables.check(System.getenv()).forEach(console::message);
      }
    } catch (CommandException e) {
      console.failure(e);
      return e.code().code();
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static boolean asksHelp(CommandLine.ParseResult parsed) {
    for (CommandLine.ParseResult at = parsed; at != null; at = at.subcommand()) {
      if (at.isUsageHelpRequested() || at.isVersionHelpRequested()) {
        return true;
      }
    }
    return false;
  }

  private static void giveVersion(CommandLine line) {
    line.getCommandSpec().version(VERSION);
    line.getSubcommands().values().forEach(Main::giveVersion);
  }

  /**
   * Turns {@code help data verify} and {@code data help verify} into {@code data verify --help}.
   */
  private static String[] withHelp(CommandLine line, String[] args) {
    List<String> words = new ArrayList<>(List.of(args));
    CommandLine at = line;
    for (int i = 0; i < words.size() && at != null && !at.getSubcommands().isEmpty(); ) {
      if (words.get(i).equals(HELP)) {
        while (i < words.size() && words.get(i).equals(HELP)) { // help help is help
          words.remove(i);
        }
        words.add("--help");
        return checked(line, words);
      }
      at = at.getSubcommands().get(words.get(i++));
    }
    return args;
  }

  /** Lets an unknown word after {@code help} be refused as one, and not pass as an argument. */
  private static String[] checked(CommandLine line, List<String> words) {
    CommandLine at = line;
    for (String word : words.subList(0, words.size() - 1)) {
      CommandLine next = at.getSubcommands().get(word);
      if (next == null) {
        return words.subList(0, words.indexOf(word) + 1).toArray(String[]::new);
      }
      at = next;
    }
    return words.toArray(String[]::new);
  }

  private static int usage(Console console, ParameterException e, String[] arguments) {
    console.message(
        Failures.line(new CommandException(ExitCode.USAGE, UsageError.line(e, arguments))));
    return ExitCode.USAGE.code();
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
