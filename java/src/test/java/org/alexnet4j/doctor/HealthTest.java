package org.alexnet4j.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Transport;
import org.alexnet4j.doctor.Finding.Level;
import org.alexnet4j.tower.link.Link;
import org.alexnet4j.tower.link.LinkSurvey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds each judgement to made-up facts. */
class HealthTest {
  private static final long GIB = 1L << 30;

  private static void expect(
      List<Finding> findings, Level level, String subject, String text, String remedy) {
    assertTrue(
        findings.stream()
            .anyMatch(
                f ->
                    f.level() == level
                        && f.subject().equals(subject)
                        && f.text().contains(text)
                        && f.remedy().contains(remedy)),
        findings.toString());
  }

  private static void allWell(List<Finding> findings) {
    assertTrue(findings.stream().allMatch(f -> f.level() == Level.OK), findings.toString());
    assertTrue(findings.stream().allMatch(f -> f.remedy().isEmpty()), findings.toString());
  }

  @Test
  void encodings() {
    allWell(JavaHealth.judge(new JavaHealth.Facts("VM 17", "UTF-8", "UTF-8")));
    expect(
        JavaHealth.judge(new JavaHealth.Facts("VM 17", "UTF-8", "ANSI_X3.4-1968")),
        Level.PROBLEM,
        "locale",
        "file names are read as ANSI_X3.4-1968",
        "C.UTF-8");
    expect(
        JavaHealth.judge(new JavaHealth.Facts("VM 17", "ISO-8859-1", "UTF-8")),
        Level.PROBLEM,
        "locale",
        "texts as ISO-8859-1",
        "LC_ALL");
  }

  @Test
  void processors() {
    Set<String> all = Set.of("avx2", "fma", "avx512f");
    allWell(ProcessorHealth.judge(new ProcessorHealth.Facts("EPYC", all, 2, 2)));
    expect(
        ProcessorHealth.judge(new ProcessorHealth.Facts("EPYC", Set.of("avx2", "fma"), 2, 2)),
        Level.OK,
        "cpu",
        "without AVX-512",
        "");
    for (Set<String> flags : List.of(Set.of("sse2"), Set.of("avx2"), Set.of("fma"))) {
      expect(
          ProcessorHealth.judge(new ProcessorHealth.Facts("Atom", flags, 2, 2)),
          Level.PROBLEM,
          "cpu",
          "Atom has no AVX2 and FMA",
          "emu:0");
    }
    expect(
        ProcessorHealth.judge(new ProcessorHealth.Facts("EPYC", all, 64, 2)),
        Level.NOTE,
        "cores",
        "2 of 64",
        "taskset");
  }

  @Test
  void memory() {
    allWell(MemoryHealth.judge(new MemoryHealth.Facts(24 * GIB, 24 * GIB, 2 * GIB)));
    expect(
        MemoryHealth.judge(new MemoryHealth.Facts(24 * GIB, 8 * GIB, 2 * GIB)),
        Level.NOTE,
        "memory",
        "8192.0 MiB of the machine's 24576.0 MiB",
        "container");
    List<Finding> little =
        MemoryHealth.judge(new MemoryHealth.Facts(24 * GIB, 1200 << 20, 400 << 20));
    expect(little, Level.NOTE, "plans", "128 images", "--batch");
    expect(
        MemoryHealth.judge(new MemoryHealth.Facts(4 * GIB, 4 * GIB, 4 * GIB)),
        Level.PROBLEM,
        "heap",
        "all of the memory",
        "-Xmx");
  }

  @Test
  void folders() {
    Path path = Path.of("/somewhere");
    FolderHealth.Facts good = new FolderHealth.Facts("cache", path, true, true, 5, 9 * GIB);
    allWell(FolderHealth.judge(List.of(good)));
    expect(
        FolderHealth.judge(List.of(new FolderHealth.Facts("cache", path, false, true, 0, GIB))),
        Level.PROBLEM,
        "folder",
        "/somewhere cannot be written",
        "XDG_CACHE_HOME");
    expect(
        FolderHealth.judge(List.of(new FolderHealth.Facts("current", path, false, true, 0, GIB))),
        Level.NOTE,
        "folder",
        "cannot be written",
        "--run");
    expect(
        FolderHealth.judge(List.of(new FolderHealth.Facts("cache", path, true, false, 0, GIB))),
        Level.PROBLEM,
        "folder",
        "noexec",
        "XDG_CACHE_HOME");
    expect(
        FolderHealth.judge(List.of(new FolderHealth.Facts("current", path, true, true, -1, 5000))),
        Level.NOTE,
        "folder",
        "0.0 MiB left",
        "free some");
  }

  private static BuildHealth.Facts build(String stale, String failure, String sanitizer) {
    return new BuildHealth.Facts(
        "/b", stale, failure, "gcc 12", List.of("emu", "cpu"), "", "", sanitizer);
  }

