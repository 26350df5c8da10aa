package org.alexnet4j.cli.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.foreign.InputConvention;
import org.alexnet4j.foreign.file.CaffeMean;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Printable;
import picocli.CommandLine.Option;

/** How a foreign network is fed: order of channels, scale, mean. */
final class InputOptions {
  private static final int MOST_BITS = 30;
  private static final String BLOB = ".binaryproto";

  @Option(
      names = "--channels",
      paramLabel = "ORDER",
      description = "rgb or bgr: the order of its input's channels (default: as of the preset).")
  private String channels;

  @Option(
      names = "--divisor",
      paramLabel = "D",
      description = "Its pixels are grey levels 0 to 255 divided by D (default: as of the preset).")
  private Double divisor;

  @Option(
      names = "--mean",
      paramLabel = "MEAN",
      description =
          "What it then subtracts, in its order of channels: three numbers, as in"
              + " 104.007,116.669,122.679, or a file, 3 x S x S: .npy, or Caffe's .binaryproto.")
  private String mean;

  @Option(
      names = "--deviation",
      paramLabel = "A,B,C",
      description = "What it then divides by, in its order of channels (default: 1,1,1).")
  private String deviation;

  @Option(
      names = "--fraction-bits",
      paramLabel = "NAME=N",
      split = ",",
      description =
          "This tensor's integers stand for integer / 2^N, as in conv1_w=7,conv1_b=5; as often as"
              + " wanted.")
  private Map<String, Integer> fractionBits = new LinkedHashMap<>();

  /** Returns the bits behind the binary point of tensors of integers. */
  Map<String, Integer> fractionBits() {
    fractionBits.forEach(
        (name, bits) -> {
          if (bits == null || bits < -MOST_BITS || bits > MOST_BITS) {
            throw refused(
                "--fraction-bits",
                name + "=" + bits,
                "NAME=N with N from -30 to 30, as in conv1_w=7");
          }
        });
    return fractionBits;
  }

  /** Adds the files that are named. */
  void addTo(Inputs inputs) {
    if (mean != null && isFile(mean)) {
      inputs.file(Path.of(mean));
    }
  }

  private static boolean isFile(String mean) {
    return mean.endsWith(".npy") || mean.endsWith(BLOB);
  }

  /** Returns what was said, and where nothing was, what is known. */
  InputConvention convention(InputConvention known) throws IOException {
    return new InputConvention(
        channels == null ? known.bgr() : isBgr(),
        divisor == null ? known.divisor() : divisor,
        mean == null ? known.mean() : readMean(),
        deviation == null ? known.deviation() : numbers("--deviation", deviation));
  }

  private boolean isBgr() {
    return switch (channels.toLowerCase(Locale.ROOT)) {
      case "bgr" -> true;
      case "rgb" -> false;
      default -> throw refused("--channels", channels, "rgb or bgr");
    };
  }

  private double[] readMean() throws IOException {
    if (!isFile(mean)) {
      return numbers("--mean", mean);
    }
    Path file = Path.of(mean);
    if (!Files.isRegularFile(file)) {
      throw new CommandException(
          ExitCode.USAGE, "--mean is " + Printable.path(file) + "; there is no such file");
    }
    try {
      return mean.endsWith(BLOB) ? blob(file) : array(file);
    } catch (FormatException e) {
      throw new CommandException(ExitCode.DATA, Failures.line(e), e);
    }
  }

  private static double[] blob(Path file) throws IOException {
    ForeignTensor blob = CaffeMean.open(file);
    return image(file, blob.shape(), blob.reading());
  }

  private static double[] array(Path file) throws IOException {
    try (Npy npy = Npy.open(file)) {
      return image(file, npy.shape(), npy::readFloats);
    }
  }

  private static double[] image(Path file, List<Long> shape, ForeignTensor.Reading reading)
      throws IOException {
    if (shape.size() != 3 || shape.get(0) != 3 || !shape.get(1).equals(shape.get(2))) {
      throw new CommandException(
          ExitCode.DATA, Printable.path(file) + ": the shape is " + shape + "; allowed: [3, S, S]");
    }
    float[] values = reading.floats();
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new CommandException(
            ExitCode.DATA,
            Printable.path(file) + ": value " + i + " is " + values[i] + "; allowed: numbers");
      }
      wide[i] = values[i];
    }
    return wide;
  }

  private static double[] numbers(String option, String text) {
    String[] words = text.split(",", -1);
    Optional<double[]> values = parse(words);
    if (words.length != 3 || values.isEmpty()) {
      throw refused(option, text, "three numbers with commas between them");
    }
    return values.get();
  }

  private static Optional<double[]> parse(String... words) {
    double[] values = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      try {
        values[i] = Double.parseDouble(words[i]);
      } catch (NumberFormatException e) {
        return Optional.empty(); // the caller says what is allowed
      }
      if (!Double.isFinite(values[i])) {
        return Optional.empty();
      }
    }
    return Optional.of(values);
  }

  private static CommandException refused(String option, String value, String allowed) {
    return new CommandException(
        ExitCode.USAGE, option + " is " + Printable.name(value) + "; allowed: " + allowed);
  }
}
