package org.alexnet4j.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;

/**
 * Finds the first difference between two runs: in the metrics of a step, and in a tensor of the
 * first checkpoint of the same name that differs.
 *
 * <p>Values must be equal, or differ by at most {@code tolerance * max(|a|, |b|)} where a tolerance
 * is given; zero means the same bits. Times and speeds are never compared.
 *
 * @param records lines of metrics that both runs have
 * @param tensors tensors that both runs have, over all checkpoints in both
 * @param difference the first difference, or nothing
 */
public record RunComparison(int records, int tensors, Optional<Difference> difference) {
  private static final String METRICS = "metrics.jsonl";

  /** Evaluations that only one run made, because it was stopped there, are no difference. */
  private static final String TEST = "test ";

  private static final String CHECKPOINTS = "checkpoints";
  private static final String VELOCITY = "velocity.";
  private static final int CHUNK_BYTES = 1 << 16;
  private static final String CHECKSUM = "checksum.";

  /**
   * One difference.
   *
   * @param where {@code train step 17, loss}, or {@code step-100.safetensors, layer conv1,
   *     conv1.weight[5,0,2,2]}, or both
   * @param first the value in the first run
   * @param second the value in the second run
   */
  public record Difference(String where, String first, String second) {}

  /**
   * Compares two run folders, or two safetensors files.
   *
   * @param tolerance relative; 0 for the same bits
   * @throws NoSuchFileException if one is neither a run folder nor a file
   * @throws IOException if one cannot be read or is damaged
   */
  public static RunComparison of(Path first, Path second, double tolerance) throws IOException {
    Counter counter = new Counter(tolerance);
    Optional<Difference> difference;
    if (Files.isRegularFile(first) && Files.isRegularFile(second)) {
      difference = counter.tensors(first, second);
    } else {
      requireRun(first);
      requireRun(second);
      difference = counter.metrics(first, second);
      Optional<Difference> tensor = counter.checkpoints(first, second);
      difference = difference.isEmpty() ? tensor : difference.map(d -> both(d, tensor));
    }
    return new RunComparison(counter.records, counter.tensors, difference);
  }

  /** Adds where the checkpoints part to where the metrics do. */
  private static Difference both(Difference metrics, Optional<Difference> tensor) {
    return tensor
        .map(
            t ->
                new Difference(
                    metrics.where() + "; " + t.where(),
                    metrics.first() + "; " + t.first(),
                    metrics.second() + "; " + t.second()))
        .orElse(metrics);
  }

  private static void requireRun(Path folder) throws NoSuchFileException {
    if (Files.isRegularFile(folder)) {
      throw new NoSuchFileException(
          folder.toString(), null, "a file; allowed: two run folders, or two safetensors files");
    }
    if (!Files.exists(folder)) {
      throw new NoSuchFileException(folder.toString(), null, "no such run folder or file");
    }
    if (!Files.isRegularFile(folder.resolve(METRICS))) {
      throw new NoSuchFileException(
          folder.toString(), null, "no run folder: " + METRICS + " is missing");
    }
  }

  /** Walks both runs and counts what was compared. */
  private static final class Counter {
    private final double tolerance;
    private int records;
    private int tensors;

    Counter(double tolerance) {
      this.tolerance = tolerance;
    }

    Optional<Difference> metrics(Path first, Path second) throws IOException {
      Map<String, JsonObject> a = byStep(first.resolve(METRICS));
      Map<String, JsonObject> b = byStep(second.resolve(METRICS));
      Set<String> all = new LinkedHashSet<>(a.keySet());
      all.addAll(b.keySet());
      for (String where : all) {
        boolean inBoth = a.containsKey(where) && b.containsKey(where);
        if (inBoth) {
          Optional<Difference> difference = record(where, a.get(where), b.get(where));
          if (difference.isPresent()) {
            return difference;
          }
          records++;
        } else if (!where.startsWith(TEST)) {
          return Optional.of(
              new Difference(
                  where,
                  a.containsKey(where) ? "present" : "missing",
                  b.containsKey(where) ? "present" : "missing"));
        }
      }
      return Optional.empty();
    }

    /** Names each record by its kind and step, in the order of the file. */
    private static Map<String, JsonObject> byStep(Path metrics) throws IOException {
      Map<String, JsonObject> named = new LinkedHashMap<>();
      JsonLines.forEach(
          metrics,
          line -> {
            String kind = line.optionalText("kind").orElse("record");
            if (kind.equals("norms")) {
              return; // a measurement that one run was asked for and another not
            }
            boolean has = line.json().has("step");
            long step = has ? line.whole("step", 0, Long.MAX_VALUE) : named.size();
            named.put(kind + " step " + step, line.json());
          });
      return named;
    }

    private Optional<Difference> record(String where, JsonObject a, JsonObject b) {
      TreeMap<String, JsonElement> keys = new TreeMap<>(a.asMap());
      keys.putAll(b.asMap());
      for (String key : keys.keySet()) {
        if (!isTime(key) && !same(a.get(key), b.get(key))) {
          return Optional.of(
              new Difference(
                  where + ", " + key, String.valueOf(a.get(key)), String.valueOf(b.get(key))));
        }
      }
      return Optional.empty();
    }

    /** Says whether a metric tells how fast the machine was, which no two runs share. */
    private static boolean isTime(String key) {
      String lower = key.toLowerCase(Locale.ROOT);
      return lower.equals("loadershare")
          || lower.contains("time")
          || lower.contains("second")
          || lower.contains("_us")
          || lower.contains("_ms");
    }

