package org.alexnet4j.cli;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Writes what the help texts say as one page in the language of {@code man}, roff. */
final class ManPage {
  private final StringBuilder roff = new StringBuilder();

  private ManPage() {}

  /** Returns the page of a command and all commands below it. */
  static String of(CommandSpec root) {
    ManPage page = new ManPage();
    page.head(root);
    root.subcommands().values().stream().distinct().forEach(page::command);
    page.section("EXIT STATUS");
    page.paragraph(root.usageMessage().footer());
    return page.roff.toString();
  }

  private void head(CommandSpec root) {
    String version = String.join(" ", root.version());
    line(".TH " + root.name().toUpperCase(Locale.ROOT) + " 1 \"\" \"" + version + "\"");
    section("NAME");
    line(text(root.name() + " - " + summary(root)));
    section("SYNOPSIS");
    line(".B " + text(root.name()));
    line("COMMAND [OPTIONS]");
    section("DESCRIPTION");
    paragraph(root.usageMessage().description());
    section("COMMANDS");
  }

  private void command(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    line(".SS \"" + text(synopsis(spec)) + "\"");
    paragraph(spec.usageMessage().header());
    paragraph(spec.usageMessage().description());
    for (PositionalParamSpec parameter : spec.positionalParameters()) {
      if (!parameter.hidden()) {
        item(parameter.paramLabel(), parameter.description());
      }
    }
    for (OptionSpec option : spec.options()) {
      if (!option.hidden() && !option.usageHelp() && !option.versionHelp()) {
        item(names(option), option.description());
      }
    }
    example(spec.usageMessage().footer());
    new LinkedHashSet<>(spec.subcommands().values()).forEach(this::command);
  }

  private static String synopsis(CommandSpec spec) {
    String[] custom = spec.usageMessage().customSynopsis();
    if (custom.length > 0) {
      return custom[0];
    }
    String parameters =
        spec.positionalParameters().stream()
            .map(p -> p.arity().min() == 0 ? "[" + p.paramLabel() + "]" : p.paramLabel())
            .collect(Collectors.joining(" "));
    boolean parent = !spec.subcommands().isEmpty();
    return (spec.qualifiedName() + (parent ? " COMMAND" : " [OPTIONS] " + parameters)).strip();
  }

  private static String names(OptionSpec option) {
    String value = option.arity().max() > 0 ? " " + option.paramLabel() : "";
    return Stream.of(option.names()).map(name -> name + value).collect(Collectors.joining(", "));
  }

  private static String summary(CommandSpec spec) {
    return Stream.concat(
            Arrays.stream(spec.usageMessage().header()),
            Arrays.stream(spec.usageMessage().description()))
        .filter(line -> !line.isBlank())
        .findFirst()
        .orElse("");
  }

  private void section(String name) {
    line(".SH " + name);
  }

  private void item(String head, String... description) {
    line(".TP");
    line(".B " + text(head));
    paragraph(description);
  }

  private void paragraph(String... lines) {
    List<String> filled = Arrays.stream(lines).filter(line -> !line.isBlank()).toList();
    filled.forEach(line -> line(text(line.strip())));
  }

  /** Lines as they are, below the options. */
  private void example(String... lines) {
    if (lines.length > 0) {
      line(".PP");
      line(".nf");
      Arrays.stream(lines).forEach(line -> line(text(line)));
      line(".fi");
    }
  }

  private void line(String line) {
    roff.append(line).append('\n');
  }

  /** Returns plain text as roff: no markup of ours, nothing that roff would take for its own. */
  private static String text(String plain) {
    String escaped =
        Ansi.OFF.string(String.format(Locale.ROOT, plain)).replace("\\", "\\e").replace("-", "\\-");
    return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
  }
}
