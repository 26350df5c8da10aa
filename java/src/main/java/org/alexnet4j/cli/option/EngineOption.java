package org.alexnet4j.cli.option;

import java.util.Optional;
import org.alexnet4j.device.EngineKind;
import picocli.CommandLine.Option;

/** Whose code carries out the operations. */
public final class EngineOption {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "Whose code runs: kernels, or to compare onednn on cpu devices, cudnn on cuda ones."
              + " Default: ALEXNET_ENGINE, else kernels.")
  private String engine;

  /** Returns whether the person asked for anything. */
  boolean isGiven() {
    return engine != null;
  }

  /**
   * Returns what the person asked for, if anything.
   *
   * @throws IllegalArgumentException if there is no such engine
   */
  public Optional<EngineKind> engine() {
    return Optional.ofNullable(engine).map(name -> EngineKind.parse("--engine", name));
  }
}
