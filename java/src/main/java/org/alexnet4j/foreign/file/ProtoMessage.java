package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.LongConsumer;
import org.alexnet4j.io.FormatException;

/**
 * The fields of protobuf messages in a file, in order. Long runs of elements stay in the file: of
 * them only the place is kept.
 */
final class ProtoMessage {
  private static final int MOST_TEXT_BYTES = 16 << 20;
  private static final int MOST_NUMBER_BYTES = 1 << 16; // of extents and the like

  private final Path file;
  private final CodedInputStream in;

  private ProtoMessage(Path file, CodedInputStream in) {
    this.file = file;
    this.in = in;
  }

  /** Takes the fields of a message. */
  interface Fields {
    /**
     * Takes one, or leaves it.
     *
     * @param number of the field
     * @param wire its wire type
     * @return whether its value was read; otherwise it is passed over
     */
    boolean take(int number, int wire) throws IOException;
  }

  /** Bytes of a file that hold elements. */
  record Span(Path file, long from, int bytes) {
    /** Reads 32-bit floats. */
    float[] floats() throws IOException {
      float[] values = new float[bytes / Float.BYTES];
      read().asFloatBuffer().get(values);
      return values;
    }

    /** Reads 64-bit integers. */
    ImmutableList<Long> longs() throws IOException {
      ImmutableList.Builder<Long> values = ImmutableList.builder();
      for (ByteBuffer buffer = read(); buffer.remaining() >= Long.BYTES; ) {
        values.add(buffer.getLong());
      }
      return values.build();
    }

    private ByteBuffer read() throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, from + buffer.position()) < 0) {
            throw new FormatException(file, "byte " + from, "the file was cut while it was open");
          }
        }
      }
      return buffer.flip();
    }
  }

  /** What reads the outermost message of a file. */
  interface Reader {
    void read(ProtoMessage message) throws IOException;
  }

  /**
   * Reads a file from its start to its end.
   *
   * @throws FormatException if it is no message, or cut; names the byte
   */
  static void read(Path file, Reader reader) throws IOException {
    if (Files.size(file) > Integer.MAX_VALUE) {
      throw new FormatException(
          file, "the file", "has " + Files.size(file) + " bytes; protobuf allows 2 GiB");
    }
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      CodedInputStream in = CodedInputStream.newInstance(stream);
      ProtoMessage message = new ProtoMessage(file, in);
      try {
        reader.read(message);
      } catch (InvalidProtocolBufferException e) {
        throw new FormatException(
            file,
            "byte " + in.getTotalBytesRead(),
            "is no protobuf message, damaged or cut off (" + e.getMessage() + ")");
      }
    }
  }

  /** Hands over the fields up to the end of this message. */
  void fields(Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!fields.take(WireFormat.getTagFieldNumber(tag), WireFormat.getTagWireType(tag))) {
        in.skipField(tag);
      }
    }
  }

  /** Hands over the fields of a message inside of this one. */
  void inside(int wire, Fields fields) throws IOException {
    int length = length(wire);
    int before = in.pushLimit(length);
    fields(fields);
    in.checkLastTagWas(0);
    in.popLimit(before);
  }

  private int length(int wire) throws IOException {
    require(wire == WireFormat.WIRETYPE_LENGTH_DELIMITED, "a field is no message or text");
    return in.readRawVarint32();
  }

  void require(boolean condition, String what) throws FormatException {
    if (!condition) {
      throw new FormatException(file, "byte " + in.getTotalBytesRead(), what);
    }
  }

  String text(int wire) throws IOException {
    int length = length(wire);
    require(length >= 0 && length <= MOST_TEXT_BYTES, "a text claims " + length + " bytes");
    return new String(in.readRawBytes(length), StandardCharsets.UTF_8);
  }

  long number(int wire) throws IOException {
    require(wire == WireFormat.WIRETYPE_VARINT, "a field is no number");
    return in.readRawVarint64();
  }

  float real(int wire) throws IOException {
    require(wire == WireFormat.WIRETYPE_FIXED32, "a field is no 32-bit float");
    return in.readFloat();
  }

  /** Hands over whole numbers, packed or one. */
  void numbers(int wire, LongConsumer each) throws IOException {
    if (wire == WireFormat.WIRETYPE_VARINT) {
      each.accept(in.readRawVarint64());
      return;
    }
    int length = length(wire);
    require(length >= 0 && length <= MOST_NUMBER_BYTES, "numbers claim " + length + " bytes");
    int before = in.pushLimit(length);
    while (!in.isAtEnd()) {
      each.accept(in.readRawVarint64());
    }
    in.popLimit(before);
  }

  /** Passes over packed elements, which stay in the file. */
  Span span(int wire, int elementBytes) throws IOException {
    require(
        wire == WireFormat.WIRETYPE_LENGTH_DELIMITED,
        "elements stand one by one; allowed: packed, as Caffe and ONNX write them");
    int length = in.readRawVarint32();
    require(length >= 0 && length % elementBytes == 0, "elements claim " + length + " bytes");
    Span span = new Span(file, in.getTotalBytesRead(), length);
    in.skipRawBytes(length);
    return span;
  }
}
