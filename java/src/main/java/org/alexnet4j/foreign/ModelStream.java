package org.alexnet4j.foreign;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A protobuf message that holds large tensors: its parts are listed first, so that lengths are
 * known before a value is read, and then written one after the other.
 */
final class ModelStream {
  /** Gives the elements of a tensor, when it is its turn. */
  interface Elements {
    float[] floats() throws IOException;
  }

  private record Part(byte[] bytes, Elements elements, long length) {}

  private final List<Part> parts = new ArrayList<>();

  /** Writes single fields of a message. */
  interface Writing {
    void to(CodedOutputStream out) throws IOException;
  }

  /** Returns a small message. */
  static byte[] message(Writing writing) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    writing.to(out);
    out.flush();
    return bytes.toByteArray();
  }

  /** Adds fields. */
  ModelStream add(Writing writing) throws IOException {
    byte[] bytes = message(writing);
    parts.add(new Part(bytes, null, bytes.length));
    return this;
  }

  /** Adds a field that holds another message. */
  ModelStream add(int field, ModelStream inside) throws IOException {
    long length = inside.length();
    if (length > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "the model has " + length + " bytes; protobuf allows 2 GiB");
    }
    add(
        out -> {
          out.writeTag(field, 2);
          out.writeUInt32NoTag((int) length);
        });
    parts.addAll(inside.parts);
    return this;
  }

  /** Adds the parts of another one as they are. */
  ModelStream add(ModelStream others) {
    parts.addAll(others.parts);
    return this;
  }

  /** Adds a field of packed floats, as bytes. */
  ModelStream add(int field, long count, Elements elements) throws IOException {
    long length = count * Float.BYTES;
    add(
        out -> {
          out.writeTag(field, 2);
          out.writeUInt32NoTag(Math.toIntExact(length));
        });
    parts.add(new Part(null, elements, length));
    return this;
  }

  private long length() {
    return parts.stream().mapToLong(Part::length).sum();
  }

  /** Where bytes go. */
  interface Sink {
    void write(ByteBuffer bytes) throws IOException;
  }

  /** Writes all parts. */
  void writeTo(Sink sink) throws IOException {
    for (Part part : parts) {
      sink.write(
          part.bytes == null
              ? LittleEndian.bytes(part.elements.floats())
              : ByteBuffer.wrap(part.bytes));
    }
  }
}
