package org.alexnet4j.cli.kernels;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.alexnet4j.bench.LayerTrial;
import org.alexnet4j.bench.PaperLayer;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.io.Printable;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;

/**
 * The times of our kernels by {@code kernel_check --bench} beside those of a library on the same
 * machine, in the same run, on tensors of the same sizes. The library's result is compared with our
 * kernels' before it is timed.
 */
final class KernelBench {
  private final Console console;
  private final List<JsonObject> lines = new ArrayList<>();
  private final Map<String, OptionalDouble> peers = new HashMap<>();
  private String peer = "";

  KernelBench(Console console) {
    this.console = console;
  }

  /** Runs the check program; returns its exit code. */
  int run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = process.inputReader()) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        add(line);
      }
    }
    return process.waitFor();
  }

  /** Takes one line of the check program. */
  void add(String line) {
    lines.add(JsonParser.parseString(line).getAsJsonObject());
  }

  /**
   * Refuses a filter that nothing passes.
   *
   * @param filter part of a name, or null for all
   */
  void requireRows(String filter) {
    if (filter != null && rows().isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "--filter is '"
              + Printable.name(filter)
              + "', which no kernel here has in its name; allowed: a part of FAMILY/PASS/LAYER, as in"
              + " conv/fprop or conv2");
    }
  }

  /** Times a library on every layer that was timed, as far as it has the operation. */
  void comparePeer(String engine, int batch, int samples, int threads) {
    peer = engine;
    for (JsonObject row : rows()) {
      peers.computeIfAbsent(
          key(row), key -> timePeer(key, text(row, "kind"), batch, samples, threads));
    }
  }

  private OptionalDouble timePeer(String key, String kind, int batch, int samples, int threads) {
    DeviceId device = new DeviceId(DeviceKind.valueOf(kind.toUpperCase(java.util.Locale.ROOT)), 0);
    for (PaperLayer layer : PaperLayer.all(batch)) {
      if (!layer.key().equals(key) || !layer.isIn(peer)) {
        continue;
      }
      try (LayerTrial theirs = LayerTrial.open(layer, device, peer, threads)) {
        try (LayerTrial ours = LayerTrial.open(layer, device, "kernels", threads)) {
          theirs.verifyAgainst(ours);
        }
        double[] times = theirs.time(samples);
        return OptionalDouble.of(times[times.length / 2]);
      } catch (RuntimeException e) {
        console.message(key + " in " + peer + " has no time: " + Failures.line(e));
      }
    }
    return OptionalDouble.empty();
  }

  /** Returns a line for each variant and layer. */
  List<JsonObject> rows() {
    return lines.stream().filter(line -> line.has("layer")).toList();
  }

  /** Returns the lines of the check program with {@code peer_us} and {@code peer_ratio} added. */
  List<JsonObject> withPeer() {
    List<JsonObject> all = new ArrayList<>();
    for (JsonObject line : lines) {
      JsonObject copy = line.deepCopy();
      if (line.has("layer")) {
        peerOf(line)
            .ifPresent(
                us -> {
                  copy.addProperty("peer", peer);
                  copy.addProperty("peer_us", us);
                  copy.addProperty("peer_ratio", us / line.get("us").getAsDouble());
                });
      }
      all.add(copy);
    }
    return all;
  }

  /** Returns machine and ceilings as one sentence. */
  String head() {
    return lines.stream()
        .filter(line -> line.has("ceilings"))
        .map(
            line ->
                text(line, "ceilings")
                    + ": "
                    + text(line, "machine")
                    + ", batch "
                    + text(line, "batch")
                    + "; ceilings "
                    + text(line, "fma_gflops")
                    + " GFLOP/s (FMA loop) and "
                    + text(line, "copy_gbs")
                    + " GB/s (copy)")
        .findFirst()
        .orElse("nothing was timed");
  }

  /** Returns the table: a star marks the variant that an operation would run. */
  TextTable table() {
    List<String> heads =
        new ArrayList<>(List.of("layer", "variant", "us", "+-%", "GFLOP/s", "GB/s", "roofline %"));
    if (!peer.isEmpty()) {
      heads.addAll(List.of(peer + " us", "ratio"));
    }
    TextTable table = new TextTable(heads.toArray(String[]::new));
    for (JsonObject row : rows()) {
      double us = row.get("us").getAsDouble();
      double gflops = row.get("gflops").getAsDouble();
      OptionalDouble other = peerOf(row);
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  key(row),
                  text(row, "variant") + (row.get("chosen").getAsBoolean() ? " *" : ""),
                  Numbers.fixed(us, 1),
                  Numbers.fixed(row.get("spread_percent").getAsDouble(), 1),
                  gflops > 0 ? Numbers.fixed(gflops, 0) : "",
                  Numbers.fixed(row.get("gbs").getAsDouble(), 0),
                  Numbers.fixed(row.get("roofline_percent").getAsDouble(), 1)));
      if (!peer.isEmpty()) {
        cells.add(other.isPresent() ? Numbers.fixed(other.getAsDouble(), 1) : "");
        cells.add(other.isPresent() ? Numbers.fixed(other.getAsDouble() / us, 2) : "");
      }
      table.row(cells.toArray());
    }
    return table;
  }

  /** Returns what the table's marks and columns mean. */
  String legend() {
    String ours =
        "*: the variant that an operation runs; roofline %: the least time for the products and"
            + " bytes, by the ceilings above, over the time measured";
    return peer.isEmpty() ? ours : ours + "; ratio: above 1 ours is quicker than " + peer;
  }

  private OptionalDouble peerOf(JsonObject row) {
    return peers.getOrDefault(key(row), OptionalDouble.empty());
  }

  private static String key(JsonObject row) {
    return text(row, "family") + "/" + text(row, "pass") + "/" + text(row, "layer");
  }

  private static String text(JsonObject object, String name) {
    return object.get(name).getAsString();
  }
}
