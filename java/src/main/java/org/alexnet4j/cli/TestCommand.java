package org.alexnet4j.cli;

import picocli.CommandLine.Command;

/** Stands in the list of commands; the launcher runs the tests, because they need Maven. */
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = "Runs all tests: Maven's, then the native check programs.",
    customSynopsis = "alexnet test [-- MAVEN ARGUMENTS]",
    footer = {
      "",
      "Example: ./alexnet test -- -Dtest=PlannerTest -Dsurefire.failIfNoSpecifiedTests=false"
    })
final class TestCommand implements Runnable {
  @Override
  public void run() {
    throw new CommandException(
        ExitCode.USAGE, "tests are run by ./alexnet test in the source tree");
  }
}
