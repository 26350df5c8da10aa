package org.alexnet4j.cli.option;

import com.google.common.base.Splitter;
import java.util.List;
import java.util.stream.IntStream;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.device.Devices;
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
    Devices.Choice choice = Devices.choose(devices == null ? "auto" : devices, towers);
    console.message("devices " + choice.ids() + ": " + choice.reason());
    return engine.applyTo(choice.withTransport(transport.transport()), console);
  }

  /** The same on one of {@link #slots}. */
  public Devices.Choice choose(String slot, int towers, Console console) {
    return slot.isEmpty()
        ? choose(towers, console)
        : engine.applyTo(
            Devices.choose(slot, towers).withTransport(transport.transport()), console);
  }

  /**
   * Returns how many runs go at a time: as many as are asked for, each on a device that is named,
   * or without names no more than there are.
   */
  public int jobs(int asked, int runs) {
    return devices == null ? Math.min(asked, runs) : slots(asked).size();
  }

  /**
   * Returns the devices of so many runs at a time, one for each: those named, else processors. One
   * alone goes where {@link #choose} says, for which its text is empty.
   */
  public List<String> slots(int jobs) {
    if (jobs == 1) {
      return List.of("");
    }
    List<String> named =
        devices == null
            ? IntStream.range(0, jobs).mapToObj(job -> "cpu:" + job).toList()
            : Splitter.on(',').splitToList(devices);
    if (named.size() != jobs) {
      throw new CommandException(
          ExitCode.USAGE,
          "--devices has "
              + named.size()
              + " for --jobs "
              + jobs
              + "; allowed: one for each run at a time");
    }
    return named;
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
