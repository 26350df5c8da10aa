package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.io.FormatException;

/**
 * Weights that another program wrote, open for reading.
 *
 * @param file the file or folder
 * @param format what it is
 * @param tensors by name, in the file's order
 * @param metadata free texts that came with them
 * @param layers of Caffe's files, the layers as they compute; otherwise none
 * @param graph of ONNX's files, what they compute; otherwise without nodes
 * @param resource what stays open behind the tensors
 */
public record ForeignFile(
    Path file,
    Format format,
    ImmutableMap<String, ForeignTensor> tensors,
    ImmutableMap<String, String> metadata,
    ImmutableList<CaffeLayer> layers,
    OnnxGraph graph,
    Closeable resource)
    implements AutoCloseable {

  /** The formats that are read. */
  public enum Format {
    SAFETENSORS("safetensors"),
    TORCH("PyTorch archive"),
    NUMPY("NumPy arrays"),
    CAFFE("Caffe model"),
    ONNX("ONNX model");

    private final String title;

    Format(String title) {
      this.title = title;
    }

    /** Returns what people call it. */
    public String title() {
      return title;
    }
  }

  /**
   * Opens a file by its ending, or a folder of arrays, and checks everything but the elements.
   *
   * @throws FormatException if it is damaged, or of none of the formats
   * @throws IOException if it cannot be read
   */
  public static ForeignFile open(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      return NumpyArrays.folder(file);
    }
    if (!Files.isRegularFile(file)) { // a pipe would never answer
      throw new FormatException(
          file, "the name", Files.exists(file) ? "is no file" : "there is no such file or folder");
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    String ending = name.substring(name.lastIndexOf('.') + 1);
    return switch (ending) {
      case "safetensors" -> SafetensorsFile.open(file);
      case "pth", "pt" ->
          TorchPickles.isZip(file) ? TorchArchive.open(file) : TorchPickles.open(file);
      case "npz" -> NumpyArrays.archive(file);
      case "caffemodel" -> CaffeModel.open(file);
      case "onnx" -> OnnxModel.open(file);
      default ->
          throw new FormatException(
              file,
              "the name",
              "has no ending that is known; allowed: .safetensors, .pth, .pt, .npz, .caffemodel,"
                  + " .onnx, or a folder of .npy");
    };
  }

  /**
   * Returns a Caffe model with its layers as a prototxt describes them: what the model leaves out
   * the prototxt supplies, and where both say something they must say the same.
   *
   * @throws FormatException if this is no Caffe model, the prototxt is damaged, or the two differ;
   *     names line, layer and field
   * @throws IOException if the prototxt cannot be read
   */
  public ForeignFile describedBy(Path prototxt) throws IOException {
    if (format != Format.CAFFE) {
      throw new FormatException(
          prototxt, "the prototxt", "is of a .caffemodel, " + file + " is a " + format.title());
    }
    return CaffeAgreement.of(this, prototxt, CaffePrototxt.read(prototxt));
  }

  /**
   * Returns the same with tensors of integers as {@code integer / 2^bits}.
   *
   * @param bits behind the binary point, by the names of the tensors
   * @throws FormatException if there is no such tensor, or it has no integers
   */
  public ForeignFile withFractionBits(Map<String, Integer> bits) throws FormatException {
    return bits.isEmpty() ? this : FixedPoint.of(this, bits);
  }

  /** Returns the same with other tensors and layers. */
  ForeignFile with(
      ImmutableMap<String, ForeignTensor> otherTensors, ImmutableList<CaffeLayer> otherLayers) {
    return new ForeignFile(file, format, otherTensors, metadata, otherLayers, graph, resource);
  }

  static ForeignFile of(
      Path file,
      Format format,
      ImmutableMap<String, ForeignTensor> tensors,
      ImmutableMap<String, String> metadata,
      Closeable resource) {
    return new ForeignFile(
        file, format, tensors, metadata, ImmutableList.of(), OnnxGraph.NONE, resource);
  }

  @Override
  public void close() throws IOException {
    resource.close();
  }
}
