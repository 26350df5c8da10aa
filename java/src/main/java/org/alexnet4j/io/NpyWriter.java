package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * Writes a NumPy file ({@code .npy}, version 1.0, C order), in one piece or in many.
 *
 * <p>The shape is given first; {@link #commit} insists that exactly that many bytes came. One
 * thread writes.
 */
public final class NpyWriter implements AutoCloseable {
  private final AtomicFile file;
  private final Path path;
  private final long bytes;
  private long written;

  private NpyWriter(AtomicFile file, Path path, long bytes) {
    this.file = file;
    this.path = path;
    this.bytes = bytes;
  }

  /**
   * Begins a file and writes its header.
   *
   * @param path the file, replaced if it is there
   * @param dtype type of the elements
   * @param shape extents; none for a single number
   * @return the file; the caller writes all elements
   * @throws IllegalArgumentException if the shape is impossible
   * @throws IOException if the file cannot be created
   */
  public static NpyWriter create(Path path, DType dtype, long... shape) throws IOException {
    List<Long> extents = Shapes.list(shape);
    long bytes = Shapes.bytes(dtype, extents);
    if (bytes < 0) {
      throw new IllegalArgumentException(path + ": no such shape: " + extents);
    }
    ByteBuffer header = NpyHeader.encode(dtype, extents);
    AtomicFile file = AtomicFile.create(path);
    try {
      file.write(header);
      return new NpyWriter(file, path, bytes);
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Writes a whole array of floats.
   *
   * @param path the file, replaced if it is there
   * @param values in C order
   * @param shape extents; none for a single number
   * @throws IllegalArgumentException if the shape has another number of elements
   * @throws IOException if the disk is full or fails
   */
  public static void writeFloats(Path path, float[] values, long... shape) throws IOException {
    try (NpyWriter writer = create(path, DType.FLOAT32, shape)) {
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < values.length; ) {
        int count = Math.min(values.length - i, chunk.capacity() / Float.BYTES);
        chunk.clear();
        chunk.asFloatBuffer().put(values, i, count);
        writer.write(chunk.limit(count * Float.BYTES));
        i += count;
      }
      writer.commit();
    }
  }

  /**
   * Writes the next bytes, already little-endian.
   *
   * @param next from the position to the limit
   * @throws IllegalArgumentException if these are more than the shape holds
   * @throws IOException if the disk is full or fails
   */
  public void write(ByteBuffer next) throws IOException {
    if (next.remaining() > bytes - written) {
      throw new IllegalArgumentException(
          path + ": the shape has " + bytes + " bytes, not " + (written + next.remaining()));
    }
    written += next.remaining();
    file.write(next);
  }

  /**
   * Completes the file: syncs it and gives it its name.
   *
   * @throws IllegalArgumentException if bytes are missing
   * @throws IOException if the disk is full or fails
   */
  public void commit() throws IOException {
    if (written != bytes) {
      throw new IllegalArgumentException(
          path + ": the shape has " + bytes + " bytes, not " + written);
    }
    file.commit();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  /**
   * {@return an array with its header, as a member of an archive}
   *
   * @param dtype type of the elements
   * @param elements little-endian, from the position on
   * @param shape extents; none for a single number
   * @throws IllegalArgumentException if the shape has another number of elements
   */
  public static byte[] bytes(DType dtype, ByteBuffer elements, long... shape) {
    if (Shapes.bytes(dtype, Shapes.list(shape)) != elements.remaining()) {
      throw new IllegalArgumentException(
          elements.remaining() + " bytes for " + Shapes.describe(dtype, Shapes.list(shape)));
    }
    ByteBuffer header = NpyHeader.encode(dtype, Shapes.list(shape));
    byte[] all = new byte[header.remaining() + elements.remaining()];
    int start = header.remaining();
    header.get(all, 0, start);
    elements.get(elements.position(), all, start, elements.remaining());
    return all;
  }
}
