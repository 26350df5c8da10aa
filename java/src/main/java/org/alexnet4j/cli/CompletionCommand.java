package org.alexnet4j.cli;

import org.alexnet4j.cli.console.Console;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints a script that teaches a shell to complete commands and options. */
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Prints a script that lets a shell complete commands and options.",
    footer = {
      "",
      "For this shell:  source <(./alexnet completion bash)",
      "For every one:   ./alexnet completion bash"
          + " >~/.local/share/bash-completion/completions/alexnet"
    })
final class CompletionCommand implements Runnable {
  /** Shells that a script can be made for. */
  enum Shell {
    /** The Bourne-again shell. */
    BASH,
    /** The Z shell, which reads the same script. */
    ZSH
  }

  private final Console console;

  @Parameters(paramLabel = "SHELL", description = "bash or zsh.")
  private Shell shell;

  @Spec private CommandSpec spec;

  CompletionCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    console.result(AutoComplete.bash("alexnet", spec.root().commandLine()));
  }
}
