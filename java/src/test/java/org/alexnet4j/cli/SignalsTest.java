package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes and real signals; Linux and macOS. */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SignalsTest {
  @TempDir Path folder;

  private Process process;
  private BufferedReader messages;

  @AfterEach
  void nothingGoesOnTraining() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  /** Starts a run that would take hours and waits until it trains. */
  private Path train() throws IOException {
    Path run = folder.resolve("run");
    start(
        "train",
        "--data",
        "synthetic:train=64,test=4",
        "--preset",
        "demo",
        "--devices",
        "cpu:0",
        "--batch",
        "4",
        "--epochs",
        "100000",
        "--run",
        run.toString());
    await("loss");
    return run;
  }

  private void start(String... arguments) throws IOException {
    start(Map.of(), arguments);
  }

  private void start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    String cache = System.getProperty("org.bytedeco.javacpp.cachedir");
    if (cache != null) {
      command.add("-Dorg.bytedeco.javacpp.cachedir=" + cache);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(folder.resolve("out").toFile());
    builder.environment().putAll(environment);
    process = builder.start();
    messages =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
  }

  private String await(String text) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = messages.readLine(); line != null; line = messages.readLine()) {
      seen.append(line).append('\n');
      if (line.contains(text)) {
        return line;
      }
    }
    throw new IOException("'" + text + "' never came: " + seen);
  }

  /**
   * A process started in the background of a shell, or by nohup, ignores INT or HUP, its children
   * inherit that, and the virtual machine then leaves the signal alone.
   */
  private static boolean isIgnored(String name) throws IOException {
    Path status = Path.of("/proc/self/status");
    int bit = List.of("HUP", "INT").indexOf(name);
    if (bit < 0 || !Files.exists(status)) {
      return false;
    }
    for (String line : Files.readAllLines(status)) {
      if (line.startsWith("SigIgn:")) {
        return (Long.parseUnsignedLong(line.substring(7).trim(), 16) >> bit & 1) != 0;
      }
    }
    return false;
  }

  private void signal(String name) throws IOException, InterruptedException {
    String id = String.valueOf(process.pid());
    assertEquals(0, new ProcessBuilder("kill", "-" + name, id).start().waitFor());
  }

  private int end() throws InterruptedException {
    assertTrue(process.waitFor(2, TimeUnit.MINUTES), "the process does not end");
    return process.exitValue();
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void aSignalFinishesTheStepAndSaves(String name, int code)
      throws IOException, InterruptedException {
    assumeFalse(isIgnored(name), name + " is ignored by whoever started the tests");
    Path run = train();
    signal(name);
    await("stopping: the step is finished and saved first");
    await("stopped and saved; go on with");
    assertEquals(code, end());
    assertTrue(new RunFolder(run).latest().isPresent());
    assertEquals(0, Files.size(run.resolve("lock")));
  }

  /** While the mean of three million images is computed nobody has done a step yet. */
  @Test
  void aSignalBeforeTheFirstStepEndsAtOnceAndLeavesNothing()
      throws IOException, InterruptedException {
    Path run = folder.resolve("a/run");
    Path config = folder.resolve("tiny.yaml");
    Files.writeString(config, TinyRun.CONFIG.replace("mean: channel", "mean: pixel"));
    start(
        "train",
        "--data",
        "synthetic:train=3000000,test=4",
        "--config",
        config.toString(),
        "--devices",
        "cpu:0",
        "--run",
        run.toString());
    await("devices [cpu:0");
    for (int wait = 0; wait < 600 && !Files.exists(run.resolve("lock")); wait++) {
      Thread.sleep(100);
    }
    Thread.sleep(500);
    assertTrue(Files.exists(run.resolve("lock")));
    signal("TERM");
    assertTrue(process.waitFor(20, TimeUnit.SECONDS), "the process does not end");
    assertEquals(143, process.exitValue());
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void aHaltLongerThanThePatienceIsNoFailure() throws IOException, InterruptedException {
    start(
        Map.of("ALEXNET_PATIENCE", "1"),
        "train",
        "--data",
        "synthetic:train=64,test=4",
        "--preset",
        "demo",
        "--devices",
        "cpu:0",
        "--batch",
        "4",
        "--epochs",
        "100000",
        "--run",
        folder.resolve("run").toString());
    await("loss");
    for (int time = 0; time < 2; time++) {
      signal("STOP");
      Thread.sleep(1500);
      signal("CONT");
    }
    await("loss");
    signal("TERM");
    assertEquals(143, end());
  }

  @Test
  void usr1SavesAndGoesOn() throws IOException, InterruptedException {
    Path run = train();
    signal("USR1");
    await("a checkpoint follows after this step");
    await("saved ");
    await("loss");
    assertTrue(new RunFolder(run).latest().isPresent());
    assertTrue(process.isAlive());
    signal("TERM");
    assertEquals(143, end());
  }

  @Test
  void aSecondWriterIsRefusedAndNamed() throws IOException, InterruptedException {
    Path run = train();
    signal("USR1");
    await("saved ");
    Process first = process;
    start("train", "--resume", "--run", run.toString(), "--devices", "cpu:0");
    await("is being written by process " + first.pid());
    assertEquals(2, end());
    first.destroyForcibly().waitFor();
    start("train", "--resume", "--run", run.toString(), "--devices", "cpu:0");
    await("took over the lock of process " + first.pid() + ", which has ended");
    signal("TERM");
    assertEquals(143, end());
  }

  @Test
  void withoutALoopASignalEndsAtOnceAndASecondIntAlways() {
    List<Integer> halted = new ArrayList<>();
    StopRequest request = new StopRequest(line -> {});
    request.received("TERM", halted::add);
    assertEquals(List.of(143), halted);
    request.attend();
    request.received("INT", halted::add);
    assertTrue(request.isRequested());
    assertEquals(List.of(143), halted);
    request.received("TERM", halted::add); // batch systems send it to every process, some twice
    assertEquals(List.of(143), halted);
    request.received("INT", halted::add);
    assertEquals(List.of(143, 130), halted);
    assertEquals(130, request.exitCode(0));
    assertEquals(5, request.exitCode(5));
  }
}
