package org.alexnet4j.cli;

import org.alexnet4j.cli.console.Console;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the manual page. */
@Command(
    name = "man",
    mixinStandardHelpOptions = true,
    description = "Prints the manual page of all commands, for man.",
    footer = {"", "Example: ./alexnet man >alexnet.1 && man -l alexnet.1"})
final class ManCommand implements Runnable {
  private final Console console;

  @Spec private CommandSpec spec;

  ManCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    console.result(ManPage.of(spec.root()));
  }
}
