package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * An open NumPy file ({@code .npy}): one array in C order that is mapped row by row.
 *
 * <p>A row is one element of the first axis. The file may be larger than memory and than 2 GiB; one
 * mapping is at most 2 GiB. May be used by several threads.
 */
public final class Npy implements AutoCloseable {
  private final Path file;
  private final FileChannel channel;
  private final NpyHeader header;

  private Npy(Path file, FileChannel channel, NpyHeader header) {
    this.file = file;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and checks its header against its length.
   *
   * @throws FormatException if it is damaged, in Fortran order, or of a type that is not read here
   * @throws IOException if it cannot be read
   */
  public static Npy open(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      return new Npy(file, channel, NpyHeader.read(file, channel));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns the element type. */
  public DType dtype() {
    return header.dtype();
  }

  /** Returns the extents; empty for a single number. */
  public List<Long> shape() {
    return header.shape();
  }

  /** Returns the number of rows: the first extent, or 1 for a single number. */
  public long rows() {
    return shape().isEmpty() ? 1 : shape().get(0);
  }

  /** Returns the size of one row in bytes. */
  public long rowBytes() {
    return shape().isEmpty()
        ? dtype().bytes()
        : Shapes.bytes(dtype(), shape().subList(1, shape().size()));
  }

  /**
   * Maps rows {@code first} to {@code first + count - 1}, read-only and little-endian.
   *
   * @throws IndexOutOfBoundsException if there are no such rows
   * @throws FormatException if they are over 2 GiB together
   * @throws IOException if they cannot be mapped
   */
  public ByteBuffer rows(long first, int count) throws IOException {
    if (first < 0 || count < 0 || first > rows() - count) {
      throw new IndexOutOfBoundsException(
          file + ": rows " + first + " to " + (first + count - 1) + " of " + rows());
    }
    if (count > 0 && rowBytes() > Integer.MAX_VALUE / count) {
      throw new FormatException(
          file, "row " + first, count + " rows of " + rowBytes() + " bytes are over 2 GiB");
    }
    return channel
        .map(
            FileChannel.MapMode.READ_ONLY,
            header.dataStart() + first * rowBytes(),
            count * rowBytes())
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a whole array of floats.
   *
   * @throws FormatException if the array is not FLOAT32 or over 2 GiB
   * @throws IOException if it cannot be read
   */
  public float[] readFloats() throws IOException {
    requireType(DType.FLOAT32);
    ByteBuffer bytes = rows(0, allRows());
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /**
   * Reads a whole array of integers: UINT8, INT32 or INT64.
   *
   * @throws FormatException if the array is of another type, or over 2 GiB
   * @throws IOException if it cannot be read
   */
  public long[] readIntegers() throws IOException {
    ByteBuffer bytes = rows(0, allRows());
    long[] values = new long[bytes.remaining() / dtype().bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype()) {
            case UINT8 -> Byte.toUnsignedInt(bytes.get());
            case INT32 -> bytes.getInt();
            case INT64 -> bytes.getLong();
            default ->
                throw new FormatException(
                    file, "header", "the type is " + dtype() + ", needed are integers");
          };
    }
    return values;
  }

  /**
   * Checks the element type.
   *
   * @throws FormatException if it is another one
   */
  public void requireType(DType wanted) throws FormatException {
    if (dtype() != wanted) {
      throw new FormatException(file, "header", "the type is " + dtype() + ", needed is " + wanted);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private int allRows() throws FormatException {
    if (rows() > Integer.MAX_VALUE) {
      throw new FormatException(file, "header", rows() + " rows do not fit into an array");
    }
    return (int) rows();
  }
}
