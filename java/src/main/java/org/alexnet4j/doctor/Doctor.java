package org.alexnet4j.doctor;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Optional;

/** Examines this machine, this process and this build. */
public final class Doctor {
  private Doctor() {}

  /**
   * Looks at everything; takes some seconds with GPUs, whose links are tried. One caller at a time.
   *
   * @param data a data set to look at as well, as {@code --data} takes it
   * @return what was found, in the order in which it is looked at
   */
  public static List<Finding> examine(Optional<String> data) {
    ImmutableList.Builder<Finding> findings = ImmutableList.builder();
    findings.addAll(JavaHealth.judge(JavaHealth.read()));
    findings.addAll(ProcessorHealth.judge(ProcessorHealth.read()));
    findings.addAll(MemoryHealth.judge(MemoryHealth.read()));
    findings.addAll(FolderHealth.judge(FolderHealth.read()));
    BuildHealth.Facts build = BuildHealth.read();
    findings.addAll(BuildHealth.judge(build));
    if (build.loads()) {
      findings.addAll(GpuHealth.judge(GpuHealth.read(build)));
      findings.addAll(LibraryHealth.judge(LibraryHealth.read()));
    }
    data.ifPresent(spec -> findings.addAll(DataHealth.examine(spec)));
    return findings.build();
  }
}
