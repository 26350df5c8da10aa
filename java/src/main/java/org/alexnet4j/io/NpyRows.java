package org.alexnet4j.io;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A NumPy file of bytes whose rows come in any order from several threads, and whose number of rows
 * is known only at the end.
 *
 * <p>Rows go to a temporary name by plain writes, not through a mapping: a full disk is then an
 * {@link IOException} and not a signal. The header is written last; its length does not depend on
 * the number of rows.
 *
 * @hidden
 */
public final class NpyRows implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final FileChannel channel;
  private final List<Long> rowShape;
  private final int rowBytes;
  private final long dataStart;
  private boolean committed;

  private NpyRows(Path target, Path temporary, FileChannel channel, List<Long> rowShape) {
    this.target = target;
    this.temporary = temporary;
    this.channel = channel;
    this.rowShape = rowShape;
    this.rowBytes = Math.toIntExact(Shapes.bytes(DType.UINT8, rowShape));
    this.dataStart = header(0).remaining();
  }

  /**
   * Begins a file; its folder must be there. Left-overs of the same name are overwritten, so only
   * one process may write a file.
   *
   * @param target the file that appears at the end
   * @param rowShape extents of one row
   * @return the file
   * @throws IOException if the file cannot be created
   */
  public static NpyRows create(Path target, long... rowShape) throws IOException {
    Path temporary = target.resolveSibling("." + target.getFileName() + ".tmp");
    Files.deleteIfExists(temporary); // also a link that somebody put there
    FileChannel channel = FileChannel.open(temporary, CREATE_NEW, READ, WRITE);
    return new NpyRows(target, temporary, channel, Shapes.list(rowShape));
  }

  private ByteBuffer header(long rows) {
    List<Long> shape = new ArrayList<>();
    shape.add(rows);
    shape.addAll(rowShape);
    return NpyHeader.encode(DType.UINT8, shape);
  }

  /** {@return the bytes of one row} */
  public int rowBytes() {
    return rowBytes;
  }

  /**
   * Writes one row, the remaining bytes of {@code from}.
   *
   * @param row its number, from 0
   * @param from as many bytes as a row has
   * @throws IOException if the disk is full or fails; the text names the file
   */
  public void write(long row, ByteBuffer from) throws IOException {
    if (from.remaining() != rowBytes) {
      throw new IllegalArgumentException(
          target + ": a row has " + rowBytes + " bytes, not " + from.remaining());
    }
    writeAt(from, dataStart + row * rowBytes);
  }

  /**
   * Reads one row that was written, into the remaining bytes of {@code to}.
   *
   * @param row its number, from 0
   * @param to room for as many bytes as a row has
   * @throws IOException if it cannot be read
   */
  public void read(long row, ByteBuffer to) throws IOException {
    long at = dataStart + row * rowBytes;
    int end = to.position() + rowBytes;
    for (to.limit(end); to.hasRemaining(); ) {
      int got = channel.read(to, at + rowBytes - to.remaining());
      if (got < 0) {
        throw new EOFException(target + ": row " + row + " was not written");
      }
    }
  }

  /**
   * Keeps the first {@code rows} rows, writes the header, syncs the file and gives it its name.
   *
   * @param rows how many
   * @throws IOException if the disk is full or fails
   */
  public void commit(long rows) throws IOException {
    ByteBuffer header = header(rows);
    if (header.remaining() != dataStart) {
      throw new IllegalStateException(target + ": a header of " + header.remaining() + " bytes");
    }
    writeAt(header, 0);
    try {
      channel.truncate(dataStart + rows * rowBytes);
      channel.force(true);
      channel.close();
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      committed = true;
      try (FileChannel folder = FileChannel.open(target.toAbsolutePath().getParent(), READ)) {
        folder.force(true); // the rename itself lives in the folder
      }
    } catch (IOException e) {
      throw new IOException(target + ": cannot be completed: " + Reason.of(e), e);
    }
  }

  private void writeAt(ByteBuffer from, long at) throws IOException {
    try {
      while (from.hasRemaining()) {
        at += channel.write(from, at);
      }
    } catch (IOException e) {
      throw new IOException(target + ": writing failed: " + Reason.of(e), e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    if (!committed) {
      Files.deleteIfExists(temporary);
    }
  }
}
