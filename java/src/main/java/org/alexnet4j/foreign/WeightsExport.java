package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.TensorSpec;

/**
 * A network of this program as a file of another framework. The same checkpoint gives the same
 * bytes, and {@link WeightsImport} takes the file back to the same values.
 */
public final class WeightsExport {
  /** The formats that are written. */
  public enum Format {
    SAFETENSORS,
    NPZ,
    ONNX,
    CAFFE
  }

  private WeightsExport() {}

  /**
   * Writes a checkpoint's network.
   *
   * @param checkpoint of a run, or imported
   * @param configuration what it says its network is
   * @param withMean of ONNX, whether the graph subtracts the mean itself
   * @return how many tensors were written
   * @throws IllegalArgumentException if the format has no counterpart for a layer; names it
   * @throws IOException if the checkpoint is damaged or the file cannot be written
   */
  public static int write(
      Path checkpoint, Configuration configuration, Format format, boolean withMean, Path to)
      throws IOException {
    try (ExportedNetwork network = ExportedNetwork.open(checkpoint, configuration)) {
      switch (format) {
        case SAFETENSORS -> safetensors(network, to);
        case NPZ -> NpzExport.write(network, to);
        case ONNX -> OnnxExport.write(network, withMean, to);
        case CAFFE -> CaffeExport.write(network, to);
      }
      return network.tensors().size();
    }
  }

  private static void safetensors(ExportedNetwork network, Path to) throws IOException {
    ImmutableMap<String, Float> kept = DropoutFactor.of(network.network());
    ImmutableMap<String, String> names = SequentialNames.of(network.network());
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(info(FileTexts.MEAN, network.meanShape()));
    for (TensorSpec tensor : network.tensors()) {
      infos.add(info(name(names, tensor), tensor.shape()));
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(to, infos, network.texts())) {
      writer.write(FileTexts.MEAN, FloatBuffer.wrap(network.mean()));
      for (TensorSpec tensor : network.tensors()) {
        writer.write(name(names, tensor), FloatBuffer.wrap(network.scaledValues(tensor, kept)));
      }
      writer.commit();
    }
  }

  private static TensorInfo info(String name, List<Long> shape) {
    return TensorInfo.float32(name, shape.stream().mapToLong(Long::longValue).toArray());
  }

  /** Returns a tensor's name as torchvision would have it. */
  static String name(ImmutableMap<String, String> names, TensorSpec tensor) {
    int dot = tensor.name().lastIndexOf('.');
    return names.get(tensor.name().substring(0, dot)) + tensor.name().substring(dot);
  }
}
