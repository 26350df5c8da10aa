package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.foreign.file.ProtoMessage.Span;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/** One {@code BlobProto} as it is read; numbers of fields are those of caffe.proto. */
final class CaffeBlob {
  private final Path file;
  private final ProtoMessage in;
  private final long[] old = {1, 1, 1, 1}; // num, channels, height, width
  private final List<Long> shape = new ArrayList<>();
  private boolean shaped;
  private Span span;
  private boolean doubles;

  CaffeBlob(Path file, ProtoMessage in) {
    this.file = file;
    this.in = in;
  }

  /** Takes a field of the message. */
  boolean take(int number, int wire) throws IOException {
    if (number >= 1 && number <= 4) {
      old[number - 1] = in.number(wire);
    } else if (number == 5) {
      in.require(span == null, "a blob has its elements in two pieces; allowed: one");
      span = in.span(wire, Float.BYTES);
    } else if (number == 7) {
      shaped = true;
      in.inside(
          wire,
          (dim, kind) -> {
            if (dim != 1) {
              return false;
            }
            in.numbers(kind, shape::add);
            in.require(shape.size() <= 8, "a blob has over 8 axes");
            return true;
          });
    } else if (number == 8) {
      doubles = true;
      return false;
    } else {
      return false;
    }
    return true;
  }

  /**
   * Returns the tensor.
   *
   * @param axes that the layer's kind has: older files say four, leading ones of extent 1
   */
  ForeignTensor tensor(String tensor, int axes) throws IOException {
    List<Long> extents = new ArrayList<>(shape);
    if (!shaped) {
      for (long extent : old) {
        extents.add(extent);
      }
    }
    while (extents.size() > axes && extents.get(0) == 1) {
      extents.remove(0);
    }
    long count = ForeignTensor.count(extents);
    String place = "tensor " + Printable.name(tensor);
    if (doubles || span == null) {
      throw new FormatException(
          file, place, doubles ? "has 64-bit elements; allowed: 32" : "has no elements");
    }
    if (count < 0 || count != span.bytes() / Float.BYTES) {
      throw new FormatException(
          file,
          place + ", byte " + span.from(),
          "is " + extents + " with " + span.bytes() / Float.BYTES + " elements");
    }
    return new ForeignTensor(tensor, ImmutableList.copyOf(extents), "FLOAT32", span::floats);
  }
}
