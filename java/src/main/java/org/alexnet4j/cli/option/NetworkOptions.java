package org.alexnet4j.cli.option;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which network and which way of training: a preset, or a file that may extend one. */
public final class NetworkOptions {
  @ArgGroup private Source source;

  @Option(
      names = "--width",
      paramLabel = "F",
      description = "Multiply the widths of all hidden layers, rounded to multiples of 8.")
  private Double width;

  private static final class Source {
    @Option(
        names = "--preset",
        paramLabel = "NAME",
        completionCandidates = Presets.class,
        description = "A preset: ${COMPLETION-CANDIDATES}.")
    private String preset;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "A YAML file; with 'extends: PRESET' it states only what it changes.")
    private Path config;
  }

  /** Lists the presets in help texts. */
  static final class Presets implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return ConfigReader.PRESETS.iterator();
    }
  }

  /** Returns whether the person named a preset or a file. */
  boolean isGiven() {
    return source != null;
  }

  /** Returns the file that the person named, or null. */
  public Path file() {
    return source == null ? null : source.config;
  }

  /**
   * Returns what the person named to take weights for, if anything: a checkpoint says it itself.
   *
   * @throws CommandException if only widths are asked for, which weights have already
   */
  public Optional<Configuration> ofWeights() {
    if (source == null && width != null) {
      throw new CommandException(
          ExitCode.USAGE,
          "--width is "
              + width
              + ", but the weights have their widths; allowed: none, or with"
              + " --preset or --config");
    }
    return read();
  }

  /** Refuses widths where they change nothing. */
  public void refuseWidth() {
    if (width != null) {
      throw new CommandException(
          ExitCode.USAGE, "--width is " + width + ", which changes no image; allowed: none");
    }
  }

  /** Returns what the person named, if anything, with the widths asked for. */
  private Optional<Configuration> read() {
    return source == null ? Optional.empty() : Optional.of(scaled(readSource()));
  }

  /** Returns what the person named, else a preset, with the widths asked for. */
  public Configuration readOr(String preset) {
    return read().orElseGet(() -> scaled(ConfigReader.preset(preset)));
  }

  /** Returns what the person named, else another configuration, with the widths asked for. */
  public Configuration readOr(Configuration otherwise) {
    return read().orElseGet(() -> scaled(otherwise));
  }

  private Configuration readSource() {
    return source.preset == null
        ? ConfigReader.file(source.config)
        : ConfigReader.preset(source.preset);
  }

  private Configuration scaled(Configuration configuration) {
    return width == null
        ? configuration
        : configuration.withNetwork(configuration.network().scaled(width));
  }
}
