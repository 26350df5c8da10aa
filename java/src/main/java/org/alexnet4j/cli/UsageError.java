package org.alexnet4j.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.alexnet4j.io.Printable;
import org.alexnet4j.text.Suggestion;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.MutuallyExclusiveArgsException;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Says in one line what is wrong with a command line, what was meant, and where help is. */
final class UsageError {
  /** What other programs call an option; the first that a command has is suggested. */
  private static final Map<String, List<String>> ELSEWHERE =
      Map.ofEntries(
          Map.entry("batchsize", List.of("--batch")),
          Map.entry("bs", List.of("--batch")),
          Map.entry("b", List.of("--batch")),
          Map.entry("workers", List.of("--loader-threads", "--threads")),
          Map.entry("numworkers", List.of("--loader-threads", "--threads")),
          Map.entry("j", List.of("--loader-threads", "--threads")),
          Map.entry("jobs", List.of("--loader-threads", "--threads")),
          Map.entry("threads", List.of("--loader-threads")),
          Map.entry("gpu", List.of("--devices", "--device")),
          Map.entry("gpus", List.of("--devices", "--device")),
          Map.entry("device", List.of("--devices")),
          Map.entry("devices", List.of("--device")),
          Map.entry("output", List.of("--out", "--run")),
          Map.entry("outdir", List.of("--out", "--run")),
          Map.entry("outputdir", List.of("--out", "--run")),
          Map.entry("o", List.of("--out", "--run")),
          Map.entry("dataset", List.of("--data")),
          Map.entry("datadir", List.of("--data")),
          Map.entry("d", List.of("--data")),
          Map.entry("maxepochs", List.of("--epochs")),
          Map.entry("numepochs", List.of("--epochs")),
          Map.entry("iterations", List.of("--steps")),
          Map.entry("maxsteps", List.of("--steps")),
          Map.entry("checkpoint", List.of("--weights", "--run")),
          Map.entry("model", List.of("--weights", "--preset")),
          Map.entry("arch", List.of("--preset")),
          Map.entry("topk", List.of("--top")),
          Map.entry("k", List.of("--top")),
          Map.entry("size", List.of("--side")),
          Map.entry("imgsize", List.of("--side")),
          Map.entry("logdir", List.of("--run")),
          Map.entry("name", List.of("--run")),
          Map.entry("backend", List.of("--transport", "--devices")),
          Map.entry("continue", List.of("--resume")));

  /** What a configuration says and no option does. */
  private static final Map<String, String> IN_CONFIG =
      Map.of(
          "lr", "training.rate=0.01",
          "learningrate", "training.rate=0.01",
          "rate", "training.rate=0.01",
          "momentum", "training.momentum=0.9",
          "wd", "network.layers.fc6.decay=0.0005",
          "weightdecay", "network.layers.fc6.decay=0.0005",
          "dropout", "network.layers.drop6.keep=0.5",
          "imagesize", "network.input=224");

  private static final String NO_COMMAND = "Missing required subcommand";

  private UsageError() {}

  /** Returns the line. */
  static String line(ParameterException e, String[] arguments) {
    CommandSpec spec = e.getCommandLine().getCommandSpec();
    String problem =
        e instanceof UnmatchedArgumentException unmatched
            ? unmatched(spec, unmatched.getUnmatched())
            : e.getMessage().startsWith(NO_COMMAND)
                ? spec.qualifiedName(" ") + " needs a command; " + allowed(spec)
                : e instanceof MissingParameterException
                    ? missing(spec, e, arguments)
                    : isRepeated(e)
                        ? repeated(spec, arguments).orElseGet(() -> value(e))
                        : value(e);
    return String.format(Locale.ROOT, "%s (see ./%s --help)", problem, spec.qualifiedName());
  }

  private static String unmatched(CommandSpec spec, List<String> arguments) {
    String given = arguments.isEmpty() ? "" : arguments.get(0);
    if (given.length() > 1 && given.startsWith("-")) {
      return option(spec, given.replaceAll("=.*", ""));
    }
    String word = Printable.name(given);
    if (!spec.subcommands().isEmpty()) {
      return command(spec, word);
    }
    return String.format(
        Locale.ROOT, "'%s' is one argument too many for %s", word, spec.qualifiedName(" "));
  }

  /** Returns the line about a command that does not exist. */
  static String command(CommandSpec spec, String word) {
    String group = spec.parent() == null ? "" : spec.name() + " ";
    return String.format(
        Locale.ROOT,
        "there is no command '%s%s'; %s",
        group,
        word,
        Suggestion.allowed(word, names(spec)));
  }

