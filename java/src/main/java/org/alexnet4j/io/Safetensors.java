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
   * @throws FormatException if the file is damaged or holds a type that is not read here
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

  /** Returns the tensors by name, in the order of their bytes. */
  public ImmutableMap<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** Returns the free texts that came with the tensors. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /**
   * Checks that a tensor is there with the type and shape that the caller needs.
   *
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
   * Maps the bytes of one tensor, read-only and little-endian.
   *
   * @throws FormatException if there is no such tensor, or it is over 2 GiB
   * @throws IOException if it cannot be mapped
   */
  public ByteBuffer bytes(String name) throws IOException {
    TensorInfo info = find(name);
    if (info.bytes() > Integer.MAX_VALUE) {
      throw new FormatException(
          file, place(info), "has " + info.bytes() + " bytes; at most 2^31 - 1 can be mapped");
    }
    return channel
        .map(FileChannel.MapMode.READ_ONLY, header.offset(name), info.bytes())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Maps one float tensor.
   *
   * @throws FormatException if there is no such tensor, or it is not FLOAT32, or over 2 GiB
   * @throws IOException if it cannot be mapped
   */
  public FloatBuffer floats(String name) throws IOException {
    TensorInfo info = find(name);
    if (info.dtype() != DType.FLOAT32) {
      throw new FormatException(file, place(info), "is " + info.dtype() + ", needed is FLOAT32");
    }
    return bytes(name).asFloatBuffer();
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
          file, "tensor " + name, "is missing; there are " + String.join(", ", tensors().keySet()));
    }
    return info;
  }

  private String place(TensorInfo info) {
    return "tensor " + info.name() + ", byte " + header.offset(info.name());
  }
}
