package org.alexnet4j.cli.option;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.Settings;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Precision;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which network and which way of training: a preset, or a file that may extend one. */
public final class NetworkOptions {
  private static final String PRECISION = "training.precision";
  private static final String ALGORITHM = "training.algorithm";

  @ArgGroup private Source source;

  @Option(
      names = "--width",
      paramLabel = "F",
      description = "Multiply the widths of all hidden layers, rounded to multiples of 8.")
  private Double width;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description =
          "One setting of the configuration by its path, the value in YAML, as often as wanted:"
              + " training.rate=0.02, network.layers.norm1=off.")
  private List<String> stated = List.of();

  @Option(
      names = "--precision",
      paramLabel = "MODE",
      description =
          "What the factors of products are rounded to, training.precision: fp32, tf32 (11"
              + " significant bits, as tensor cores do; sums in fp32), bf16 (8 bits, in which what"
              + " layers compute is stored as well), 3xtf32 (as exact as fp32, by three products of"
              + " tf32).")
  private String precision;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description =
          "How convolutions multiply on cpu, training.algorithm: direct, winograd2 or winograd4"
              + " (fewer products of transformed factors, for tiles of 2 x 2 or 4 x 4 outputs, with"
              + " errors of their own; precision fp32).")
  private String algorithm;

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

  /** Returns single settings, as the person stated them. */
  public ImmutableList<String> settings() {
    ImmutableList.Builder<String> all = ImmutableList.builder();
    all.addAll(stated);
    if (precision != null) {
      all.add(PRECISION + "=" + Precision.parse("--precision", precision));
    }
    if (algorithm != null) {
      all.add(ALGORITHM + "=" + Algorithm.parse("--algorithm", algorithm));
    }
    return all.build();
  }

  /** Refuses single settings where nothing reads a configuration. */
  public void refuseSettings(String why) {
    if (!settings().isEmpty()) {
      String option = stated.isEmpty() ? arithmetic().get() : "--set is " + stated.get(0);
      throw new CommandException(ExitCode.USAGE, option + ", but " + why + "; allowed: none");
    }
  }

  /** Returns the option of what products are computed in, if one was given, for messages. */
  private Optional<String> arithmetic() {
    return precision != null
        ? Optional.of("--precision is " + precision)
        : Optional.ofNullable(algorithm).map(name -> "--algorithm is " + name);
  }

  /** Returns whether the person said anything about the configuration. */
  public boolean isGiven() {
    return source != null || width != null || !settings().isEmpty();
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
    for (String setting : settings()) {
      boolean computes =
          setting.startsWith("network")
              || setting.startsWith(PRECISION + "=")
              || setting.startsWith(ALGORITHM + "=");
      if (!computes && (setting.startsWith("training") || setting.startsWith("augmentation"))) {
        throw new CommandException(
            ExitCode.USAGE,
            "--set is "
                + setting
                + ", which changes nothing that weights compute; allowed: network, "
                + PRECISION
                + ", "
                + ALGORITHM);
      }
    }
    return read();
  }

  /** Returns what a checkpoint's own configuration becomes, where the person named no other. */
  public UnaryOperator<Configuration> change() {
    return own -> source != null ? own : set("the checkpoint's configuration", own);
  }

  private Configuration set(String name, Configuration configuration) {
    return ConfigReader.changed(name, configuration, Settings.of(settings()));
  }

  /** Refuses widths, a precision and an algorithm where they change nothing. */
  public void refuseForImages() {
    if (arithmetic().isPresent()) {
      throw new CommandException(
          ExitCode.USAGE, arithmetic().get() + ", which changes no image; allowed: none");
    }
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
    return read().orElseGet(() -> scaled(ConfigReader.preset(preset, Settings.of(settings()))));
  }

  /** Returns what the person named, else the run's own configuration, with the widths asked for. */
  public Configuration readOr(Configuration ofRun) {
    return read().orElseGet(() -> scaled(set("the run's configuration", ofRun)));
  }

  private Configuration readSource() {
    return source.preset == null
        ? ConfigReader.file(source.config, Settings.of(settings()))
        : ConfigReader.preset(source.preset, Settings.of(settings()));
  }

  private Configuration scaled(Configuration configuration) {
    return width == null
        ? configuration
        : configuration.withNetwork(configuration.network().scaled(width));
  }
}
