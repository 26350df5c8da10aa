package org.alexnet4j.misuse;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A virtual machine of its own for calls that may end it: a crash is an outcome, not the end of the
 * tests.
 *
 * @param exit its code; -1 if it had to be killed
 * @param output standard output and standard error
 */
record Fork(int exit, String output) {
  private static final int SHOWN = 4_000;

  /**
   * Runs a program on the class path of the tests.
   *
   * @param folder for its output and for what a crash leaves
   * @param seconds after which it is killed
   * @param options of the virtual machine, and whatever names the program
   */
  static Fork run(Path folder, int seconds, List<String> options) throws IOException {
    Path log = Files.createTempFile(folder, "fork", ".log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
    command.add("-XX:-OmitStackTraceInFastThrow"); // a message says which argument was null
    command.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"));
    command.addAll(options);
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    int exit = -1;
    try {
      if (process.waitFor(seconds, TimeUnit.SECONDS)) {
        exit = process.exitValue();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
    return new Fork(exit, Files.readString(log, StandardCharsets.UTF_8) + crash(folder));
  }

  /** Runs a class of the tests. */
  static Fork run(
      Path folder, int seconds, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> all = new ArrayList<>(options);
    all.add("-cp");
    all.add(System.getProperty("java.class.path"));
    all.add(main.getName());
    all.addAll(List.of(arguments));
    return run(folder, seconds, all);
  }

  private static String crash(Path folder) throws IOException {
    Path report = folder.resolve("hs_err.log");
    if (!Files.exists(report)) {
      return "";
    }
    String text = Files.readString(report, StandardCharsets.UTF_8);
    return "\n" + text.substring(0, Math.min(text.length(), SHOWN));
  }

  /** Returns the end of the output, for the message of a failed test. */
  String end() {
    return "exit code " + exit + "\n" + output.substring(Math.max(0, output.length() - SHOWN));
  }
}
