package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees of devices that fail, in processes of their own because of ALEXNET_FAULT. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DeviceFaultTest {
  @TempDir Path folder;

  private Cli run(String fault, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String cache = System.getProperty("org.bytedeco.javacpp.cachedir");
    if (cache != null) {
      command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(err.toFile());
    builder.environment().put("ALEXNET_FAULT", fault);
    int code = builder.start().waitFor();
    return new Cli(code, Files.readString(out), Files.readString(err));
  }

  @Test
  void aLostDeviceLeavesTheLastCheckpoint() throws IOException, InterruptedException {
    TinyRun.train(folder, "whole");
    RunFolder whole = new RunFolder(folder.resolve("whole"));
    Path path = folder.resolve("lost");
    Cli lost =
        run(
            "device_lost:conv/wgrad:200",
            "train",
            "--data",
            TinyRun.DATA,
            "--config",
            folder.resolve("tiny.yaml").toString(),
            "--devices",
            "cpu:0,cpu:1",
            "--run",
            path.toString());
    assertEquals(ExitCode.DEVICE.code(), lost.code(), lost.err());
    String last = lost.err().strip().lines().reduce((a, b) -> b).orElseThrow();
    for (String part :
        List.of("a fault was asked for", "stream ", " of cpu:", "conv/wgrad/", "N 4, C ")) {
      assertTrue(last.contains(part), last);
    }
    assertTrue(new RunFolder(path).latest().isPresent());
    Cli resumed =
        Cli.run("train", "--resume", "--run", path.toString(), "--devices", "cpu:0,cpu:1");
    assertEquals(0, resumed.code(), resumed.err());
    assertArrayEquals(
        Files.readAllBytes(whole.latest().orElseThrow()),
        Files.readAllBytes(new RunFolder(path).latest().orElseThrow()));
  }

  @Test
  void tooLittleMemoryNamesTheBatchThatFits() throws IOException, InterruptedException {
    List<String> bench = List.of("bench", "--width", "0.125", "--devices", "cpu:0", "--steps", "1");
    Cli refused = bench("memory:160", bench, 256);
    assertEquals(ExitCode.DEVICE.code(), refused.code(), refused.err());
    assertEquals("", refused.out());
    assertTrue(refused.err().contains("memory by layer") && refused.err().contains("arena"));
    Matcher largest =
        Pattern.compile(
                "cpu:0 has 160.0 MiB .* tower a and b needs .* MiB at a batch of 256. "
                    + "The largest batch that fits is (\\d+): --batch \\1")
            .matcher(refused.err());
    assertTrue(largest.find(), refused.err());
    Cli fits = bench("memory:160", bench, Integer.parseInt(largest.group(1)));
    assertEquals(0, fits.code(), fits.err());
  }

  @Test
  void memoryForNoImageSaysSo() throws IOException, InterruptedException {
    Cli refused = bench("memory:1", List.of("bench", "--devices", "cpu:0,cpu:1"), 8);
    assertEquals(ExitCode.DEVICE.code(), refused.code(), refused.err());
    assertTrue(refused.err().contains("Not even one image fits"), refused.err());
  }

  private Cli bench(String fault, List<String> command, int batch)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of("--batch", String.valueOf(batch)));
    return run(fault, all.toArray(String[]::new));
  }
}
