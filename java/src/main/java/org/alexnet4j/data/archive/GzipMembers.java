package org.alexnet4j.data.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * The members of a gzip file as one stream. Each is checked by its checksum; behind the last one
 * only zeros may lie, as tapes are padded.
 */
final class GzipMembers extends InputStream {
  private static final int MAGIC = 0x1F;

  private final BufferedInputStream in;
  private InputStream member;
  private boolean done;

  GzipMembers(BufferedInputStream in) throws IOException {
    this.in = in;
    this.member = new GzipCompressorInputStream(in);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
  }

  @Override
  public int read(byte[] to, int offset, int length) throws IOException {
    while (!done) {
      int got = member.read(to, offset, length);
      if (got >= 0) {
        return got;
      }
      done = !hasAnother();
      member = done ? member : new GzipCompressorInputStream(in);
    }
    return -1;
  }

  /** Passes over zeros to the beginning of another member. */
  private boolean hasAnother() throws IOException {
    int next;
    do {
      in.mark(1);
      next = in.read();
    } while (next == 0);
    if (next >= 0 && next != MAGIC) {
      throw new IOException("bytes that are not gzip's behind its data");
    }
    in.reset();
    return next >= 0;
  }
}
