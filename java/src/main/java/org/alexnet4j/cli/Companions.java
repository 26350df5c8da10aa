package org.alexnet4j.cli;

import java.util.Set;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.ranks.Launch;
import picocli.CommandLine.ParseResult;

/**
 * What a command does with the other processes that a launcher has started: a few know of them, a
 * few only print, and all others would do the same work in the same place at once.
 */
enum Companions {
  /** All processes take part. */
  TAKE_PART,
  /** The first one prints what each of them would; the others have nothing to do. */
  STAND_BY,
  /** The command is for one process. */
  ARE_REFUSED;

  private static final Set<String> TOGETHER = Set.of("train", "devices", "doctor");
  private static final Set<String> PRINTS = Set.of("describe", "completion", "man");

  /** How long others than the first stay: a launcher ends all processes when one has failed. */
  private static final long FIRST_SPEAKS_MILLIS = 3000;

  /**
   * Decides for a command line that was understood.
   *
   * @param parsed from its first word on
   * @param asksHelp whether a help text or the version is asked for
   */
  static Companions of(ParseResult parsed, boolean asksHelp) {
    String name = name(parsed);
    if (asksHelp || name.isEmpty() || PRINTS.contains(name)) {
      return STAND_BY;
    }
    return TOGETHER.contains(name) ? TAKE_PART : ARE_REFUSED;
  }

  /** Returns the words of the command: {@code data verify}. */
  static String name(ParseResult parsed) {
    StringBuilder words = new StringBuilder();
    for (ParseResult at = parsed.subcommand(); at != null; at = at.subcommand()) {
      words.append(words.isEmpty() ? "" : " ").append(at.commandSpec().name());
    }
    return words.toString();
  }

  /** Returns what all processes end with, of which the first one says it. */
  static CommandException refusal(String command, Launch launch) {
    return CommandException.ofAll(
        ExitCode.USAGE,
        command
            + " is for one process, and "
            + launch.count()
            + " were started: start it without mpirun; train, devices and doctor are for several");
  }

  /**
   * Lets the first process say what all fail for, before one of the others ends and the launcher
   * ends all.
   */
  static void letFirstSpeak(Launch launch) {
    if (!launch.isFirst()) {
      try {
        Thread.sleep(FIRST_SPEAKS_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // whoever wants an end has it now
      }
    }
  }
}
