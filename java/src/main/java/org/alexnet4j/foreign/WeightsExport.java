package org.alexnet4j.foreign;

import java.io.IOException;
import java.nio.file.Path;
import org.alexnet4j.config.Configuration;

/**
 * A network of this program as a file of another framework. The same checkpoint gives the same
 * bytes, and {@link WeightsImport} takes the file back to the same values.
 */
public final class WeightsExport {
  /** The formats that are written. */
  public enum Format {
    SAFETENSORS,
    /** A Python module, and its weights as safetensors beside it. */
    TORCH,
    NPZ,
    ONNX,
    CAFFE
  }

  /** What a model that computes by itself takes; the other formats have no graph. */
  public enum Takes {
    /** {@code float32 [N,3,S,S]}, red first, from which the mean was subtracted. */
    CENTRED,
    /** {@code float32 [N,3,S,S]}, grey levels, red first. */
    GREY_LEVELS,
    /** {@code uint8 [N,P,P,3]}, grey levels, red first, of pictures as they are stored. */
    PICTURES
  }

  private WeightsExport() {}

  /**
   * Writes a checkpoint's network.
   *
   * @param checkpoint of a run, or imported
   * @param configuration what it says its network is
   * @param takes of ONNX, what the graph takes
   * @return how many tensors were written
   * @throws IllegalArgumentException if the format has no counterpart for a layer; names it
   * @throws IOException if the checkpoint is damaged or the file cannot be written
   */
  public static int write(
      Path checkpoint, Configuration configuration, Format format, Takes takes, Path to)
      throws IOException {
    try (ExportedNetwork network = ExportedNetwork.open(checkpoint, configuration)) {
      switch (format) {
        case SAFETENSORS -> SafetensorsExport.write(network, true, to);
        case TORCH -> TorchExport.write(network, to);
        case NPZ -> NpzExport.write(network, to);
        case ONNX -> OnnxExport.write(network, takes, to);
        case CAFFE -> CaffeExport.write(network, to);
      }
      return network.tensors().size();
    }
  }

  /** Returns where the weights are that {@code --to torch} writes beside a module. */
  public static Path weightsBeside(Path module) {
    return TorchExport.weights(module);
  }
}
