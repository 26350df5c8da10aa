package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.Towers;

/**
 * Writes what a network computed for one batch as safetensors, so that another program can be held
 * against it.
 *
 * <ul>
 *   <li>{@code input}, {@code conv1}, {@code relu1}, ..., {@code softmax}: outputs, {@code
 *       [N,H,W,C]} or {@code [N,C]}, towers joined along C, tower a first
 *   <li>{@code grad.conv1}, ...: gradients of the mean loss with respect to those outputs
 *   <li>{@code grad.conv1.weight}, ...: gradients of the parameters, in the layout of weights files
 *   <li>{@code loss}: mean log-loss over the batch, {@code [1]}
 * </ul>
 *
 * <p>Gradients and loss need labels. What a plan does not keep is listed under {@code missing} in
 * the file's metadata.
 *
 * @hidden
 */
public final class ActivationFile {
  private static final String GRADIENT = "grad.";

  private final Towers towers;
  private final ParameterStore store;
  private final Planes joined;
  private final List<String> planes = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();

  private ActivationFile(Towers towers, boolean labelled) {
    this.towers = towers;
    this.store = new ParameterStore(towers);
    this.joined = new Planes(towers);
    List<String> names = joined.names();
    for (String name : names) {
      take(name);
    }
    if (labelled) {
      for (String name : names) {
        take(GRADIENT + name);
      }
    }
  }

  private void take(String name) {
    (joined.holders(name).isEmpty() ? missing : planes).add(name);
  }

  /**
   * Writes the tensors of the last pass of a network whose plan is for INSPECT.
   *
   * @param file written under a temporary name, synced, renamed
   * @param towers after the pass
   * @param result what the pass returned, or {@link StepResult#NONE} without labels
   * @return names of what is missing
   * @throws IOException if the file cannot be written
   */
  public static ImmutableList<String> write(Path file, Towers towers, StepResult result)
      throws IOException {
    boolean labelled = result.images() > 0;
    ActivationFile content = new ActivationFile(towers, labelled);
    content.write(file, labelled, result);
    return ImmutableList.copyOf(content.missing);
  }

  private void write(Path file, boolean labelled, StepResult result) throws IOException {
    List<TensorInfo> infos = new ArrayList<>();
    for (String name : planes) {
      infos.add(TensorInfo.float32(name, shape(name)));
    }
    if (labelled) {
      for (TensorSpec tensor : store.tensors()) {
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        infos.add(TensorInfo.float32(GRADIENT + tensor.name(), shape));
      }
      infos.add(TensorInfo.float32("loss", 1));
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("network", towers.plan().spec().name());
    metadata.put("missing", String.join(",", missing));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, infos, metadata)) {
      for (String name : planes) {
        writer.write(name, FloatBuffer.wrap(joined.joined(name)));
      }
      if (labelled) {
        for (TensorSpec tensor : store.tensors()) {
          writeGradient(writer, tensor);
        }
        writer.write("loss", FloatBuffer.wrap(new float[] {(float) result.loss()}));
      }
      writer.commit();
    }
  }

  private void writeGradient(SafetensorsWriter writer, TensorSpec tensor) throws IOException {
    int row = tensor.rowCount();
    store.read(
        tensor,
        Role.GRADIENT,
        (first, rows, values) ->
            writer.write(GRADIENT + tensor.name(), FloatBuffer.wrap(values, 0, rows * row)));
  }

  private long[] shape(String name) {
    Extent extent = joined.extent(name);
    long n = towers.plan().batch();
    boolean flat = extent.h() == 1 && extent.w() == 1;
    return flat ? new long[] {n, extent.c()} : new long[] {n, extent.h(), extent.w(), extent.c()};
  }
}
