package org.alexnet4j.doctor;

import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.link.LinkSurvey;

/** GPUs: driver, kernels of this build, and the ways between them with checked bytes. */
final class GpuHealth {
  private static final String SUBJECT = "cuda";

  private GpuHealth() {}

  /**
   * Facts.
   *
   * @param driver of NVIDIA, if there is one
   * @param targets that the build has kernels for, as CMake names them; empty without CUDA
   * @param toolkit that compiled them, as in 13.0.48
   * @param devices that the build can open
   * @param links between all pairs of them
   */
  record Facts(
      Optional<Driver> driver,
      String targets,
      String toolkit,
      int devices,
      List<LinkSurvey> links) {}

  static Facts read(BuildHealth.Facts build) {
    int devices = Device.count(DeviceKind.CUDA);
    List<LinkSurvey> links = new ArrayList<>();
    for (int from = 0; from < devices; from++) {
      for (int to = 0; to < devices; to++) {
        if (from != to) {
          links.add(survey(from, to));
        }
      }
    }
    return new Facts(Driver.find(), build.cudaTargets(), build.cudaToolkit(), devices, links);
  }

  private static LinkSurvey survey(int from, int to) {
    try (Device sender = Device.open(new DeviceId(DeviceKind.CUDA, from));
        Device receiver = Device.open(new DeviceId(DeviceKind.CUDA, to))) {
      return LinkSurvey.of(sender, receiver);
    }
  }

  static List<Finding> judge(Facts facts) {
    List<Finding> findings = new ArrayList<>();
    if (facts.driver.isEmpty()) {
      findings.add(
          Finding.ok(SUBJECT, "no NVIDIA driver: the towers compute on the cores of the CPU"));
      return findings;
    }
    Driver driver = facts.driver.get();
    findings.add(Finding.ok(SUBJECT, describe(driver)));
    if (facts.targets.isEmpty()) {
      findings.add(
          Finding.note(
              SUBJECT,
              "this build has no CUDA kernels: GPUs are not used",
              "ALEXNET_CUDA=on ./alexnet devices compiles them; nvcc is needed"));
      return findings;
    }
    version(driver, facts.toolkit).ifPresent(findings::add);
    for (Driver.Gpu gpu : driver.gpus()) {
      findings.add(kernels(gpu, facts.targets));
    }
    if (facts.devices == 0) {
      findings.add(
          Finding.problem(
              SUBJECT,
              "the driver is here, but no GPU can be opened",
              "look at CUDA_VISIBLE_DEVICES; a container needs --gpus all; else update the"
                  + " driver"));
    }
    facts.links.forEach(link -> findings.add(way(link)));
    return findings;
  }

  private static String describe(Driver driver) {
    return String.format(
        Locale.ROOT,
        "driver %s for CUDA %s; %s",
        driver.version().isEmpty() ? "of unknown version" : driver.version(),
        driver.cuda().isEmpty() ? "of unknown version" : "up to " + driver.cuda(),
        driver.gpus().isEmpty()
            ? "it names no GPU"
            : String.join(", ", driver.gpus().stream().map(Driver.Gpu::name).toList()));
  }

  /** A driver runs what toolkits of its own and of lower major versions compiled. */
  private static Optional<Finding> version(Driver driver, String toolkit) {
    if (driver.cuda().isEmpty() || toolkit.isEmpty() || major(driver.cuda()) >= major(toolkit)) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.problem(
            SUBJECT,
            String.format(
                Locale.ROOT,
                "the build's kernels were compiled by CUDA %s, and the driver runs CUDA up to %s",
                toolkit,
                driver.cuda()),
            "update the driver, or build with nvcc of CUDA " + major(driver.cuda())));
  }

  private static int major(String version) {
    return Integer.parseInt(Splitter.on('.').splitToList(version).get(0));
  }

  private static Finding kernels(Driver.Gpu gpu, String targets) {
    String what = gpu.name() + " of capability " + gpu.capability();
    return Splitter.on(' ')
            .splitToStream(targets)
            .anyMatch(target -> runs(target, gpu.capability()))
        ? Finding.ok(SUBJECT, what + ": this build has kernels for it")
        : Finding.problem(
            SUBJECT,
            what + ": this build has kernels for " + targets + " only",
            "GPUs of capability 8.0 and higher can be used");
  }

  /**
   * Says whether code of a target runs on a GPU: machine code on the same major version and not
   * below its minor one, that with a letter on this version alone, and a virtual target, which the
   * driver compiles, on all that are not older.
   */
  static boolean runs(String target, String capability) {
    List<String> parts = Splitter.on('-').splitToList(target);
    boolean exact = !parts.get(0).matches("[0-9]+");
    int wanted = Integer.parseInt(parts.get(0).replaceAll("[^0-9]", ""));
    List<String> numbers = Splitter.on('.').splitToList(capability);
    int has = 10 * Integer.parseInt(numbers.get(0)) + Integer.parseInt(numbers.get(1));
    boolean virtual = parts.size() == 1 || parts.get(1).equals("virtual");
    boolean real = parts.size() == 1 || parts.get(1).equals("real");
    if (exact) {
      return has == wanted;
    }
    return (virtual && has >= wanted) || (real && has / 10 == wanted / 10 && has >= wanted);
  }

  private static Finding way(LinkSurvey link) {
    String way = link.chosen().from() + " -> " + link.chosen().to() + ": ";
    Double speed = link.bytesPerSecond().get(link.chosen().transport());
    String text =
        way
            + link.chosen().transport()
            + (speed == null ? "" : ", " + Numbers.fixed(speed / 1e9, 1) + " GB/s")
            + ", "
            + link.chosen().reason();
    return link.faults().isEmpty()
        ? Finding.ok("link", text)
        : Finding.note(
            "link",
            text + "; does not work: " + link.faults(),
            "planes take the way that works; peer access depends on slots, IOMMU and"
                + " virtualisation");
  }
}
