package org.alexnet4j.device;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.text.Suggestion;

/** How a plane gets from one tower to another; all ways give the same bits. */
public enum Transport {
  /**
   * Chosen for each pair of devices: {@link #SAME} on one device; {@link #PEER} where a device
   * reaches the other and a probe has arrived whole; else {@link #STAGED}.
   */
  AUTO,
  /** A copy inside one device. */
  SAME,
  /** A copy from device to device. */
  PEER,
  /**
   * The kernel that makes the plane stores it into the other tower's memory as well. Kernels that
   * cannot are followed by a copy.
   */
  STORE,
  /** Two copies, by way of pinned memory of the host. */
  STAGED;

  /**
   * Parses the name that {@link #toString} gives.
   *
   * @param text a name in small letters
   * @return the transport
   * @throws IllegalArgumentException for anything else; the text lists what is allowed
   */
  public static Transport parse(String text) {
    return Arrays.stream(values())
        .filter(t -> t.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "unknown transport '" + text + "'; " + Suggestion.allowed(text, names())));
  }

  private static List<String> names() {
    return Arrays.stream(values()).map(Transport::toString).toList();
  }

  /** Returns the name as written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
