package org.alexnet4j.data.archive;

import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a tar: knows the place, limits what headers may take, and watches what follows the
 * end of the archive.
 */
final class TarBytes extends InputStream {
  private static final int BUFFER_BYTES = 1 << 14;

  private final InputStream in;
  private long at;
  private long most = Long.MAX_VALUE;
  private long left = Long.MAX_VALUE;
  private boolean atEnd;
  private IOException failure;
  private boolean watches; // whether what comes should be zeros
  private long marked; // where the first record behind the mark begins
  private long other = -1; // place of the first byte there that is not

  TarBytes(InputStream in) {
    this.in = in;
  }

  /** Returns the place of the next byte. */
  long at() {
    return at;
  }

  /** Returns whether the last call to read found the end. */
  boolean atEnd() {
    return atEnd;
  }

  /** Returns what has failed below, or null. */
  IOException failure() {
    return failure;
  }

  /** Limits from here on how many bytes are read; Long.MAX_VALUE for no limit. */
  void limit(long bytes) {
    most = bytes;
    left = bytes;
  }

  /** Returns how many bytes behind the end of the archive are more than padding. */
  long behind() {
    return other < 0 ? 0 : at - other;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    if (length > left) {
      throw new IOException("names and settings of more than " + most + " bytes");
    }
    try {
      int got = in.read(to, offset, length);
      for (int i = 0; watches && other < 0 && i < got; i++) {
        other = to[offset + i] == 0 ? -1 : at + i;
      }
      atEnd = got < 0 && length > 0;
      at += Math.max(0, got);
      left -= left == Long.MAX_VALUE ? 0 : Math.max(0, got);
      return got;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public long skip(long count) throws IOException {
    if (watches) {
      byte[] some = new byte[(int) Math.min(count, BUFFER_BYTES)];
      return Math.max(0, read(some, 0, some.length));
    }
    try {
      long skipped = in.skip(count);
      at += skipped;
      return skipped;
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Looks from here on for bytes that are no padding. */
  void watch() {
    watches = true;
    marked = at;
  }

  /** Reads to the end of the stream, or, if that is known, to the first byte that is no padding. */
  void readBehind(long end) throws IOException {
    byte[] some = new byte[BUFFER_BYTES];
    while (other < 0 || end == Long.MAX_VALUE) {
      if (read(some, 0, some.length) < 0) {
        return;
      }
      if (at - marked > UnpackedFiles.MAX_BYTES) {
        throw new IOException("more than " + UnpackedFiles.MAX_BYTES + " bytes behind the end");
      }
    }
    at = end;
  }
}
