package org.alexnet4j.jmh;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.Shapes;

/**
 * What {@code --peers} measures.
 *
 * @param rounds in each of which every subject has its turn
 * @param steps of a turn that count
 * @param batches images per step
 * @param purposes of the network
 * @param subjects in their order; ONNX Runtime only infers
 * @param devices as {@code StepBenchmark} takes them
 * @param width factor on the hidden widths
 */
record PeerOptions(
    int rounds,
    int steps,
    ImmutableList<Integer> batches,
    ImmutableList<Purpose> purposes,
    ImmutableList<Peer> subjects,
    String devices,
    String width) {
  static final String HELP =
      """
      usage: ./alexnet jmh --peers [OPTION VALUE]...
      Times the paper's network on the CPU by each of our algorithms and by others, in turns, each turn
      in a fresh virtual machine, and prints a Markdown table: images per second, the median of all
      rounds with the quartiles, and what they are of another's in the same round.

        --rounds N        rounds in which each has a turn (10)
        --steps N         steps of a turn that count, after three that do not (10); a turn is their median
        --batch N,...     images per step (32)
        --purpose P,...   train, infer (both)
        --only NAME,...   of direct, winograd2, winograd4, onednn, onnx, onnx-composed (all that are in
                          this build; onnx needs mvn -pl java,jmh package -Ponnx -DskipTests, and only
                          infers, composed with normalisation of simpler operators)
        --devices D       one device, or one per tower with a plus between them (cpu:0)
        --width F         factor on the hidden widths (1)
      """;

  /**
   * Reads a command line.
   *
   * @param arguments behind {@code --peers}
   * @throws IllegalArgumentException if one is wrong; the text says what is allowed
   */
  static PeerOptions parse(List<String> arguments) {
    int rounds = 10;
    int steps = 10;
    List<Integer> batches = List.of(32);
    List<Purpose> purposes = List.of(Purpose.TRAIN, Purpose.INFER);
    List<Peer> subjects = Arrays.stream(Peer.values()).filter(Peer::isBuilt).toList();
    String devices = "cpu:0";
    String width = "1";
    Set<String> seen = new HashSet<>();
    for (Iterator<String> i = arguments.iterator(); i.hasNext(); ) {
      String option = i.next();
      if (!seen.add(option)) {
        throw new IllegalArgumentException(option + " comes twice; allowed: once");
      }
      String value = i.hasNext() ? i.next() : null;
      Values values = new Values(option, value);
      switch (option) {
        case "--rounds" -> rounds = values.count(1000);
        case "--steps" -> steps = values.count(1000);
        case "--batch" -> batches = values.each(one -> one.count(Shapes.MAX_BATCH));
        case "--purpose" -> purposes = values.each(Values::purpose);
        case "--only" -> subjects = values.each(Values::subject);
        case "--devices" -> devices = values.text();
        case "--width" -> width = values.factor();
        default ->
            throw new IllegalArgumentException(
                "unknown option '"
                    + option
                    + "'; allowed: --rounds, --steps, --batch, --purpose, --only, --devices,"
                    + " --width, --help");
      }
    }
    return new PeerOptions(
        rounds,
        steps,
        ImmutableList.copyOf(batches),
        ImmutableList.copyOf(purposes),
        ImmutableList.copyOf(subjects),
        devices,
        width);
  }

  /** Returns those that have this purpose. */
  ImmutableList<Peer> subjects(Purpose purpose) {
    return subjects.stream()
        .filter(subject -> subject.has(purpose))
        .collect(ImmutableList.toImmutableList());
  }

  /** What stands behind an option. */
  private record Values(String option, String value) {
    String text() {
      if (value == null || value.isEmpty()) {
        throw new IllegalArgumentException(option + " has no value (--help)");
      }
      return value;
    }

    <T> List<T> each(Function<Values, T> read) {
      List<T> all =
          Arrays.stream(text().split(",", -1))
              .map(one -> read.apply(new Values(option, one)))
              .toList();
      if (all.stream().distinct().count() < all.size()) {
        throw new IllegalArgumentException(option + " is " + value + "; allowed: each once");
      }
      return all;
    }

    int count(int most) {
      try {
        int count = Integer.parseInt(text());
        if (count >= 1 && count <= most) {
          return count;
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw isNot("a whole number, 1 to " + most);
    }

    String factor() {
      try {
        double factor = Double.parseDouble(text());
        if (factor > 0 && factor <= 4) {
          return text();
        }
      } catch (NumberFormatException e) {
        // said below
      }
      throw isNot("a number above 0, at most 4");
    }

    Purpose purpose() {
      return switch (text()) {
        case "train" -> Purpose.TRAIN;
        case "infer" -> Purpose.INFER;
        default -> throw isNot("train, infer");
      };
    }

    Peer subject() {
      for (Peer peer : Peer.values()) {
        if (peer.option().equals(text())) {
          if (!peer.isBuilt()) {
            throw new IllegalArgumentException(
                option
                    + " names "
                    + peer.option()
                    + ", which is not in this build; mvn -pl java,jmh package -Ponnx"
                    + " -DskipTests makes one that has it");
          }
          return peer;
        }
      }
      throw isNot("direct, winograd2, winograd4, onednn, onnx, onnx-composed");
    }

    private IllegalArgumentException isNot(String allowed) {
      return new IllegalArgumentException(option + " is '" + value + "'; allowed: " + allowed);
    }
  }
}
