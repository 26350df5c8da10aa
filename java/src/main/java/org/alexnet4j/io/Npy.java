package org.alexnet4j.io;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;

/**
 * An open NumPy file ({@code .npy}): one array that is mapped row by row, or read as a whole.
 *
 * <p>A row is one element of the first axis. The file may be larger than memory and than 2 GiB; one
 * mapping is at most 2 GiB. Rows are mapped as they are, so only of arrays in C order and
 * little-endian; read as a whole, an array may be of any type and order that NumPy writes. May be
 * used by several threads.
 */
public final class Npy implements AutoCloseable {
  private final Path file;
  private final ArrayBytes bytes;
  private final Closeable channel;
  private final NpyHeader header;

  private Npy(Path file, ArrayBytes bytes, Closeable channel, NpyHeader header) {
    this.file = file;
    this.bytes = bytes;
    this.channel = channel;
    this.header = header;
  }

  /**
   * Opens a file and checks its header against its length.
   *
   * @param file a {@code .npy} file
   * @return the array
   * @throws FormatException if it is damaged or of a type that is not read here
   * @throws IOException if it cannot be read
   */
  public static Npy open(Path file) throws IOException {
    if (Files.isDirectory(file)) { // it would open, and fail later without its name
      throw new FormatException(file, "the name", "is a folder; allowed: a file");
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      ArrayBytes bytes = ArrayBytes.of(channel);
      return new Npy(file, bytes, channel, NpyHeader.read(file, bytes));
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * {@return the array in a member of an archive}
   *
   * @param name what messages call it
   * @param member all its bytes
   * @throws FormatException if it is damaged or of a type that is not read here
   */
  public static Npy of(Path name, byte[] member) throws IOException {
    ArrayBytes bytes = ArrayBytes.of(member);
    return new Npy(name, bytes, () -> {}, NpyHeader.read(name, bytes));
  }

  /**
   * {@return type and shape of a member of an archive, of which no more than the beginning is read}
   *
   * @param name what messages call it
   * @param beginning as much of it as is there, at least the header
   * @param size bytes of the whole member
   * @throws FormatException if it is damaged or of a type that is not read here
   */
  public static TensorInfo describe(Path name, byte[] beginning, long size) throws IOException {
    NpyHeader header = NpyHeader.read(name, ArrayBytes.of(beginning), size);
    return new TensorInfo(name.toString(), header.dtype(), header.shape());
  }

  /** {@return the element type} */
  public DType dtype() {
    return header.dtype();
  }

  /** {@return the extents; empty for a single number} */
  public List<Long> shape() {
    return header.shape();
  }

  /** {@return the number of rows: the first extent, or 1 for a single number} */
  public long rows() {
    return shape().isEmpty() ? 1 : shape().get(0);
  }

  /** {@return the size of one row in bytes} */
  public long rowBytes() {
    return shape().isEmpty()
        ? dtype().bytes()
        : Shapes.bytes(dtype(), shape().subList(1, shape().size()));
  }

  /**
   * Maps rows {@code first} to {@code first + count - 1}, read-only and little-endian; whoever
   * touches them does it in a {@link MappedReads#guard}.
   *
   * @param first the first row, from 0
   * @param count how many rows, 0 or more
   * @return their elements, from 0 to the limit
   * @throws IndexOutOfBoundsException if there are no such rows
   * @throws FormatException if they are over 2 GiB together, or not in C order and little-endian
   * @throws IOException if they cannot be mapped
   */
  public ByteBuffer rows(long first, int count) throws IOException {
    if (first < 0 || count < 0 || first > rows() - count) {
      throw new IndexOutOfBoundsException(
          file + ": rows " + first + " to " + (first + count - 1) + " of " + rows());
    }
    requireOrder();
    return map(first, count);
  }

  private void requireOrder() throws FormatException {
    if (header.fortran() && shape().size() > 1) {
      throw new FormatException(
          file, "header", "Fortran order is not read here; save numpy.ascontiguousarray(array)");
    }
    if (header.order() != ByteOrder.LITTLE_ENDIAN && dtype().bytes() > 1) {
      throw new FormatException(
          file,
          "header",
          "big-endian is not read here; save array.astype(array.dtype.newbyteorder('<'))");
    }
  }

  private ByteBuffer map(long first, int count) throws IOException {
    if (count > 0 && rowBytes() > Integer.MAX_VALUE / count) {
      throw new FormatException(
          file, "row " + first, count + " rows of " + rowBytes() + " bytes are over 2 GiB");
    }
    long from = header.dataStart() + first * rowBytes();
    long length = count * rowBytes();
    if (bytes.size() < from + length) {
      throw new FormatException(
          file, "row " + first, "the file was cut to " + bytes.size() + " bytes while it was open");
    }
    return bytes.map(from, length).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Reads a whole array as floats, in C order. 64-bit floats are rounded to the nearest.
   *
   * @return the values
   * @throws FormatException if the array is over 2 GiB, or a value is no float: an integer between
   *     two of them, or a number over their range; names its place
   * @throws IOException if it cannot be read
   */
  public float[] readFloats() throws IOException {
    return MappedReads.guard("array", this::floats, file);
  }

  private float[] floats() throws IOException {
    ByteBuffer whole = whole();
    float[] values = new float[whole.remaining() / dtype().bytes()];
    if (dtype() == DType.FLOAT32 && !header.fortran()) {
      whole.asFloatBuffer().get(values);
      return values;
    }
    forEach((from, to) -> values[to] = Elements.toFloat(dtype(), whole, from));
    return values;
  }

  /**
   * Reads a whole array as integers, in C order.
   *
   * @return the values
   * @throws FormatException if the array is over 2 GiB, or a value is not whole; names its place
   * @throws IOException if it cannot be read
   */
  public long[] readIntegers() throws IOException {
    return MappedReads.guard("array", this::integers, file);
  }

  private long[] integers() throws IOException {
    ByteBuffer whole = whole();
    long[] values = new long[whole.remaining() / dtype().bytes()];
    forEach((from, to) -> values[to] = Elements.toInteger(dtype(), whole, from));
    return values;
  }

  private ByteBuffer whole() throws IOException {
    return map(0, allRows()).order(header.order());
  }

  /** Takes an element from a byte of the file's data to an index in C order. */
  private interface Move {
    void move(int fromByte, int toIndex) throws Elements.NoEqualException;
  }

  /** Visits all elements in the order of the file. */
  private void forEach(Move move) throws FormatException {
    int axes = shape().size();
    int[] strides = new int[axes]; // of C order, in elements
    long stride = 1;
    for (int axis = axes - 1; axis >= 0; axis--) {
      strides[axis] = (int) stride;
      stride *= shape().get(axis);
    }
    long[] index = new long[axes];
    int to = 0;
    for (int n = 0; n < stride; n++) {
      try {
        move.move(n * dtype().bytes(), to);
      } catch (Elements.NoEqualException e) {
        throw new FormatException(file, "element " + Arrays.toString(index), e.getMessage());
      }
      for (int i = 0; i < axes; i++) { // adds one to the axis that runs fastest in the file
        int axis = header.fortran() ? i : axes - 1 - i;
        to += strides[axis];
        if (++index[axis] < shape().get(axis)) {
          break;
        }
        to -= (int) (strides[axis] * index[axis]);
        index[axis] = 0;
      }
    }
  }

  /**
   * Checks the element type.
   *
   * @param wanted the type that the caller needs
   * @throws FormatException if it is another one
   */
  public void requireType(DType wanted) throws FormatException {
    if (dtype() != wanted) {
      throw new FormatException(file, "header", "the type is " + dtype() + ", needed is " + wanted);
    }
  }

  /**
   * Checks that the array is of this type and these extents, in C order and little-endian, so that
   * its elements lie in the file from {@link #dataStart} to the end as a program expects them.
   *
   * @param wanted the type that the caller needs
   * @param extents the extents that the caller needs
   * @throws FormatException if it is another one; the text says both
   */
  public void require(DType wanted, long... extents) throws FormatException {
    List<Long> shape = Shapes.list(extents);
    if (dtype() != wanted || !shape().equals(shape)) {
      throw new FormatException(
          file,
          "header",
          "is "
              + Shapes.describe(dtype(), shape())
              + ", needed is "
              + Shapes.describe(wanted, shape));
    }
    requireOrder();
  }

  /** {@return where the array begins, in bytes from the start of the file} */
  public long dataStart() {
    return header.dataStart();
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
