package org.alexnet4j.doctor;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What the processor can do, and how much of it this process may use. */
final class ProcessorHealth {
  private ProcessorHealth() {}

  /**
   * Facts.
   *
   * @param name of the processor
   * @param flags as the kernel names what it can do; empty where that is not known
   * @param machineCores of the whole machine
   * @param cores that this process may use
   */
  record Facts(String name, Set<String> flags, int machineCores, int cores) {}

  static Facts read() {
    List<String> lines = ProcFile.lines("/proc/cpuinfo");
    int online = (int) lines.stream().filter(line -> line.startsWith("processor")).count();
    int cores = Runtime.getRuntime().availableProcessors();
    return new Facts(
        ProcFile.value(lines, "model name").orElse("an unknown processor"),
        ImmutableSet.copyOf(
            Splitter.on(' ').omitEmptyStrings().split(ProcFile.value(lines, "flags").orElse(""))),
        Math.max(online, cores),
        cores);
  }

  static List<Finding> judge(Facts facts) {
    return List.of(instructions(facts), cores(facts));
  }

  private static Finding instructions(Facts facts) {
    if (facts.flags.isEmpty()) {
      return Finding.note("cpu", facts.name + "; the system does not say what it can do", "");
    }
    if (!facts.flags.contains("avx2") || !facts.flags.contains("fma")) {
      return Finding.problem(
          "cpu",
          facts.name + " has no AVX2 and FMA, which cpu devices need",
          "take another machine, or --devices cuda:0; emu:0 works everywhere and is slow");
    }
    if (!facts.flags.contains("avx512f")) {
      return Finding.ok("cpu", facts.name + ": AVX2; without AVX-512, which is quicker");
    }
    return Finding.ok("cpu", facts.name + ": AVX2, AVX-512");
  }

  private static Finding cores(Facts facts) {
    if (facts.cores < facts.machineCores) {
      return Finding.note(
          "cores",
          String.format(
              Locale.ROOT,
              "this process may use %d of %d cores (affinity or cgroup)",
              facts.cores,
              facts.machineCores),
          "start it without taskset, or give the container more CPUs");
    }
    return Finding.ok("cores", facts.cores == 1 ? "one" : "all " + facts.cores);
  }
}
