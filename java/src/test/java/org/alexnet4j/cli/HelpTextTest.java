package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.text.Columns;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What every command says about itself, on screens of any width. */
final class HelpTextTest {
  static final CommandLine ALL = line(80);

  private static CommandLine line(int width) {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    return Main.commandLine(
        new Console(nowhere, nowhere, Terminal.of(false, width)), new StopRequest(x -> {}));
  }

  /** Returns all commands, also those of groups. */
  static List<CommandLine> commands(CommandLine line) {
    List<CommandLine> all = new ArrayList<>();
    all.add(line);
    line.getSubcommands().values().forEach(sub -> all.addAll(commands(sub)));
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 40, 80, 120})
  void linesFitAndWordsStayWhole(int width) {
    for (CommandLine command : commands(line(width))) {
      List<String> words = new ArrayList<>();
      for (String line : command.getUsageMessage().split("\n")) {
        boolean example = line.startsWith("  ./alexnet ");
        boolean oneWord = line.strip().split(" ").length == 1;
        boolean names = line.startsWith("  -");
        assertTrue(example || oneWord || names || Columns.of(line) <= width, line);
        words.addAll(List.of(line.strip().split("\\s+")));
      }
      List<String> wide =
          List.of(HelpText.of(command.getCommandSpec(), 10_000).strip().split("\\s+"));
      words.removeIf(String::isEmpty);
      assertEquals(wide, words, command.getCommandName());
    }
  }

  /** A wider line of a footer would be divided, and the next one leave its second half alone. */
  @Test
  void linesOfFootersAreThoseOfAScreen() {
    for (CommandLine command : commands(ALL)) {
      for (String line : command.getCommandSpec().usageMessage().footer()) {
        assertTrue(line.contains("./alexnet ") || Columns.of(line) <= 80, line);
      }
    }
  }

  @Test
  void listsHaveOneWholeShortSentenceForEachCommand() {
    for (CommandLine command : commands(ALL)) {
      String sentence = HelpText.sentence(command.getCommandSpec());
      assertTrue(sentence.matches("[A-Z][^.]*(: [^.]*)?\\."), sentence);
      assertTrue(sentence.length() <= 72, sentence);
    }
    String list = ALL.getUsageMessage();
    assertTrue(
        list.contains("  prepare      Packs images so that training need not decode them.\n"),
        list);
  }

  @Test
  void everyOptionIsDescribed() {
    for (CommandLine command : commands(ALL)) {
      command
          .getCommandSpec()
          .args()
          .forEach(
              argument -> {
                String words = String.join(" ", argument.description());
                assertTrue(
                    argument.hidden() || words.endsWith(".") || words.endsWith(")"),
                    argument + ": " + words);
              });
    }
  }

  @Test
  void helpAndVersionAreEverywhere() {
    for (Map.Entry<String, CommandLine> command : ALL.getSubcommands().entrySet()) {
      String name = command.getKey();
      Cli help = Cli.run(name, "--help");
      assertEquals(0, help.code(), help.err());
      assertEquals(help, Cli.run("help", name));
      assertEquals(help, Cli.run(name, "-h"));
      assertEquals(Main.VERSION + "\n", Cli.run(name, "--version").out());
      for (String inner : command.getValue().getSubcommands().keySet()) {
        Cli more = Cli.run(name, inner, "--help");
        assertEquals(0, more.code(), more.err());
        assertEquals(more, Cli.run("help", name, inner));
        assertEquals(more, Cli.run(name, "help", inner));
        assertEquals(Main.VERSION + "\n", Cli.run(name, inner, "--version").out());
      }
    }
    assertEquals(Cli.run("--help"), Cli.run("help"));
    assertEquals(Cli.run("--help"), Cli.run());
  }

  @Test
  void nothingIsColoured() {
    assertTrue(ALL.getUsageMessage(CommandLine.Help.Ansi.ON).indexOf(0x1b) < 0);
    assertTrue(
        new String(ALL.getUsageMessage().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)
            .contains("Exit codes: 0 done"));
  }
}