  @Test
  void builds() {
    allWell(BuildHealth.judge(build("", "", "")));
    expect(
        BuildHealth.judge(build("sources are newer than the build", "", "")),
        Level.NOTE,
        "build",
        "sources are newer",
        "builds");
    expect(BuildHealth.judge(build("", "", "address")), Level.NOTE, "build", "address", "delete");
    assertFalse(build("", "no libalexnet.so", "").loads());
    expect(
        BuildHealth.judge(build("", "no libalexnet.so", "")),
        Level.PROBLEM,
        "build",
        "no libalexnet.so",
        "java/target");
  }

  private static final String TARGETS = "80-real 90a-real 90-virtual";

  private static GpuHealth.Facts gpu(
      String driverCuda, String capability, String targets, String toolkit, int devices) {
    Driver driver = new Driver("580.1", driverCuda, List.of(new Driver.Gpu("H200", capability)));
    return new GpuHealth.Facts(Optional.of(driver), targets, toolkit, devices, List.of());
  }

  @Test
  void gpus() {
    allWell(GpuHealth.judge(new GpuHealth.Facts(Optional.empty(), "", "", 0, List.of())));
    allWell(GpuHealth.judge(gpu("13.0", "9.0", TARGETS, "13.0.48", 1)));
    allWell(GpuHealth.judge(gpu("13.0", "9.0", TARGETS, "13.1.80", 1))); // the same major version
    expect(
        GpuHealth.judge(gpu("13.0", "9.0", "", "", 0)),
        Level.NOTE,
        "cuda",
        "no CUDA kernels",
        "ALEXNET_CUDA=on");
    expect(
        GpuHealth.judge(gpu("12.4", "9.0", TARGETS, "13.0.48", 1)),
        Level.PROBLEM,
        "cuda",
        "compiled by CUDA 13.0.48, and the driver runs CUDA up to 12.4",
        "CUDA 12");
    expect(
        GpuHealth.judge(gpu("13.0", "7.5", TARGETS, "13.0.48", 1)),
        Level.PROBLEM,
        "cuda",
        "H200 of capability 7.5",
        "8.0");
    expect(
        GpuHealth.judge(gpu("13.0", "9.0", TARGETS, "13.0.48", 0)),
        Level.PROBLEM,
        "cuda",
        "no GPU can be opened",
        "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void links() {
    DeviceId from = DeviceId.parse("cuda:0");
    DeviceId to = DeviceId.parse("cuda:1");
    LinkSurvey whole =
        new LinkSurvey(
            new Link(from, to, Transport.PEER, "262144 bytes arrived unchanged"),
            ImmutableMap.of(Transport.PEER, 50e9),
            ImmutableMap.of());
    LinkSurvey broken =
        new LinkSurvey(
            new Link(from, to, Transport.STAGED, "byte 7 arrived changed"),
            ImmutableMap.of(Transport.STAGED, 5e9),
            ImmutableMap.of(Transport.PEER, "byte 7 arrived changed"));
    Optional<Driver> driver = Optional.of(new Driver("1", "13.0", List.of()));
    allWell(GpuHealth.judge(new GpuHealth.Facts(driver, TARGETS, "13.0", 2, List.of(whole))));
    expect(
        GpuHealth.judge(new GpuHealth.Facts(driver, TARGETS, "13.0", 2, List.of(broken))),
        Level.NOTE,
        "link",
        "cuda:0 -> cuda:1: staged, 5.0 GB/s, byte 7 arrived changed",
        "the way that works");
  }

  @ParameterizedTest
  @CsvSource({
    "80-real,8.0,true",
    "80-real,8.6,true",
    "80-real,7.5,false",
    "80-real,9.0,false",
    "86-real,8.0,false",
    "90a-real,9.0,true",
    "90a-real,10.0,false",
    "90-virtual,9.0,true",
    "90-virtual,12.0,true",
    "90-virtual,8.9,false",
    "90,8.6,false",
    "90,10.0,true"
  })
  void targets(String target, String capability, boolean runs) {
    assertEquals(runs, GpuHealth.runs(target, capability));
  }

  @Test
  void driverAsNvidiaSmiPrintsIt() {
    Driver driver =
        Driver.parse(
            "| NVIDIA-SMI 580.95.05   Driver Version: 580.95.05   CUDA Version: 13.0     |",
            "NVIDIA H200, 9.0, 580.95.05\nNVIDIA A100, 8.0, 580.95.05\n");
    assertEquals("580.95.05", driver.version());
    assertEquals("13.0", driver.cuda());
    assertEquals(
        List.of(new Driver.Gpu("NVIDIA H200", "9.0"), new Driver.Gpu("NVIDIA A100", "8.0")),
        driver.gpus());
    assertEquals(new Driver("", "", List.of()), Driver.parse("", "No devices were found"));
  }

  @Test
  void libraries() {
    allWell(LibraryHealth.judge(new LibraryHealth.Facts(Optional.empty(), Optional.empty())));
    List<Finding> missing =
        LibraryHealth.judge(
            new LibraryHealth.Facts(Optional.of("cuDNN: /a/b/libx.so: gone"), Optional.of("none")));
    expect(missing, Level.NOTE, "cudnn", "cuDNN: libx.so: gone", "ALEXNET_ENGINE=cudnn");
    expect(missing, Level.NOTE, "onednn", "none", "ALEXNET_ENGINE=onednn");
  }
}
