package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableMap;
import java.nio.file.Path;
import java.util.Map;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * Integers that stand for {@code integer / 2^bits}, as quantised networks have them: exact as
 * floats, or refused.
 */
final class FixedPoint {
  private static final long EXACT = 1L << 24; // every integer up to it is a float

  private FixedPoint() {}

  /**
   * Returns a file with some of its tensors of integers as floats.
   *
   * @param bits behind the binary point, by name of the tensor
   * @throws FormatException if there is no such tensor, or it has no integers
   */
  static ForeignFile of(ForeignFile file, Map<String, Integer> bits) throws FormatException {
    for (Map.Entry<String, Integer> one : bits.entrySet()) {
      ForeignTensor tensor = file.tensors().get(one.getKey());
      if (tensor == null || tensor.integers().isEmpty()) {
        throw new FormatException(
            file.file(),
            "tensor " + Printable.name(one.getKey()),
            tensor == null
                ? "is not there; there are " + Printable.names(file.tensors().keySet())
                : "is " + tensor.type() + "; allowed with fraction bits: integers in .npy or .npz");
      }
    }
    ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
    file.tensors()
        .forEach(
            (name, tensor) ->
                tensors.put(
                    name,
                    bits.containsKey(name) ? of(file.file(), tensor, bits.get(name)) : tensor));
    return file.with(tensors.buildOrThrow(), file.layers());
  }

  private static ForeignTensor of(Path file, ForeignTensor tensor, int bits) {
    return new ForeignTensor(
        tensor.name(),
        tensor.shape(),
        tensor.type() + " / 2^" + bits,
        () -> {
          long[] integers = tensor.integers().orElseThrow().longs();
          float[] values = new float[integers.length];
          for (int i = 0; i < values.length; i++) {
            if (integers[i] < -EXACT || integers[i] > EXACT) {
              throw new FormatException(
                  file,
                  "tensor " + Printable.name(tensor.name()) + "[" + i + "]",
                  "is " + integers[i] + "; allowed: -2^24 to 2^24, which need no rounding");
            }
            values[i] = Math.scalb((float) integers[i], -bits);
          }
          return values;
        });
  }
}
