package org.alexnet4j.cli.option;

import org.alexnet4j.device.Transport;
import picocli.CommandLine.Option;

/** How planes get from tower to tower. */
public final class TransportOption {
  @Option(
      names = "--transport",
      paramLabel = "WAY",
      description =
          "How planes get from tower to tower: same (a copy on one device), peer (from device to"
              + " device), store (by the kernel that makes the plane), staged (by way of the host),"
              + " auto (what a probe finds to work). The results are the same. Default: auto.")
  private String transport;

  /** Returns whether the person asked for anything. */
  boolean isGiven() {
    return transport != null;
  }

  /**
   * Returns what the person asked for.
   *
   * @throws IllegalArgumentException if there is no such way
   */
  public Transport transport() {
    return Transport.parse(transport == null ? "auto" : transport);
  }
}