  /** Returns the commands, and help, which is understood before them. */
  private static List<String> names(CommandSpec spec) {
    List<String> names = new ArrayList<>(spec.subcommands().keySet());
    names.add("help");
    return names;
  }

  private static String option(CommandSpec spec, String given) {
    String bare = given.replaceAll("[-_]", "").toLowerCase(Locale.ROOT);
    List<String> options =
        spec.options().stream()
            .filter(option -> !option.hidden())
            .map(OptionSpec::longestName)
            .toList();
    String line =
        String.format(
            Locale.ROOT, "%s has no option '%s'", spec.qualifiedName(" "), Printable.name(given));
    Optional<String> near = nearest(bare, given, options);
    if (near.isPresent()) {
      return line + "; did you mean '" + near.get() + "'?";
    }
    return IN_CONFIG.containsKey(bare) && options.contains("--set")
        ? line + "; the configuration states it: --set " + IN_CONFIG.get(bare)
        : line;
  }

  private static Optional<String> nearest(String bare, String given, Collection<String> options) {
    for (String name : ELSEWHERE.getOrDefault(bare, List.of())) {
      if (options.contains(name)) {
        return Optional.of(name);
      }
    }
    for (String name : options) { // --loader_threads, --loaderThreads, -batch
      if (name.replace("-", "").equals(bare)) {
        return Optional.of(name);
      }
    }
    return IN_CONFIG.containsKey(bare) ? Optional.empty() : Suggestion.nearest(given, options);
  }

  /** Something may be missing because its option has another name. */
  private static String missing(CommandSpec spec, ParameterException e, String[] arguments) {
    for (String argument : arguments) {
      String name = argument.replaceAll("=.*", "");
      if (name.equals("--")) {
        break;
      }
      if (name.matches("--[A-Za-z][A-Za-z_-]*") && !spec.optionsMap().containsKey(name)) {
        return option(spec, name);
      }
    }
    return e.getMessage().replaceAll("^Missing required [a-z ()]*: ", "missing: ");
  }

  private static boolean isRepeated(ParameterException e) {
    return e instanceof OverwrittenOptionException
        || e instanceof MaxValuesExceededException
        || e instanceof MutuallyExclusiveArgsException;
  }

  /**
   * Says which option is given twice, or which options exclude each other, where that is the
   * mistake: of options in groups the parser says it in terms of the groups.
   */
  private static Optional<String> repeated(CommandSpec spec, String[] arguments) {
    Map<OptionSpec, Integer> given = new LinkedHashMap<>();
    for (String argument : arguments) {
      OptionSpec option = spec.optionsMap().get(argument.replaceAll("=.*", ""));
      if (argument.equals("--")) {
        break;
      }
      if (option != null) {
        given.merge(option, 1, Integer::sum);
      }
    }
    for (Map.Entry<OptionSpec, Integer> entry : given.entrySet()) {
      OptionSpec option = entry.getKey();
      if (entry.getValue() > 1 && !option.isMultiValue()) {
        return Optional.of(option.longestName() + " is given more than once; allowed: once");
      }
      List<String> others =
          given.keySet().stream()
              .filter(other -> other.group() != null && other.group() == option.group())
              .map(OptionSpec::longestName)
              .toList();
      if (others.size() > 1 && option.group().exclusive()) {
        return Optional.of(
            String.join(" and ", others) + " exclude each other; allowed: one of them");
      }
    }
    return Optional.empty();
  }

  private static String allowed(CommandSpec spec) {
    // Sorted: commands that are methods have no order of their own.
    return "allowed: " + String.join(", ", new TreeSet<>(spec.subcommands().keySet()));
  }

  private static String value(ParameterException e) {
    ArgSpec argument = e.getArgSpec();
    if (argument == null || e.getValue() == null) {
      return e.getMessage();
    }
    String name =
        argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
    Class<?> type = argument.auxiliaryTypes()[0];
    String given = Printable.name(e.getValue());
    return String.format(Locale.ROOT, "%s is '%s'; %s", name, given, allowed(type, given));
  }

  private static String allowed(Class<?> type, String given) {
    if (type.isEnum()) {
      List<String> names =
          Arrays.stream(type.getEnumConstants())
              .map(value -> ((Enum<?>) value).name().toLowerCase(Locale.ROOT))
              .toList();
      return Suggestion.allowed(given, names);
    }
    boolean whole =
        type == int.class || type == Integer.class || type == long.class || type == Long.class;
    return whole
        ? "allowed: a whole number"
            + (type == int.class || type == Integer.class ? " below 2^31" : "")
        : "allowed: a "
            + type.getSimpleName()
                .toLowerCase(Locale.ROOT)
                .replace("double", "number")
                .replace("float", "number");
  }
}
