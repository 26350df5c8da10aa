package org.alexnet4j.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.report.Numbers;

/** How much memory there is, and how much of it this process may use. */
final class MemoryHealth {
  /** What a training step of the paper's network with 128 images has resident on cpu devices. */
  static final long PAPER_BYTES = 1_750_000_000;

  private MemoryHealth() {}

  /**
   * Facts, in bytes.
   *
   * @param machine what the machine has
   * @param allowed what this process may use: less in a cgroup
   * @param heap the most that Java's heap may take of it
   */
  record Facts(long machine, long allowed, long heap) {}

  static Facts read() {
    long machine =
        ProcFile.value(ProcFile.lines("/proc/meminfo"), "MemTotal")
            .map(text -> Long.parseLong(text.replace("kB", "").strip()) << 10)
            .orElse(0L);
    Long launcher = Long.getLong("alexnet.memory"); // mebibytes
    return new Facts(
        machine, launcher == null ? machine : launcher << 20, Runtime.getRuntime().maxMemory());
  }

  static List<Finding> judge(Facts facts) {
    if (facts.allowed == 0) {
      return List.of(Finding.note("memory", "the system does not say how much there is", ""));
    }
    List<Finding> findings = new ArrayList<>();
    String heap = ", of which Java's heap takes at most " + Numbers.mebibytes(facts.heap);
    // The launcher counts in whole mebibytes.
    if (facts.allowed + (1 << 20) < facts.machine) {
      findings.add(
          Finding.note(
              "memory",
              String.format(
                      Locale.ROOT,
                      "this process may use %s of the machine's %s (cgroup)",
                      Numbers.mebibytes(facts.allowed),
                      Numbers.mebibytes(facts.machine))
                  + heap,
              "give the container more, if plans do not fit"));
    } else {
      findings.add(Finding.ok("memory", Numbers.mebibytes(facts.allowed) + heap));
    }
    if (facts.heap >= facts.allowed) {
      findings.add(
          Finding.problem(
              "heap",
              "Java's heap may take all of the memory, and tensors live outside of it",
              "take -Xmx out of ALEXNET_JAVA_OPTS, or set half of the memory"));
    } else if (facts.allowed - facts.heap < PAPER_BYTES) {
      findings.add(
          Finding.note(
              "plans",
              String.format(
                  Locale.ROOT,
                  "the paper's network with 128 images needs %s beside the heap on cpu devices",
                  Numbers.mebibytes(PAPER_BYTES)),
              "a smaller --batch; ./alexnet describe --batch N says what it needs"));
    }
    return findings;
  }
}