    private boolean same(JsonElement a, JsonElement b) {
      if (a == null || b == null) {
        return false;
      }
      if (a.equals(b) || tolerance == 0 || !isNumber(a) || !isNumber(b)) {
        return a.equals(b);
      }
      return close(a.getAsDouble(), b.getAsDouble());
    }

    private static boolean isNumber(JsonElement value) {
      return value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
    }

    private boolean close(double a, double b) {
      return a == b || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
    }

    Optional<Difference> checkpoints(Path first, Path second) throws IOException {
      for (String name : checkpointNames(first)) {
        Path other = second.resolve(CHECKPOINTS).resolve(name);
        if (Files.exists(other)) {
          Optional<Difference> difference =
              tensors(first.resolve(CHECKPOINTS).resolve(name), other);
          if (difference.isPresent()) {
            return difference;
          }
        }
      }
      return Optional.empty();
    }

    private static List<String> checkpointNames(Path run) throws IOException {
      Path folder = run.resolve(CHECKPOINTS);
      if (!Files.isDirectory(folder)) {
        return List.of();
      }
      try (Stream<Path> files = Files.list(folder)) {
        return files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".safetensors"))
            .sorted(Comparator.comparingInt(String::length).thenComparing(n -> n))
            .toList();
      }
    }

    Optional<Difference> tensors(Path first, Path second) throws IOException {
      String file = first.getFileName().toString();
      try (Safetensors a = Safetensors.open(first);
          Safetensors b = Safetensors.open(second)) {
        List<String> names = new ArrayList<>(a.tensors().keySet());
        b.tensors().keySet().stream().filter(n -> !a.tensors().containsKey(n)).forEach(names::add);
        names.removeIf(name -> name.startsWith(CHECKSUM)); // of the values that are compared
        for (String name : names) {
          Optional<Difference> difference =
              MappedReads.guard(
                  "tensor " + Printable.name(name), () -> tensor(file, a, b, name), first, second);
          if (difference.isPresent()) {
            return difference;
          }
          tensors++;
        }
      }
      return Optional.empty();
    }

    private Optional<Difference> tensor(String file, Safetensors a, Safetensors b, String name)
        throws IOException {
      TensorInfo infoA = a.tensors().get(name);
      TensorInfo infoB = b.tensors().get(name);
      String where = file + ", " + layer(name) + name;
      if (infoA == null || infoB == null || !infoA.equals(infoB)) {
        return Optional.of(new Difference(where, describe(infoA), describe(infoB)));
      }
      ByteBuffer bytesA = a.bytes(name);
      ByteBuffer bytesB = b.bytes(name);
      int mismatch = mismatch(bytesA, bytesB);
      if (mismatch < 0) {
        return Optional.empty();
      }
      if (infoA.dtype() != DType.FLOAT32) {
        int index = mismatch / infoA.dtype().bytes();
        String at = where + element(index, infoA.shape());
        return Optional.of(new Difference(at, "other bytes", "other bytes"));
      }
      FloatBuffer floatsA = bytesA.asFloatBuffer();
      return floats(where, infoA.shape(), floatsA, bytesB.asFloatBuffer(), mismatch / Float.BYTES);
    }

    /**
     * Returns the first byte that differs, or -1. The mapped bytes are copied before they are
     * compared: a cut file ends the virtual machine in {@link ByteBuffer#mismatch}.
     */
    private static int mismatch(ByteBuffer a, ByteBuffer b) {
      byte[] ofA = new byte[Math.min(CHUNK_BYTES, a.limit())];
      byte[] ofB = new byte[ofA.length];
      for (int left = a.limit(); left > 0; left -= Math.min(ofA.length, left)) {
        int at = a.limit() - left;
        int count = Math.min(ofA.length, left);
        a.get(at, ofA, 0, count);
        b.get(at, ofB, 0, count);
        int mismatch = Arrays.mismatch(ofA, 0, count, ofB, 0, count);
        if (mismatch >= 0) {
          return at + mismatch;
        }
      }
      return -1;
    }

    /** Names the layer of a parameter, as {@code velocity.conv1.weight} belongs to conv1. */
    private static String layer(String tensor) {
      String name = tensor.startsWith(VELOCITY) ? tensor.substring(VELOCITY.length()) : tensor;
      int dot = name.indexOf('.');
      return dot < 0 ? "" : "layer " + name.substring(0, dot) + ", ";
    }

    /** Returns the place of an element along each axis: {@code [5,0,2,2]}. */
    private static String element(long index, List<Long> shape) {
      Deque<String> places = new ArrayDeque<>();
      long rest = index;
      for (int axis = shape.size() - 1; axis >= 0; axis--) {
        places.addFirst(String.valueOf(rest % shape.get(axis)));
        rest /= shape.get(axis);
      }
      return "[" + String.join(",", places) + "]";
    }

    private Optional<Difference> floats(
        String where, List<Long> shape, FloatBuffer a, FloatBuffer b, int from) {
      for (int i = from; i < a.limit(); i++) {
        boolean same =
            tolerance == 0
                ? Float.floatToRawIntBits(a.get(i)) == Float.floatToRawIntBits(b.get(i))
                : close(a.get(i), b.get(i));
        if (!same) {
          return Optional.of(
              new Difference(
                  where + element(i, shape), Float.toString(a.get(i)), Float.toString(b.get(i))));
        }
      }
      return Optional.empty();
    }

    private static String describe(TensorInfo info) {
      return info == null ? "missing" : info.dtype() + " " + info.shape();
    }
  }
}
