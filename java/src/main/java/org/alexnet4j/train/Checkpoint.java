package org.alexnet4j.train;

import com.google.common.base.Joiner;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;

/**
 * A safetensors file with everything that determines the rest of a run: whole tensors {@code
 * conv1.weight}, ..., velocities as {@code velocity.} + name, the mean, and as metadata what {@link
 * Content} lists. Towers are joined, so it loads onto any devices. Checksums of the header and of
 * every tensor are its last tensor: a file with a flipped byte is refused. Tensors of a file with
 * weights alone can be read as well, for evaluation. docs/runs.md describes the format.
 */
public final class Checkpoint {
  private static final String FORMAT = "alexnet4j-2";
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
   * @param schedule what the learning rate's schedule has seen
   * @param data fingerprint of the training images
   * @param heldOutError top-1 error if the held-out images were looked at before this step
   */
  public record Content(
      Progress progress,
      long seed,
      String configuration,
      List<String> classes,
      float[] mean,
      Schedule.State schedule,
      String data,
      OptionalDouble heldOutError) {

    /** Returns the same for another place in the run. */
    public Content at(Progress next, Schedule.State state, OptionalDouble error) {
      return new Content(next, seed, configuration, classes, mean, state, data, error);
    }
  }

  /**
   * Writes a checkpoint: to a temporary name, synced, then renamed.
   *
   * @throws DivergedException if a value is no finite number; the file is not written then
   */
  public static void write(Path file, ParameterSnapshot snapshot, Content content)
      throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(TensorInfo.float32("mean", content.mean().length));
    for (TensorSpec tensor : snapshot.tensors()) {
      infos.add(TensorInfo.float32(tensor.name(), shape(tensor)));
    }
    for (TensorSpec tensor : snapshot.tensors()) {
      infos.add(TensorInfo.float32(VELOCITY + tensor.name(), shape(tensor)));
    }
    try (SafetensorsWriter writer =
        SafetensorsWriter.createChecked(file, infos, metadata(content))) {
      writer.write("mean", FloatBuffer.wrap(content.mean()));
      for (TensorSpec tensor : snapshot.tensors()) {
        write(writer, snapshot, tensor, Role.VALUE, tensor.name(), content.progress().step());
      }
      for (TensorSpec tensor : snapshot.tensors()) {
        String name = VELOCITY + tensor.name();
        write(writer, snapshot, tensor, Role.VELOCITY, name, content.progress().step());
      }
      writer.commit();
    }
  }

  private static void write(
      SafetensorsWriter writer,
      ParameterSnapshot snapshot,
      TensorSpec tensor,
      Role role,
      String name,
      long step)
      throws IOException {
    int row = tensor.rowCount();
    snapshot.read(
        tensor,
        role,
        (first, rows, values) -> {
          for (int i = 0; i < rows * row; i++) {
            if (!Float.isFinite(values[i])) {
              throw DivergedException.ofParameter(step, name, (long) first * row + i, values[i]);
            }
          }
          writer.write(name, FloatBuffer.wrap(values, 0, rows * row));
        });
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
    Schedule.State schedule = content.schedule();
    metadata.put("scheduleDrops", Joiner.on(' ').join(schedule.drops()));
    metadata.put("scheduleBest", String.valueOf(schedule.best()));
    metadata.put("scheduleWithout", String.valueOf(schedule.without()));
    metadata.put("data", content.data());
    content.heldOutError().ifPresent(e -> metadata.put("heldOutTop1Error", String.valueOf(e)));
    return metadata;
  }

  /**
   * Reads what a checkpoint says beside its tensors, after a look at every byte of the file.
   *
   * @throws FormatException if the file is damaged or no checkpoint; the message names file and
   *     place
   */
  public static Content readContent(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      Content content = content(file, tensors);
      tensors.verify();
      return content;
    }
  }

  /** Reads what a checkpoint says, without a look at the bytes of its tensors. */
  static Content readHeader(Path file) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      return content(file, tensors);
    }
  }

  private static Content content(Path file, Safetensors tensors) throws IOException {
    Map<String, String> metadata = tensors.metadata();
    if (!FORMAT.equals(metadata.get("format"))) {
      throw new FormatException(
          file, "metadata", "format is " + metadata.get("format") + "; allowed: " + FORMAT);
    }
    try {
      FloatBuffer mean = tensors.floats("mean");
      float[] values = new float[mean.remaining()];
      mean.get(values);
      return new Content(
          progress(file, metadata),
          number(file, metadata, "seed"),
          metadata.getOrDefault("configuration", ""),
          words(metadata, "classes", '\n'),
          values,
          schedule(file, metadata),
          metadata.getOrDefault("data", ""),
          metadata.containsKey("heldOutTop1Error")
              ? OptionalDouble.of(Double.parseDouble(metadata.get("heldOutTop1Error")))
              : OptionalDouble.empty());
    } catch (NumberFormatException | NullPointerException e) {
      throw new FormatException(file, "metadata", "lacks a number or has no number in its place");
    }
  }

  private static Progress progress(Path file, Map<String, String> metadata) throws FormatException {
    return new Progress(
        number(file, metadata, "step"),
        (int) number(file, metadata, "epoch"),
        (int) number(file, metadata, "stepInEpoch"));
  }

  private static Schedule.State schedule(Path file, Map<String, String> metadata)
      throws FormatException {
    return new Schedule.State(
        words(metadata, "scheduleDrops", ' ').stream()
            .map(Integer::valueOf)
            .collect(ImmutableList.toImmutableList()),
        Double.parseDouble(metadata.get("scheduleBest")),
        (int) number(file, metadata, "scheduleWithout"));
  }

  private static List<String> words(Map<String, String> metadata, String key, char separator) {
    String text = metadata.getOrDefault(key, "");
    return text.isEmpty() ? List.of() : Splitter.on(separator).splitToList(text);
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
