package org.alexnet4j.doctor;

import java.util.List;
import java.util.Optional;
import org.alexnet4j.engine.CudnnEngine;
import org.alexnet4j.engine.OneDnnLibrary;
import org.alexnet4j.io.Printable;

/** Libraries that nothing needs, but that kernels can be compared with. */
final class LibraryHealth {
  private static final int MOST_CHARACTERS = 300;

  private LibraryHealth() {}

  /**
   * Facts.
   *
   * @param cudnnMissing why cuDNN cannot be called; empty if it can
   * @param onednnMissing the same of oneDNN
   */
  record Facts(Optional<String> cudnnMissing, Optional<String> onednnMissing) {}

  static Facts read() {
    return new Facts(CudnnEngine.missing(), OneDnnLibrary.missing());
  }

  static List<Finding> judge(Facts facts) {
    return List.of(
        facts
            .onednnMissing
            .map(
                line ->
                    Finding.note(
                        "onednn",
                        plain(line),
                        "nothing needs it but ALEXNET_ENGINE=onednn and --peer onednn"))
            .orElse(Finding.ok("onednn", "is there, to compare with")),
        facts
            .cudnnMissing
            .map(
                line ->
                    Finding.note(
                        "cudnn",
                        plain(line),
                        "nothing needs it but ALEXNET_ENGINE=cudnn and --peer cudnn"))
            .orElse(Finding.ok("cudnn", "is there, to compare with")));
  }

  /** Returns what the system's loader said, with names of files in place of their paths. */
  private static String plain(String line) {
    return Printable.text(line.replaceAll("/[^ :;,]*/", ""), MOST_CHARACTERS);
  }
}
