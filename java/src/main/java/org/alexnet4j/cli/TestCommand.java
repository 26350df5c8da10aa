package org.alexnet4j.cli;

import java.util.List;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Stands in the list of commands; the launcher runs the tests, because they need Maven. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = {"Runs all tests.", "These are Maven's, then the native check programs."},
    customSynopsis = "./alexnet test [--all] [--mutants] [-- MAVEN ARGUMENTS]",
    footer = {
      "",
      "Example: ./alexnet test -- -Dtest=PlannerTest -Dsurefire.failIfNoSpecifiedTests=false"
    })
final class TestCommand implements Runnable {
  @Option(names = "--all", description = "Also what takes minutes: long forms, trials in bash.")
  private boolean all;

  @Option(
      names = "--mutants",
      description = "Instead: break rules on purpose, which tests must notice (docs/mutants.md).")
  private boolean mutants;

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "For Maven, after --.")
  private List<String> arguments;

  @Override
  public void run() {
    throw new CommandException(
        ExitCode.USAGE, "tests are run by ./alexnet test in the source tree");
  }
}
