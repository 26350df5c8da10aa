package org.alexnet4j.data.packed;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** SHA-256 of files. */
public final class Hashes {
  private static final int CHUNK = 1 << 20;

  private Hashes() {}

  /** Returns the hash of a whole file in hexadecimal. */
  public static String ofFile(Path file) throws IOException {
    Hasher hasher = Hashing.sha256().newHasher();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (channel.read(chunk.clear()) >= 0) {
        hasher.putBytes(chunk.flip());
      }
    }
    return hasher.hash().toString();
  }
}
