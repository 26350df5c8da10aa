package org.alexnet4j.cli.option;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.engine.Engines;
import picocli.CommandLine.Option;

/** Whose code carries out the operations, and which of our kernels. */
public final class EngineOption {
  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description =
          "Whose code runs: kernels, or to compare onednn on cpu devices, cudnn on cuda ones."
              + " Default: ALEXNET_ENGINE, else kernels.")
  private String engine;

  @Option(
      names = "--kernel",
      paramLabel = "FAMILY.PASS=VARIANT",
      description =
          "A kernel of 'kernels list' that does a pass of its family, for example"
              + " conv.fprop=direct; as often as wanted. Default: ALEXNET_<FAMILY>_<PASS>, else"
              + " chosen by shape.")
  private List<String> kernels = List.of();

  /** Returns whether the person asked for anything. */
  boolean isGiven() {
    return engine != null || !kernels.isEmpty();
  }

  /**
   * Returns the choice with what the person asked for, and says what that is, or what the
   * environment asks for in vain.
   *
   * @throws IllegalArgumentException if there is no such engine or kernel on these devices
   */
  public Devices.Choice applyTo(Devices.Choice choice, Console console) {
    Devices.Choice chosen =
        choice
            .withEngine(Optional.ofNullable(engine).map(name -> EngineKind.parse("--engine", name)))
            .withKernels(
                kernels.stream()
                    .map(text -> ForcedKernel.parse("--kernel", text))
                    .collect(ImmutableList.toImmutableList()));
    if (chosen.engine().isEmpty()) {
      Engines.idle(chosen.ids()).ifPresent(console::message);
    }
    if (!chosen.kernels().isEmpty()) {
      console.message("kernels " + chosen.kernels() + ": as asked");
    }
    return chosen;
  }
}
