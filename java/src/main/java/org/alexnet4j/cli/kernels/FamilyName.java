package org.alexnet4j.cli.kernels;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.io.Printable;

/**
 * The name of a kernel family, as in {@code leaky_relu}, and its spellings in the sources.
 *
 * @param snake small letters, digits and single underscores
 */
record FamilyName(String snake) {
  private static final Pattern ALLOWED = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final int LONGEST = 24;

  /**
   * Reads what somebody calls a new family.
   *
   * @throws CommandException if it is none that C++ and Java could take
   */
  static FamilyName of(String text) {
    if (!ALLOWED.matcher(text).matches()
        || text.length() > LONGEST
        || SourceVersion.isKeyword(text)) {
      throw new CommandException(
          ExitCode.USAGE,
          String.format(
              Locale.ROOT,
              "%s is no name for a family; allowed are up to %d small letters, digits and single"
                  + " underscores, a letter first, and no word of Java",
              Printable.name(text),
              LONGEST));
    }
    return new FamilyName(text);
  }

  /** Returns {@code LeakyRelu}. */
  String type() {
    return Arrays.stream(snake.split("_"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining());
  }

  /** Returns {@code leakyRelu}. */
  String member() {
    String type = type();
    return type.substring(0, 1).toLowerCase(Locale.ROOT) + type.substring(1);
  }

  /** Returns {@code LEAKY_RELU}. */
  String constant() {
    return snake.toUpperCase(Locale.ROOT);
  }

  /** Returns whether a text names the family, in any spelling. */
  boolean isIn(String text) {
    return word().matcher(text).find();
  }

  /**
   * Returns a source text in which this family's name is another's. Functions of the C++ library
   * and words that merely begin with it stay.
   *
   * @param java whether members are spelled as Java's, {@code leakyRelu}; in quotes and in names of
   *     the C ABI they never are
   */
  String renamed(String text, FamilyName to, boolean java) {
    return word().matcher(text).replaceAll(match -> to.spelled(this, text, match, java));
  }

  private String spelled(FamilyName from, String text, MatchResult match, boolean java) {
    if (match.group().equals(from.type())) {
      return type();
    }
    if (match.group().equals(from.constant())) {
      return constant();
    }
    char before = match.start() == 0 ? ' ' : text.charAt(match.start() - 1);
    boolean inText = before == '_' || before == '"' || text.startsWith("type: ", match.start() - 6);
    return java && !inText ? member() : snake;
  }

  private Pattern word() {
    return Pattern.compile(
        "(?<!std::)(?<![A-Za-z])("
            + String.join("|", snake, member(), type(), constant())
            + ")(?![a-z])");
  }
}
