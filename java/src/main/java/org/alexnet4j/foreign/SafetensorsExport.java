package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.plan.TensorSpec;

/** A safetensors file, names and layouts as torchvision's. */
final class SafetensorsExport {
  private SafetensorsExport() {}

  /**
   * Writes a file.
   *
   * @param folded whether weights behind dropout are multiplied by what it keeps; otherwise who
   *     computes with them multiplies, which the file says
   */
  static void write(ExportedNetwork network, boolean folded, Path to) throws IOException {
    ImmutableMap<String, Float> kept =
        folded ? DropoutFactor.of(network.network()) : ImmutableMap.of();
    ImmutableMap<String, String> names = LayerNames.rows(network.network());
    List<TensorInfo> infos = new ArrayList<>();
    infos.add(info(FileTexts.MEAN, network.meanShape()));
    for (TensorSpec tensor : network.tensors()) {
      infos.add(info(TensorNames.ofRows(names, tensor), tensor.shape()));
    }
    Map<String, String> texts = new LinkedHashMap<>(network.texts());
    if (!folded) {
      texts.put(FileTexts.DROPOUT, FileTexts.IN_GRAPH);
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(to, infos, texts)) {
      writer.write(FileTexts.MEAN, FloatBuffer.wrap(network.mean()));
      for (TensorSpec tensor : network.tensors()) {
        String name = TensorNames.ofRows(names, tensor);
        writer.write(name, FloatBuffer.wrap(network.scaledValues(tensor, kept)));
      }
      writer.commit();
    }
  }

  private static TensorInfo info(String name, List<Long> shape) {
    return TensorInfo.float32(name, shape.stream().mapToLong(Long::longValue).toArray());
  }
}
