package org.alexnet4j.doctor;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Printable;

/** The build that runs: whether it is that of the sources, and what it can do. */
final class BuildHealth {
  private BuildHealth() {}

  /**
   * Facts.
   *
   * @param folder of the build; empty where the launcher did not start the program
   * @param stale why it is not up to date; empty if it is
   * @param failure why the native library cannot be loaded; empty if it can
   * @param compiler of the native library
   * @param kinds of devices that it has kernels for
   * @param cudaTargets as CMake names them: {@code 80-real 90a-real 90-virtual}
   * @param cudaToolkit version of the toolkit that compiled them; empty without
   * @param sanitizer that it was built with; empty without
   */
  record Facts(
      String folder,
      String stale,
      String failure,
      String compiler,
      List<String> kinds,
      String cudaTargets,
      String cudaToolkit,
      String sanitizer) {

    /** Says whether the native library can be called. */
    boolean loads() {
      return failure.isEmpty();
    }
  }

  static Facts read() {
    String folder = System.getProperty("alexnet.build", "");
    String stale = System.getProperty("alexnet.stale", "");
    JsonObject info;
    try {
      info = JsonParser.parseString(Devices.buildInfo()).getAsJsonObject();
    } catch (LinkageError | RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      return new Facts(folder, stale, Printable.text(text, 400), "", List.of(), "", "", "");
    }
    return new Facts(
        folder,
        stale,
        "",
        info.get("compiler").getAsString(),
        StreamSupport.stream(info.getAsJsonArray("kinds").spliterator(), false)
            .map(kind -> kind.getAsString())
            .toList(),
        info.get("cuda_targets").getAsString(),
        info.get("cuda_toolkit").getAsString(),
        info.get("sanitizer").getAsString());
  }

  static List<Finding> judge(Facts facts) {
    List<Finding> findings = new ArrayList<>();
    if (!facts.loads()) {
      findings.add(
          Finding.problem(
              "build",
              "the native library cannot be loaded: " + facts.failure,
              "delete java/target and start again; if a folder is named above as noexec, see"
                  + " there"));
      return findings;
    }
    String what =
        facts.compiler
            + ", for "
            + String.join(", ", facts.kinds)
            + (facts.cudaTargets.isEmpty() ? "" : " (" + facts.cudaTargets + ")");
    findings.add(Finding.ok("build", what));
    if (!facts.stale.isEmpty()) {
      findings.add(
          Finding.note(
              "build", facts.stale, "the next command builds, where java/target can be written"));
    }
    if (!facts.sanitizer.isEmpty()) {
      findings.add(
          Finding.note(
              "build",
              "the native library was built with sanitizers (" + facts.sanitizer + ") and is slow",
              "delete java/target/cmake and start again"));
    }
    return findings;
  }
}
