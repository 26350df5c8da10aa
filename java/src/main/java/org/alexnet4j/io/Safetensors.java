package org.alexnet4j.io;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * An open safetensors file: named tensors that are mapped into memory when they are asked for.
 *
 * <p>Layout of the format: an unsigned 64-bit header length, a JSON header with type, shape and
 * byte range of each tensor, then the bytes of all tensors, little-endian, without gaps. Opening
 * checks the whole header against the length of the file, so that a tensor that is listed can be
 * read.
 *
 * <p>May be used by several threads. A mapping stays valid after {@link #close}; its pages go back
 * to the system when the buffer is collected.
 */
public final class Safetensors implements AutoCloseable {
  static final String METADATA_KEY = "__metadata__";

  /** The last tensor of a file that {@link #verify} can check. */
  static final String CHECKSUMS = "checksum.crc32c";

  private static final int CHUNK_BYTES = 1 << 20;

  /** The longest header that the format allows. */
  static final long MAX_HEADER_BYTES = 100_000_000;

  private final Path file;
  private final FileChannel channel;
  private final SafetensorsHeader header;

  private Safetensors(Path file, FileChannel channel, SafetensorsHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and checks its header.
   *
   * @param file a {@code .safetensors} file
   * @return the file
   * @throws FormatException if the file is damaged
   * @throws IOException if it cannot be read
   */
  public static Safetensors open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new Safetensors(file, channel, SafetensorsHeader.read(file, channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** {@return the tensors by name, in the order of their bytes} */
  public ImmutableMap<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** {@return the free texts that came with the tensors} */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Checks that a tensor is there with the type and shape that the caller needs.
   *
   * @param name of the tensor
   * @param dtype type that the caller needs
   * @param shape extents that the caller needs
   * @return what the file says of it
   * @throws FormatException if it is missing or different; the text says both shapes
   */
  public TensorInfo require(String name, DType dtype, long... shape) throws FormatException {
    TensorInfo info = find(name);
    TensorInfo wanted = new TensorInfo(name, dtype, Shapes.list(shape));
    if (!info.equals(wanted)) {
      throw new FormatException(
          file,
          place(info),
          "is "
              + Shapes.describe(info.dtype(), info.shape())
              + ", needed is "
              + Shapes.describe(dtype, wanted.shape()));
    }
    return info;
  }

  /**
   * Checks that a tensor of floats of any size is there with the shape that the caller needs.
   *
   * @param name of the tensor
   * @param shape extents that the caller needs
   * @return what the file says of it
   * @throws FormatException if it is missing or different; the text says both shapes
   */
  public TensorInfo requireFloats(String name, long... shape) throws FormatException {
    TensorInfo info = find(name);
    return require(name, info.dtype().isFloat() ? info.dtype() : DType.FLOAT32, shape);
  }

  /**
   * Maps the bytes of one tensor, read-only and little-endian; whoever touches them does it in a
   * {@link MappedReads#guard}.
   *
   * @param name of the tensor
   * @return its elements, from 0 to the limit
   * @throws FormatException if there is no such tensor, or it is over 2 GiB
   * @throws IOException if it cannot be mapped
   */
  public ByteBuffer bytes(String name) throws IOException {
    TensorInfo info = find(name);
    if (info.bytes() > Integer.MAX_VALUE) {
      throw new FormatException(
          file, place(info), "has " + info.bytes() + " bytes; at most 2^31 - 1 can be mapped");
    }
    if (channel.size() < header.offset(name) + info.bytes()) {
      throw new FormatException(
          file, place(info), "the file was cut to " + channel.size() + " bytes while it was open");
    }
    return channel
        .map(FileChannel.MapMode.READ_ONLY, header.offset(name), info.bytes())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Maps one tensor of 32-bit floats, as {@link #bytes}; of 16 or 64 bits, it is read and
   * converted, rounded to nearest even.
   *
   * @param name of the tensor
   * @return its elements, from 0 to the limit
   * @throws FormatException if there is no such tensor, or it is not of floats, or over 2 GiB, or
   *     has a 64-bit value over the range of floats; names its place
   * @throws IOException if it cannot be mapped
   */
  public FloatBuffer floats(String name) throws IOException {
    TensorInfo info = find(name);
    DType type = info.dtype();
    if (!type.isFloat()) {
      throw new FormatException(
          file, place(info), "is " + type + ", needed are floats of 16, 32 or 64 bits");
    }
    ByteBuffer bytes = bytes(name);
    if (type == DType.FLOAT32) {
      return bytes.asFloatBuffer();
    }
    return MappedReads.guard(place(info), () -> FloatBuffer.wrap(converted(info, bytes)), file);
  }

  private float[] converted(TensorInfo info, ByteBuffer bytes) throws FormatException {
    DType type = info.dtype();
    float[] values = new float[(int) info.count()];
    for (int i = 0; i < values.length; i++) {
      try {
        values[i] = Elements.toFloat(type, bytes, i * type.bytes());
      } catch (Elements.NoEqualException e) {
        throw new FormatException(file, place(info) + ", element " + i, e.getMessage());
      }
    }
    return values;
  }

  /**
   * Reads the whole file and compares it with the checksums that {@link
   * SafetensorsWriter#createChecked} put at its end: no flipped byte, wherever it is, passes.
   *
   * @throws FormatException if there are no checksums, or one differs; the text names the tensor
   * @throws IOException if the file cannot be read
   */
  public void verify() throws IOException {
    List<TensorInfo> all = List.copyOf(header.tensors().values());
    require(CHECKSUMS, DType.INT64, all.size());
    if (!all.get(all.size() - 1).name().equals(CHECKSUMS)) {
      throw new FormatException(file, "tensor " + CHECKSUMS, "is not the last tensor");
    }
    ByteBuffer sums = ByteBuffer.allocate(Long.BYTES * all.size()).order(ByteOrder.LITTLE_ENDIAN);
    long end = header.offset(CHECKSUMS);
    SafetensorsHeader.readFully(file, channel, sums, end);
    ByteBuffer chunk = ByteBuffer.allocateDirect((int) Math.min(CHUNK_BYTES, end));
    long from = 0;
    String place = "header, byte 0";
    for (TensorInfo info : all) {
      long to = header.offset(info.name());
      if (checksum(chunk, from, to) != sums.getLong()) {
        throw new FormatException(
            file, place + " to " + to, "differs from its checksum; the file is damaged");
      }
      from = to;
      place = place(info);
    }
  }

  private long checksum(ByteBuffer chunk, long from, long to) throws IOException {
    CRC32C sum = new CRC32C();
    for (long at = from; at < to; at += chunk.limit()) {
      chunk.clear().limit((int) Math.min(chunk.capacity(), to - at));
      SafetensorsHeader.readFully(file, channel, chunk, at);
      sum.update(chunk);
    }
    return sum.getValue();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private TensorInfo find(String name) throws FormatException {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new FormatException(
          file,
          "tensor " + Printable.name(name),
          header
              .unreadType(name)
              .map(type -> "type " + Printable.name(type) + " is not read")
              .orElse("is missing; there are " + Printable.names(tensors().keySet())));
    }
    return info;
  }

  private String place(TensorInfo info) {
    return "tensor " + Printable.name(info.name()) + ", byte " + header.offset(info.name());
  }
}
