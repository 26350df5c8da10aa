package org.alexnet4j.data.packed;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.alexnet4j.data.message.DataException;

/** Reads a file of packed images from its first to its last byte. */
public final class PackedShard {
  /** What is done with each image. */
  public interface Visitor {
    void visit(int row, byte[] rgb);
  }

  private PackedShard() {}

  /**
   * Visits all images.
   *
   * @return SHA-256 of the whole file
   * @throws DataException if the file is not an array of so many images
   */
  public static String scan(Path file, int images, int side, Visitor visitor) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    byte[] rgb = new byte[3 * side * side];
    int header = (int) PackedArray.pixelStart(file, images, side);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      byte[] head = new byte[header];
      read(channel, head, file);
      hasher.putBytes(head);
      for (int row = 0; row < images; row++) {
        read(channel, rgb, file);
        hasher.putBytes(rgb);
        visitor.visit(row, rgb);
      }
    }
    return hasher.hash().toString();
  }

  private static void read(FileChannel channel, byte[] to, Path file) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(to);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(file + ": ended while it was read");
      }
    }
  }
}
