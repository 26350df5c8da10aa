package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;

/**
 * A checkpoint as other programs take it: tensors in the order of the world, the mean in planes.
 *
 * @param file the checkpoint
 * @param configuration the network and how it is fed
 * @param classes names in the order of the outputs
 * @param mean {@code [3]} or {@code [3][side][side]}, grey levels, red first
 * @param tensors weights and biases in the order of the layers
 * @param open the file
 */
record ExportedNetwork(
    Path file,
    Configuration configuration,
    ImmutableList<String> classes,
    float[] mean,
    ImmutableList<TensorSpec> tensors,
    Safetensors open)
    implements AutoCloseable {

  /**
   * Opens a checkpoint, every byte of which is looked at.
   *
   * @throws FormatException if it is damaged or no checkpoint
   */
  static ExportedNetwork open(Path file, Configuration configuration) throws IOException {
    Checkpoint.Content content = Checkpoint.readContent(file);
    NetworkSpec network = configuration.network();
    ImmutableList<TensorSpec> tensors =
        TensorSpec.of(Planner.plan(network, 1, Purpose.INFER, configuration.mean(), 0));
    Checkpoint.require(file, tensors, false);
    return new ExportedNetwork(
        file,
        configuration,
        ImmutableList.copyOf(content.classes()),
        planes(content.mean()),
        tensors,
        Safetensors.open(file));
  }

  private static float[] planes(float[] pixels) {
    int count = pixels.length / InputConvention.CHANNELS;
    float[] planes = new float[pixels.length];
    for (int p = 0; p < count; p++) {
      for (int c = 0; c < InputConvention.CHANNELS; c++) {
        planes[c * count + p] = pixels[p * InputConvention.CHANNELS + c];
      }
    }
    return planes;
  }

  NetworkSpec network() {
    return configuration.network();
  }

  /** Returns the extents of the mean. */
  List<Long> meanShape() {
    long side = network().sourceSize();
    return mean.length == InputConvention.CHANNELS ? List.of(3L) : List.of(3L, side, side);
  }

  /** Returns the values of a tensor as they are here. */
  float[] values(TensorSpec tensor) throws IOException {
    FloatBuffer floats = open.floats(tensor.name());
    float[] values = new float[floats.remaining()];
    return MappedReads.guard(
        "tensor " + tensor.name(),
        () -> {
          floats.get(values);
          return values;
        },
        file);
  }

  /** Returns the values of a tensor for those who do nothing at dropout when they test. */
  float[] scaledValues(TensorSpec tensor, ImmutableMap<String, Float> kept) throws IOException {
    float[] values = values(tensor);
    int dot = tensor.name().lastIndexOf('.');
    Float factor = kept.get(tensor.name().substring(0, dot));
    if (factor != null && tensor.name().endsWith(".weight")) {
      DropoutFactor.multiply(tensor.name(), values, factor);
    }
    return values;
  }

  /** Returns what an export says beside its tensors. */
  ImmutableMap<String, String> texts() {
    return ImmutableMap.of(
        FileTexts.CONFIGURATION,
        ConfigWriter.write(configuration),
        FileTexts.CLASSES,
        JsonLines.toJson(classes),
        FileTexts.INPUT,
        "grey levels 0 to 255, channels R, G, B, minus " + FileTexts.MEAN);
  }

  @Override
  public void close() throws IOException {
    open.close();
  }
}
