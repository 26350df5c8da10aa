package org.alexnet4j.data;

import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Where the members of a plain tar archive lie. A member that is itself an archive, such as {@code
 * n01440764.tar} in the one of the ILSVRC training images, becomes a folder of its members.
 */
final class TarIndex {
  /** More members than any set of images has; a limit against archives made to fill the memory. */
  static final int MAX_MEMBERS = 20_000_000;

  private static final String ARCHIVE = ".tar";
  private static final int DEPTH = 1;

  private final PathList.Builder paths = new PathList.Builder();
  private final ImmutableLongArray.Builder starts = ImmutableLongArray.builder();
  private final ImmutableLongArray.Builder sizes = ImmutableLongArray.builder();

  /** Refuses an archive with too many members. */
  static void checkCount(int members, String archive) throws DataException {
    if (members >= MAX_MEMBERS) {
      throw new DataException(
          archive, "more than " + MAX_MEMBERS + " members", "up to that many members");
    }
  }

  /**
   * Adds the members of the archive that begins at {@code from}, with its own members' archives.
   */
  void add(FileChannel channel, String archive, long from, long bytes, String folder)
      throws IOException {
    TarReader reader = new TarReader(new Part(channel, from, from + bytes), archive, bytes);
    while (reader.next()) {
      checkCount(paths.size(), archive);
      String path = folder + reader.path();
      boolean nested = !reader.folder() && path.endsWith(ARCHIVE) && depth(folder) < DEPTH;
      if (nested) {
        path = path.substring(0, path.length() - ARCHIVE.length());
      }
      paths.add(path, nested || reader.folder());
      starts.add(from + reader.start());
      sizes.add(reader.bytes());
      if (nested) {
        String inner = archive + "!/" + reader.path();
        add(channel, inner, from + reader.start(), reader.bytes(), path + "/");
      }
    }
  }

  private static int depth(String folder) {
    return folder.isEmpty() ? 0 : DEPTH;
  }

  PathList paths() {
    return paths.build();
  }

  long[] starts() {
    return starts.build().toArray();
  }

  long[] sizes() {
    return sizes.build().toArray();
  }

  /**
   * A part of a file as a stream: skipping is free. Reads ahead, because headers of small members
   * lie close together.
   */
  private static final class Part extends InputStream {
    private final FileChannel channel;
    private final long end;
    private final ByteBuffer ahead = ByteBuffer.allocate(1 << 14).limit(0);
    private long at; // of the byte behind those read ahead

    Part(FileChannel channel, long from, long end) {
      this.channel = channel;
      this.at = from;
      this.end = end;
    }

    private boolean fill() throws IOException {
      ahead.clear().limit((int) Math.min(ahead.capacity(), end - at));
      int got = ahead.hasRemaining() ? channel.read(ahead, at) : -1;
      at += Math.max(0, got);
      ahead.flip();
      return got > 0;
    }

    @Override
    public int read() throws IOException {
      return ahead.hasRemaining() || fill() ? ahead.get() & 255 : -1;
    }

    @Override
    public int read(byte[] to, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (!ahead.hasRemaining() && !fill()) {
        return -1;
      }
      int count = Math.min(length, ahead.remaining());
      ahead.get(to, offset, count);
      return count;
    }

    @Override
    public long skip(long count) {
      long wanted = Math.max(0, Math.min(count, end - at + ahead.remaining()));
      int buffered = (int) Math.min(wanted, ahead.remaining());
      ahead.position(ahead.position() + buffered);
      at += wanted - buffered;
      return wanted;
    }
  }
}
