package org.alexnet4j.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The bytes of a NumPy array with its header: those of a file, or of a member of an archive. */
interface ArrayBytes {
  /** Returns how many there are. */
  long size() throws IOException;

  /** Reads some from a place on, as {@link FileChannel#read(ByteBuffer, long)}. */
  int read(ByteBuffer to, long from) throws IOException;

  /** Returns a part of them without a copy. */
  ByteBuffer map(long from, long bytes) throws IOException;

  static ArrayBytes of(FileChannel channel) {
    return new ArrayBytes() {
      @Override
      public long size() throws IOException {
        return channel.size();
      }

      @Override
      public int read(ByteBuffer to, long from) throws IOException {
        return channel.read(to, from);
      }

      @Override
      public ByteBuffer map(long from, long bytes) throws IOException {
        return channel.map(FileChannel.MapMode.READ_ONLY, from, bytes);
      }
    };
  }

  static ArrayBytes of(byte[] member) {
    return new ArrayBytes() {
      @Override
      public long size() {
        return member.length;
      }

      @Override
      public int read(ByteBuffer to, long from) {
        if (from >= member.length) {
          return -1;
        }
        int count = (int) Math.min(to.remaining(), member.length - from);
        to.put(member, (int) from, count);
        return count;
      }

      @Override
      public ByteBuffer map(long from, long bytes) {
        return ByteBuffer.wrap(member, (int) from, (int) bytes).slice();
      }
    };
  }
}
