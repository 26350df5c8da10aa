package org.alexnet4j.run;

import com.google.common.base.Joiner;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.TensorSpec;
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
  private static final String FORMAT = "alexnet4j-3";

  /** Had the names of the classes with line feeds between them. */
  private static final String FORMAT_BEFORE = "alexnet4j-2";

  /** No network that this program describes comes near; a foreign file may say anything. */
  private static final long MAX_HEADER_BYTES = 16 << 20;

  private static final String VELOCITY = "velocity.";
  private static final String CHECKSUMS = "checksum.crc32c";

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
   * @param evaluationDue whether the held-out images are still to be looked at before this step,
   *     because the run was stopped while it did
   */
  public record Content(
      Progress progress,
      long seed,
      String configuration,
      List<String> classes,
      float[] mean,
      ScheduleState schedule,
      String data,
      OptionalDouble heldOutError,
      boolean evaluationDue) {

    /**
     * Creates the content of a checkpoint before which nothing is left to do.
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
    public Content(
        Progress progress,
        long seed,
        String configuration,
        List<String> classes,
        float[] mean,
        ScheduleState schedule,
        String data,
        OptionalDouble heldOutError) {
      this(progress, seed, configuration, classes, mean, schedule, data, heldOutError, false);
    }

    /**
     * {@return the same for another place in the run}
     *
     * @param next where the run stands
     * @param state what the schedule has seen
     * @param error top-1 error, if it was measured
     * @param evaluationIsDue whether the held-out images are still to be looked at
     */
    public Content at(
        Progress next, ScheduleState state, OptionalDouble error, boolean evaluationIsDue) {
      return new Content(
          next, seed, configuration, classes, mean, state, data, error, evaluationIsDue);
    }

    /**
     * {@return the same with another configuration and another fingerprint of the data}
     *
     * @param nextConfiguration the resolved configuration as YAML
     * @param nextData fingerprint of the training images
     */
    public Content resumedWith(String nextConfiguration, String nextData) {
      return new Content(
          progress,
          seed,
          nextConfiguration,
          classes,
          mean,
          schedule,
          nextData,
          heldOutError,
          evaluationDue);
    }
  }

  /** Reads whole tensors row by row: those of towers, or a copy of them. */
  @FunctionalInterface
  public interface Source {
    /**
     * Gives a tensor's rows, in order, to the target.
     *
     * @param tensor which
     * @param role its values, velocities or gradients
     * @param target takes its rows
     * @throws IOException if the target cannot take them
     */
    void read(TensorSpec tensor, Role role, ParameterStore.Rows target) throws IOException;
  }

  /**
   * Writes a checkpoint: to a temporary name, synced, then renamed.
   *
   * @param file the checkpoint, replaced if it is there
   * @param tensors whole tensors in the order of the layers
   * @param source asked for one tensor after the other, values first, then velocities
   * @param content what is said beside the tensors
   * @throws DivergedException if a value is no finite number; the file is not written then
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, List<TensorSpec> tensors, Source source, Content content)
      throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(TensorInfo.float32("mean", content.mean().length));
    for (TensorSpec tensor : tensors) {
      infos.add(TensorInfo.float32(tensor.name(), shape(tensor)));
    }
    for (TensorSpec tensor : tensors) {
      infos.add(TensorInfo.float32(VELOCITY + tensor.name(), shape(tensor)));
    }
    try (SafetensorsWriter writer =
        SafetensorsWriter.createChecked(file, infos, metadata(content))) {
      writer.write("mean", FloatBuffer.wrap(content.mean()));
      for (TensorSpec tensor : tensors) {
        write(writer, source, tensor, Role.VALUE, tensor.name(), content.progress().step());
      }
      for (TensorSpec tensor : tensors) {
        String name = VELOCITY + tensor.name();
        write(writer, source, tensor, Role.VELOCITY, name, content.progress().step());
      }
      writer.commit();
    }
  }

  /** Gives all values of a whole tensor. */
  @FunctionalInterface
  public interface Values {
    /**
     * {@return them in the order of files}
     *
     * @param tensor which
     * @throws IOException if there are none
     */
    float[] of(TensorSpec tensor) throws IOException;
  }

  /**
   * Writes weights that no training made as a checkpoint without velocities: all but {@code train
   * --resume} reads it.
   *
   * @param file the checkpoint, replaced if it is there
   * @param tensors whole tensors in the order of the layers
   * @param values asked for one tensor after the other
   * @param content what is said beside the tensors
   * @throws DivergedException if a value is no finite number; the file is not written then
   * @throws IOException if the file cannot be written
   */
  public static void writeWeights(
      Path file, List<TensorSpec> tensors, Values values, Content content) throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(TensorInfo.float32("mean", content.mean().length));
    tensors.forEach(tensor -> infos.add(TensorInfo.float32(tensor.name(), shape(tensor))));
    try (SafetensorsWriter writer =
        SafetensorsWriter.createChecked(file, infos, metadata(content))) {
      writer.write("mean", FloatBuffer.wrap(content.mean()));
      for (TensorSpec tensor : tensors) {
        float[] all = values.of(tensor);
        for (int i = 0; i < all.length; i++) {
          if (!Float.isFinite(all[i])) {
            throw DivergedException.ofParameter(0, tensor.name(), i, all[i]);
          }
        }
        writer.write(tensor.name(), FloatBuffer.wrap(all));
      }
      writer.commit();
    }
  }

  private static void write(
      SafetensorsWriter writer, Source source, TensorSpec tensor, Role role, String name, long step)
      throws IOException {
    int row = tensor.rowCount();
    source.read(
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
    metadata.put("classes", JsonLines.toJson(content.classes()));
    metadata.put("configuration", content.configuration());
    ScheduleState schedule = content.schedule();
    metadata.put("scheduleDrops", Joiner.on(' ').join(schedule.drops()));
    metadata.put("scheduleBest", String.valueOf(schedule.best()));
    metadata.put("scheduleWithout", String.valueOf(schedule.without()));
    putStages(schedule.stages(), metadata);
    metadata.put("data", content.data());
    content.heldOutError().ifPresent(e -> metadata.put("heldOutTop1Error", String.valueOf(e)));
    if (content.evaluationDue()) {
      metadata.put("evaluationDue", "true");
    }
    return metadata;
  }

  /** Only a run whose steps are counted by stage has these keys. */
  private static void putStages(StageState stages, Map<String, String> metadata) {
    if (!stages.equals(StageState.START)) {
      metadata.put("stageBegins", Joiner.on(' ').join(stages.begins()));
      metadata.put("stageLosses", Joiner.on(' ').join(stages.losses()));
      metadata.put("stageBest", String.valueOf(stages.best()));
      metadata.put("stageWithout", String.valueOf(stages.without()));
      metadata.put("stageLossSum", String.valueOf(stages.lossSum()));
      metadata.put("stageImages", String.valueOf(stages.images()));
    }
  }

  /**
   * Reads what a checkpoint says beside its tensors, after a look at every byte of the file.
   *
   * @param file a checkpoint
   * @return what it says
   * @throws FormatException if the file is damaged or no checkpoint; the message names file and
   *     place
   */
  public static Content readContent(Path file) throws IOException {
    try (Safetensors tensors = open(file)) {
      Content content = new CheckpointMetadata(file, tensors).content();
      tensors.verify();
      return content;
    }
  }

  /**
   * Reads what a checkpoint says, without a look at the bytes of its tensors.
   *
   * @param file a checkpoint
   * @return what it says
   * @throws IOException if it cannot be read, or is no checkpoint
   */
  public static Content readHeader(Path file) throws IOException {
    try (Safetensors tensors = open(file)) {
      return new CheckpointMetadata(file, tensors).content();
    }
  }

  /**
   * {@return whether a file of weights says of itself that it is a checkpoint}
   *
   * @param file any file
   * @throws IOException if it cannot be read
   */
  public static boolean is(Path file) throws IOException {
    try (Safetensors tensors = open(file)) {
      return tensors.metadata().containsKey("configuration");
    }
  }

  /**
   * {@return what tells the values of a checkpoint from others: SHA-256 over the checksums of its
   * tensors; nothing if a file has no checksums} What its metadata says does not count.
   *
   * @param file a checkpoint, or weights
   * @throws IOException if it cannot be read
   */
  public static Optional<String> valuesSha256(Path file) throws IOException {
    try (Safetensors tensors = open(file)) {
      if (!tensors.tensors().containsKey(CHECKSUMS)) {
        return Optional.empty();
      }
      ByteBuffer sums = tensors.bytes(CHECKSUMS);
      sums.position(Math.min(Long.BYTES, sums.limit())); // the header's comes first
      Hasher hasher = Hashing.sha256().newHasher();
      MappedReads.guard("tensor " + CHECKSUMS, () -> hasher.putBytes(sums), file);
      return Optional.of(hasher.hash().toString());
    }
  }

  static boolean isFormat(String format) {
    return FORMAT.equals(format) || FORMAT_BEFORE.equals(format);
  }

  static boolean isFormatBefore(String format) {
    return FORMAT_BEFORE.equals(format);
  }

  static String formats() {
    return FORMAT_BEFORE + ", " + FORMAT;
  }

  /** Looks at what is there before it opens it: a pipe would never answer. */
  private static Safetensors open(Path file) throws IOException {
    Optional<String> obstacle = RegularFile.obstacle(file);
    if (obstacle.isPresent() && !Files.isRegularFile(file)) { // a person may name a link
      throw new FormatException(file, "the name", "is " + obstacle.get() + "; allowed: a file");
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (length.hasRemaining() && channel.read(length) >= 0) {}
      if (!length.hasRemaining() && length.getLong(0) > MAX_HEADER_BYTES) {
        throw new FormatException(
            file,
            "byte 0",
            String.format(
                Locale.ROOT,
                "a header of %s bytes; allowed: at most %d; this is no file of weights, or damaged",
                Long.toUnsignedString(length.getLong(0)),
                MAX_HEADER_BYTES));
      }
    }
    return Safetensors.open(file);
  }

  /**
   * Checks that a file fits a network and that all its values are numbers, without writing any.
   *
   * @param file a checkpoint or weights
   * @param wanted tensors of the network
   * @param velocities whether these are needed as well
   * @throws FormatException if a tensor is missing, has another shape, or a value that is no finite
   *     number; the text names tensor and element
   */
  public static void require(Path file, List<TensorSpec> wanted, boolean velocities)
      throws IOException {
    try (Safetensors tensors = open(file)) {
      require(file, tensors, wanted, velocities);
    }
  }

  private static void require(
      Path file, Safetensors tensors, List<TensorSpec> wanted, boolean velocities)
      throws IOException {
    for (TensorSpec tensor : wanted) {
      tensors.requireFloats(tensor.name(), shape(tensor));
      if (velocities) {
        tensors.requireFloats(VELOCITY + tensor.name(), shape(tensor));
      }
    }
    for (TensorSpec tensor : wanted) {
      requireFinite(file, tensor.name(), tensors.floats(tensor.name()));
      if (velocities) {
        requireFinite(file, VELOCITY + tensor.name(), tensors.floats(VELOCITY + tensor.name()));
      }
    }
  }

  /**
   * Checks that all values of a file are numbers.
   *
   * @param file a checkpoint or weights
   * @throws FormatException if one is not; the text names tensor and element
   */
  public static void requireFinite(Path file) throws IOException {
    try (Safetensors tensors = open(file)) {
      for (TensorInfo info : tensors.tensors().values()) {
        if (info.dtype().isFloat()) {
          requireFinite(file, info.name(), tensors.floats(info.name()));
        }
      }
    }
  }

  static void requireFinite(Path file, String tensor, FloatBuffer values) throws IOException {
    MappedReads.guard(
        "tensor " + tensor,
        () -> {
          requireNumbers(file, tensor, values);
          return null;
        },
        file);
  }

  private static void requireNumbers(Path file, String tensor, FloatBuffer values)
      throws FormatException {
    float[] some = new float[Math.min(values.remaining(), 1 << 14)];
    for (int first = values.position(); values.hasRemaining(); first += some.length) {
      int count = Math.min(some.length, values.remaining());
      values.get(some, 0, count);
      for (int i = 0; i < count; i++) {
        if (!Float.isFinite(some[i])) {
          throw new FormatException(
              file,
              "tensor " + tensor + "[" + (first + i) + "]",
              "is " + some[i] + "; allowed: finite numbers");
        }
      }
    }
  }

  /**
   * Reads weights, and velocities if asked, into a network of the same shape.
   *
   * @param file a checkpoint or weights
   * @param store receives what is read
   * @param velocities whether velocities are read too
   * @throws FormatException if a tensor is missing, has another shape, or a value that is no finite
   *     number; nothing has been written then
   */
  public static void readParameters(Path file, ParameterStore store, boolean velocities)
      throws IOException {
    try (Safetensors tensors = open(file)) {
      require(file, tensors, store.tensors(), velocities);
      for (TensorSpec tensor : store.tensors()) {
        read(file, tensors, store, tensor, Role.VALUE);
        if (velocities) {
          read(file, tensors, store, tensor, Role.VELOCITY);
        }
      }
    }
  }

  private static void read(
      Path file, Safetensors tensors, ParameterStore store, TensorSpec tensor, Role role)
      throws IOException {
    String name = role == Role.VELOCITY ? VELOCITY + tensor.name() : tensor.name();
    FloatBuffer values = tensors.floats(name);
    int row = tensor.rowCount();
    store.write(
        tensor,
        role,
        (first, rows, to) ->
            MappedReads.guard(
                "tensor " + name, () -> values.get(first * row, to, 0, rows * row), file));
  }
}
