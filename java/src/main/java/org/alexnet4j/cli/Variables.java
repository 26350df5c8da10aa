package org.alexnet4j.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.device.Kernels;
import org.alexnet4j.io.Printable;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.text.Suggestion;

/**
 * Looks at the environment before a command runs: a name that nothing reads is said, a value that
 * nothing understands is refused. README lists the variables.
 */
final class Variables {
  private static final String OURS = "ALEXNET_";

  /** By name, the values that are allowed; none: whoever reads it says what is. */
  private static final Map<String, List<String>> SETTINGS =
      Map.ofEntries(
          Map.entry("ALEXNET_JAVA_OPTS", List.of()),
          Map.entry("ALEXNET_CUDA", List.of()),
          Map.entry("ALEXNET_ENGINE", List.of("kernels", "onednn", "cudnn")),
          Map.entry("ALEXNET_CUDNN", List.of("deterministic", "fastest")),
          Map.entry("ALEXNET_GRAPH", List.of("on", "off", "pairs")),
          Map.entry("ALEXNET_PATIENCE", List.of()),
          Map.entry("ALEXNET_MOVES", RankWay.names()),
          Map.entry("ALEXNET_NCCL", List.of()),
          Map.entry("ALEXNET_FAULT", List.of()),
          Map.entry("ALEXNET_RACES", List.of("on", "off")),
          Map.entry("ALEXNET_EMU_SCHEDULE", List.of("ordered", "reverse", "random")),
          Map.entry("ALEXNET_EMU_COPIES", List.of("late", "early", "random")),
          Map.entry("ALEXNET_EMU_CHECK", List.of("0", "1")),
          Map.entry("ALEXNET_EMU_SEED", List.of()));

  /** What scripts of the project read, in which commands run: the GPU session, the trials. */
  private static final List<String> OF_SCRIPTS =
      List.of(
          "ALEXNET_BATCH",
          "ALEXNET_CUDA_ARCHITECTURES",
          "ALEXNET_DATA",
          "ALEXNET_GPU",
          "ALEXNET_HOME",
          "ALEXNET_OUT",
          "ALEXNET_PART",
          "ALEXNET_PYTHON",
          "ALEXNET_REBUILD",
          "ALEXNET_TRIAL_SECONDS");

  private Variables() {}

  /**
   * Looks at all of them.
   *
   * @param environment of the process
   * @return a line for each name that nothing reads
   * @throws CommandException if one has a value that is not allowed
   */
  static List<String> check(Map<String, String> environment) {
    return check(environment, Variables::ofKernels);
  }

  /**
   * The same with kernels of one's choice.
   *
   * @param kernels by the variable that forces one, the variants; asked only if it is needed
   */
  static List<String> check(
      Map<String, String> environment, Supplier<Map<String, TreeSet<String>>> kernels) {
    List<String> lines = new ArrayList<>();
    Map<String, TreeSet<String>> variants = null;
    for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
      String name = variable.getKey();
      if (!name.startsWith(OURS) || OF_SCRIPTS.contains(name)) {
        continue;
      }
      if (SETTINGS.containsKey(name)) {
        require(name, variable.getValue(), SETTINGS.get(name));
        continue;
      }
      variants = variants == null ? kernels.get() : variants;
      if (variants.containsKey(name)) {
        require(name, variable.getValue(), List.copyOf(variants.get(name)));
      } else {
        TreeSet<String> known = new TreeSet<>(SETTINGS.keySet());
        known.addAll(variants.keySet());
        lines.add(
            Printable.name(name)
                + " is set, but is no setting"
                + Suggestion.nearest(name, known)
                    .map(near -> "; did you mean '" + near + "'?")
                    .orElse(": README lists those that are"));
      }
    }
    return lines;
  }

  private static void require(String name, String value, List<String> allowed) {
    boolean unset = value.isEmpty() && !SETTINGS.containsKey(name); // as the registry has it
    if (!allowed.isEmpty() && !allowed.contains(value) && !unset) {
      throw new CommandException(
          ExitCode.USAGE,
          name + " is '" + Printable.name(value) + "'; " + Suggestion.allowed(value, allowed));
    }
  }

  private static Map<String, TreeSet<String>> ofKernels() {
    Map<String, TreeSet<String>> variants = new TreeMap<>();
    for (String line : Kernels.list()) {
      JsonObject kernel = JsonParser.parseString(line).getAsJsonObject();
      String name =
          OURS + kernel.get("family").getAsString() + "_" + kernel.get("pass").getAsString();
      variants
          .computeIfAbsent(name.toUpperCase(Locale.ROOT), key -> new TreeSet<>())
          .add(kernel.get("variant").getAsString());
    }
    return variants;
  }
}
