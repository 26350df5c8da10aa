package org.alexnet4j.io;

import java.util.List;
import java.util.Objects;

/**
 * Name, type and shape of one tensor in a file.
 *
 * @param name any text but {@code __metadata__}, which the safetensors format keeps for itself
 * @param dtype element type
 * @param shape extents, last axis contiguous; empty for one single element
 */
public record TensorInfo(String name, DType dtype, List<Long> shape) {
  /**
   * Checks the values.
   *
   * @param name any text but {@code __metadata__}, which the safetensors format keeps for itself
   * @param dtype element type
   * @param shape extents, last axis contiguous; empty for one single element
   * @throws IllegalArgumentException if the name is reserved, an extent negative, or the size over
   *     2^63 bytes
   */
  public TensorInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(dtype, "dtype");
    shape = List.copyOf(shape);
    if (name.equals(Safetensors.METADATA_KEY)) {
      throw new IllegalArgumentException("a tensor cannot be called " + name);
    }
    if (Shapes.bytes(dtype, shape) < 0) {
      throw new IllegalArgumentException("tensor " + name + ": no such shape: " + shape);
    }
  }

  /**
   * Describes a float tensor.
   *
   * @param name of the tensor
   * @param shape its extents
   * @return the description
   */
  public static TensorInfo float32(String name, long... shape) {
    return new TensorInfo(name, DType.FLOAT32, Shapes.list(shape));
  }

  /** {@return the number of elements} */
  public long count() {
    return bytes() / dtype.bytes();
  }

  /** {@return the size in bytes} */
  public long bytes() {
    return Shapes.bytes(dtype, shape);
  }
}
