package org.alexnet4j.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The machine that this process runs on. */
public final class Host {
  private static final Path NAME = Path.of("/proc/sys/kernel/hostname");

  private Host() {}

  /** Returns its name, which need not be one that a network knows. */
  public static String name() {
    try {
      return Files.readString(NAME).strip();
    } catch (IOException e) {
      return "an unknown host"; // not Linux, or no /proc
    }
  }
}
