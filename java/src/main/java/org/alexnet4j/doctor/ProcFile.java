package org.alexnet4j.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Files of the kernel's with a {@code key: value} on each line. */
final class ProcFile {
  private ProcFile() {}

  /** Returns the lines of a file; none where there is no such file. */
  static List<String> lines(String file) {
    try {
      return new String(Files.readAllBytes(Path.of(file)), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      return List.of(); // another kind of system: the finding says that it is not known
    }
  }

  /** Returns the value of the first line with a key. */
  static Optional<String> value(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.indexOf(':') >= 0)
        .filter(line -> line.substring(0, line.indexOf(':')).strip().equals(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst();
  }
}
