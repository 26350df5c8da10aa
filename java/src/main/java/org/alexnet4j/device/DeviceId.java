package org.alexnet4j.device;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.text.Suggestion;

/**
 * Names a device: {@code cuda:0}, {@code emu:1}, {@code cpu:0}.
 *
 * @param kind what computes
 * @param index which one, from 0
 */
public record DeviceId(DeviceKind kind, int index) {
  private static final Pattern SYNTAX = Pattern.compile("(emu|cuda|cpu):(\\d{1,3})");

  /**
   * Parses {@code kind:index}.
   *
   * @param text as in {@code cuda:0}
   * @return the device's name
   * @throws IllegalArgumentException if the text is not a device name
   */
  public static DeviceId parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "unknown device '" + text + "'; " + meant(text) + "allowed: cpu:N, emu:N, cuda:N");
    }
    DeviceKind kind = DeviceKind.valueOf(matcher.group(1).toUpperCase(java.util.Locale.ROOT));
    return new DeviceId(kind, Integer.parseInt(matcher.group(2)));
  }

  /**
   * {@return whether both take their memory from the same place: all host devices do}
   *
   * @param other another device
   */
  public boolean sharesMemoryWith(DeviceId other) {
    boolean bothOnHost = kind != DeviceKind.CUDA && other.kind != DeviceKind.CUDA;
    return bothOnHost || equals(other);
  }

  @Override
  public String toString() {
    return kind + ":" + index;
  }

  private static String meant(String text) {
    String kind = text.replaceAll(":.*", "");
    String index = text.matches("[^:]*:\\d{1,3}") ? text.substring(kind.length() + 1) : "0";
    Optional<String> near =
        kind.equalsIgnoreCase("gpu")
            ? Optional.of("cuda")
            : Suggestion.nearest(kind, List.of("cpu", "emu", "cuda"));
    return near.map(name -> "did you mean '" + name + ":" + index + "'? ").orElse("");
  }
}
