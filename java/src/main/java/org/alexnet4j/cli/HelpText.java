package org.alexnet4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnet4j.text.Columns;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * Writes the help of a command as wide as the screen is. Words stay whole; below some width
 * descriptions stand under what they describe, not beside it.
 */
final class HelpText {
  private static final int NARROW = 60;
  private static final int LEFT = 28;
  private static final int INDENT = 6;

  private final CommandSpec spec;
  private final int width;
  private final StringBuilder text = new StringBuilder();

  private HelpText(CommandSpec spec, int width) {
    this.spec = spec;
    this.width = width;
  }

  /** Returns the help of a command. */
  static String of(CommandSpec spec, int width) {
    HelpText help = new HelpText(spec, width);
    help.usage();
    help.description();
    help.arguments();
    help.commands();
    help.footer();
    return help.text.toString();
  }

  /** Returns what a command does in a list of commands: the first sentence of its description. */
  static String sentence(CommandSpec spec) {
    String all = String.join(" ", spec.usageMessage().description()).strip();
    int end = all.indexOf(". ");
    return end < 0 ? all : all.substring(0, end + 1);
  }

  private void usage() {
    String[] custom = spec.usageMessage().customSynopsis();
    String synopsis = custom.length > 0 ? String.join(" ", custom) : synopsis();
    lines("Usage: ", 7, synopsis);
  }

  private String synopsis() {
    StringBuilder line = new StringBuilder("./" + spec.qualifiedName());
    if (!spec.subcommands().isEmpty()) {
      return line.append(" COMMAND").toString();
    }
    for (OptionSpec option : spec.options()) {
      if (option.required() && option.group() == null) {
        line.append(' ').append(option.longestName()).append(' ').append(label(option));
      }
    }
    line.append(" [OPTIONS]");
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      if (argument.hidden()) {
        continue;
      }
      String label = argument.paramLabel() + (argument.arity().isVariable() ? "..." : "");
      line.append(' ').append(argument.arity().min() == 0 ? "[" + label + "]" : label);
    }
    return line.toString();
  }

  private void description() {
    text.append('\n');
    lines("", 0, String.join(" ", spec.usageMessage().description()));
  }

  private void arguments() {
    text.append('\n');
    for (PositionalParamSpec argument : spec.positionalParameters()) {
      if (argument.hidden()) {
        continue;
      }
      String name = argument.paramLabel() + (argument.arity().isVariable() ? "..." : "");
      entry(name, describe(argument));
    }
    List<OptionSpec> standard = new ArrayList<>();
    for (OptionSpec option : spec.options()) {
      if (option.usageHelp() || option.versionHelp()) {
        standard.add(option);
      } else if (!option.hidden()) {
        entry(names(option), describe(option));
      }
    }
    standard.forEach(option -> entry(names(option), describe(option)));
  }

  private static String names(OptionSpec option) {
    String names = String.join(", ", option.names());
    String label = label(option);
    return label.isEmpty() ? names : names + " " + label;
  }

  private static String label(OptionSpec option) {
    int values = option.arity().max();
    if (values == 0) {
      return "";
    }
    if (option.arity().isVariable()) {
      return option.paramLabel() + "...";
    }
    String label = option.paramLabel();
    return values == 1
        ? label
        : String.join(" ", java.util.Collections.nCopies(option.arity().min(), label));
  }

  private static String describe(ArgSpec argument) {
    String words = String.join(" ", argument.description());
    Iterable<String> candidates = argument.completionCandidates();
    return candidates == null
        ? words
        : words.replace("${COMPLETION-CANDIDATES}", String.join(", ", candidates));
  }

  private void commands() {
    if (spec.subcommands().isEmpty()) {
      return;
    }
    text.append("\nCommands:\n");
    for (Map.Entry<String, CommandLine> command : spec.subcommands().entrySet()) {
      entry(command.getKey(), sentence(command.getValue().getCommandSpec()));
    }
    String group = spec.parent() == null ? "" : spec.name() + " ";
    text.append('\n');
    lines(
        "", 0, String.format(Locale.ROOT, "./alexnet help %sCOMMAND says more about each.", group));
  }

  /** Examples stay as they are: a line of them is to be copied. */
  private void footer() {
    for (String line : spec.usageMessage().footer()) {
      if (line.startsWith(" ")) {
        text.append(line).append('\n');
      } else if (line.isEmpty()) {
        text.append('\n');
      } else {
        lines("", 0, line);
      }
    }
  }

  /** Writes what something is called, and beside or below it what it is. */
  private void entry(String name, String description) {
    int left = spec.subcommands().isEmpty() || name.startsWith("-") ? LEFT : 15;
    boolean beside = width >= NARROW && Columns.of(name) + 4 <= left;
    int indent = width >= NARROW ? left : INDENT;
    List<String> wrapped = Columns.wrap(description, width - indent);
    text.append("  ").append(name);
    int first = 0;
    if (beside) {
      text.append(" ".repeat(left - 2 - Columns.of(name))).append(wrapped.get(0));
      first = 1;
    }
    text.append('\n');
    String rest =
        wrapped.stream()
            .skip(first)
            .map(line -> " ".repeat(indent) + line + "\n")
            .collect(Collectors.joining());
    text.append(rest);
  }

  private void lines(String head, int indent, String paragraph) {
    List<String> wrapped = Columns.wrap(paragraph, width - indent);
    for (int i = 0; i < wrapped.size(); i++) {
      text.append(i == 0 ? head : " ".repeat(indent)).append(wrapped.get(i)).append('\n');
    }
  }
}
