package org.alexnet4j.train;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;

/**
 * A safetensors file with everything that determines the rest of a run: whole tensors {@code
 * conv1.weight}, ..., velocities as {@code velocity.} + name, the mean, and as metadata step,
 * epoch, seed, configuration and classes. Towers are joined, so it loads onto any devices. A file
 * with weights alone is read as well, for evaluation.
 */
public final class Checkpoint {
  private static final String FORMAT = "alexnet4j-1";
  private static final String VELOCITY = "velocity.";

  private Checkpoint() {}

  /**
   * What a checkpoint says beside its tensors.
   *
   * @param progress where the run stood
   * @param seed the run's seed
   * @param configuration the resolved configuration as YAML
   * @param classes names of the classes in the order of labels
   * @param mean what the input subtracts
   */
  public record Content(
      Progress progress, long seed, String configuration, List<String> classes, float[] mean) {}

  /**
   * Writes a checkpoint: to a temporary name, synced, then renamed.
   *
   * @param velocities whether the run can go on from it; false for weights alone
   */
  public static void write(Path file, ParameterStore store, Content content, boolean velocities)
      throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(TensorInfo.float32("mean", content.mean().length));
    for (TensorSpec tensor : store.tensors()) {
      infos.add(TensorInfo.float32(tensor.name(), shape(tensor)));
    }
    if (velocities) {
      for (TensorSpec tensor : store.tensors()) {
        infos.add(TensorInfo.float32(VELOCITY + tensor.name(), shape(tensor)));
      }
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, metadata(content))) {
      writer.write("mean", FloatBuffer.wrap(content.mean()));
      for (TensorSpec tensor : store.tensors()) {
        write(writer, store, tensor, Role.VALUE, tensor.name());
      }
      if (velocities) {
        for (TensorSpec tensor : store.tensors()) {
          write(writer, store, tensor, Role.VELOCITY, VELOCITY + tensor.name());
        }
      }
      writer.commit();
    }
  }

  private static void write(
      SafetensorsWriter writer, ParameterStore store, TensorSpec tensor, Role role, String name)
      throws IOException {
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> writer.write(name, FloatBuffer.wrap(values, 0, rows * row)));
  }

  private static long[] shape(TensorSpec tensor) {
    return tensor.shape().stream().mapToLong(Long::longValue).toArray();
  }

  private static Map<String, String> metadata(Content content) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("step", String.valueOf(content.progress().step()));
    metadata.put("epoch", String.valueOf(content.progress().epoch()));
    metadata.put("stepInEpoch", String.valueOf(content.progress().stepInEpoch()));
    metadata.put("seed", String.valueOf(content.seed()));
    metadata.put("classes", String.join("\n", content.classes()));
    metadata.put("configuration", content.configuration());
    return metadata;
  }

  /**
   * Reads what a checkpoint says beside its tensors.
   *
   * @throws FormatException if the file is damaged or no checkpoint; the message names file and
   *     place
   */
  public static Content readContent(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      Map<String, String> metadata = tensors.metadata();
      if (!FORMAT.equals(metadata.get("format"))) {
        throw new FormatException(
            file, "metadata", "format is " + metadata.get("format") + "; allowed: " + FORMAT);
      }
      Progress progress =
          new Progress(
              number(file, metadata, "step"),
              (int) number(file, metadata, "epoch"),
              (int) number(file, metadata, "stepInEpoch"));
      FloatBuffer mean = tensors.floats("mean");
      float[] values = new float[mean.remaining()];
      mean.get(values);
      String classes = metadata.getOrDefault("classes", "");
      return new Content(
          progress,
          number(file, metadata, "seed"),
          metadata.getOrDefault("configuration", ""),
          classes.isEmpty() ? List.of() : List.of(classes.split("\n")),
          values);
    }
  }

  private static long number(Path file, Map<String, String> metadata, String key)
      throws FormatException {
    try {
      return Long.parseLong(metadata.getOrDefault(key, ""));
    } catch (NumberFormatException e) {
      throw new FormatException(
          file, "metadata", key + " is '" + metadata.get(key) + "'; allowed: a whole number");
    }
  }

  /**
   * Reads weights, and velocities if asked, into a network of the same shape.
   *
   * @throws FormatException if a tensor is missing or has another shape: the file is of another
   *     network; nothing has been written then
   */
  public static void readParameters(Path file, ParameterStore store, boolean velocities)
      throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      for (TensorSpec tensor : store.tensors()) {
        tensors.require(tensor.name(), DType.FLOAT32, shape(tensor));
        if (velocities) {
          tensors.require(VELOCITY + tensor.name(), DType.FLOAT32, shape(tensor));
        }
      }
      for (TensorSpec tensor : store.tensors()) {
        read(tensors, store, tensor, Role.VALUE, tensor.name());
        if (velocities) {
          read(tensors, store, tensor, Role.VELOCITY, VELOCITY + tensor.name());
        }
      }
    }
  }

  private static void read(
      Safetensors tensors, ParameterStore store, TensorSpec tensor, Role role, String name)
      throws IOException {
    FloatBuffer values = tensors.floats(name);
    int row = tensor.rowCount();
    store.write(tensor, role, (first, rows, to) -> values.get(first * row, to, 0, rows * row));
  }
}
