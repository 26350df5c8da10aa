package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;

/** A safetensors file, whose header {@link Safetensors} checks. */
final class SafetensorsFile {
  private SafetensorsFile() {}

  static ForeignFile open(Path file) throws IOException {
    Safetensors open = Safetensors.open(file);
    ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
    for (TensorInfo info : open.tensors().values()) {
      tensors.put(
          info.name(),
          new ForeignTensor(
              info.name(),
              ImmutableList.copyOf(info.shape()),
              info.dtype().toString(),
              () -> floats(file, open, info)));
    }
    return ForeignFile.of(
        file,
        ForeignFile.Format.SAFETENSORS,
        tensors.buildOrThrow(),
        ImmutableMap.copyOf(open.metadata()),
        open::close);
  }

  private static float[] floats(Path file, Safetensors open, TensorInfo info) throws IOException {
    requireExact(file, info.name(), info.dtype());
    FloatBuffer values = open.floats(info.name());
    float[] copy = new float[values.remaining()];
    return MappedReads.guard(
        "tensor " + info.name(),
        () -> {
          values.get(copy);
          return copy;
        },
        file);
  }

  /** Refuses elements that would be rounded, or are no floats. */
  static void requireExact(Path file, String tensor, DType type) throws FormatException {
    if (type != DType.FLOAT32 && type != DType.FLOAT16 && type != DType.BFLOAT16) {
      throw new FormatException(
          file,
          "tensor " + Printable.name(tensor),
          "is "
              + type
              + "; allowed: floats of 32 or 16 bits, which need no rounding, and in .npy or .npz"
              + " integers with --fraction-bits");
    }
  }
}
