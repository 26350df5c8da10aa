package org.alexnet4j.cli.option;

import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.device.Devices;
import org.alexnet4j.engine.Engines;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which devices the towers use. */
public final class DeviceOptions {
  @Option(
      names = "--devices",
      paramLabel = "LIST",
      description =
          "One device for all towers or one per tower: cpu:N, emu:N (the kernels on the emulator),"
              + " cuda:N; for example cpu:0,cpu:1. Default: auto.")
  private String devices;

  @Option(
      names = "--loader-threads",
      paramLabel = "N",
      description = "Threads that read images (default: all cores but one).")
  private Integer loaderThreads;

  @Mixin private TransportOption transport;
  @Mixin private EngineOption engine;

  /** Returns whether a person chose anything. */
  public boolean isGiven() {
    return devices != null || loaderThreads != null || transport.isGiven() || engine.isGiven();
  }

  /** Chooses the devices and says which and why. */
  public Devices.Choice choose(int towers, Console console) {
    Devices.Choice choice =
        Devices.choose(devices == null ? "auto" : devices, towers)
            .withTransport(transport.transport())
            .withEngine(engine.engine());
    console.message("devices " + choice.ids() + ": " + choice.reason());
    if (!engine.isGiven()) {
      Engines.idle(choice.ids()).ifPresent(console::message);
    }
    return choice;
  }

  /** Returns how many threads read images. */
  public int loaderThreads() {
    if (loaderThreads == null) {
      return Math.max(1, Runtime.getRuntime().availableProcessors() - 1);
    }
    if (loaderThreads < 1) {
      throw new CommandException(
          ExitCode.USAGE, "--loader-threads is " + loaderThreads + "; allowed: 1 or more");
    }
    return loaderThreads;
  }
}
