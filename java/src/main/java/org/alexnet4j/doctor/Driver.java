package org.alexnet4j.doctor;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NVIDIA's driver, as {@code nvidia-smi} describes it.
 *
 * @param version of the driver; empty where it is not known
 * @param cuda the newest version of CUDA that it runs, as in 13.0; empty where it is not known
 * @param gpus that it sees
 */
record Driver(String version, String cuda, List<Gpu> gpus) {
  private static final Pattern CUDA = Pattern.compile("CUDA Version *: *([0-9]+\\.[0-9]+)");
  private static final long PATIENCE_SECONDS = 20;

  /**
   * One GPU.
   *
   * @param capability as in 9.0
   */
  record Gpu(String name, String capability) {}

  /** Asks the system; empty where there is no driver. */
  static Optional<Driver> find() {
    Optional<String> gpus =
        output(
            "nvidia-smi", "--query-gpu=name,compute_cap,driver_version", "--format=csv,noheader");
    if (gpus.isEmpty()) {
      boolean module = Files.exists(Path.of("/proc/driver/nvidia/version"));
      return module ? Optional.of(new Driver("", "", List.of())) : Optional.empty();
    }
    return Optional.of(parse(output("nvidia-smi").orElse(""), gpus.get()));
  }

  /**
   * Reads what {@code nvidia-smi} prints.
   *
   * @param overview its output without arguments, whose head names the version of CUDA
   * @param lines name, capability and driver of one GPU each, separated by commas
   */
  static Driver parse(String overview, String lines) {
    Matcher cuda = CUDA.matcher(overview);
    List<List<String>> rows =
        lines
            .lines()
            .map(line -> Splitter.on(',').trimResults().splitToList(line))
            .filter(row -> row.size() == 3)
            .toList();
    return new Driver(
        rows.isEmpty() ? "" : rows.get(0).get(2),
        cuda.find() ? cuda.group(1) : "",
        rows.stream().map(row -> new Gpu(row.get(0), row.get(1))).toList());
  }

  private static Optional<String> output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly();
      }
      return ended && process.exitValue() == 0 ? Optional.of(text) : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // there is no such program
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
