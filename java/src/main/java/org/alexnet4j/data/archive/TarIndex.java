package org.alexnet4j.data.archive;

import com.google.common.primitives.ImmutableLongArray;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Locale;
import org.alexnet4j.data.message.FileNote;

/**
 * Where the members of a plain tar archive lie. A member that is itself an archive, such as {@code
 * n01440764.tar} in the one of the ILSVRC training images, becomes a folder of its members.
 */
final class TarIndex {
  private static final String ARCHIVE = ".tar";
  private static final int DEPTH = 1;

  private final PathList.Builder paths = new PathList.Builder();
  private final ImmutableLongArray.Builder starts = ImmutableLongArray.builder();
  private final ImmutableLongArray.Builder sizes = ImmutableLongArray.builder();
  private final FileNote.Builder notes = new FileNote.Builder();

  /**
   * Adds the members of the archive that begins at {@code from}, with its own members' archives.
   */
  void add(FileChannel channel, String archive, long from, long bytes, String folder)
      throws IOException {
    TarMembers reader =
        new TarMembers(new Part(channel, from, from + bytes), archive, bytes, notes);
    while (reader.next()) {
      ArchiveMembers.checkCount(paths.size(), archive);
      String path = folder + reader.path();
      boolean nested = !reader.folder() && isArchive(path) && depth(folder) < DEPTH;
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
    if (reader.behind() > 0 && folder.isEmpty()) {
      notes.say(ArchiveMembers.behind(reader.behind()));
    } else if (reader.behind() > 0) {
      notes.add("archives inside have bytes behind their end, which are not used", folder);
    }
  }

  private static boolean isArchive(String path) {
    return path.toLowerCase(Locale.ROOT).endsWith(ARCHIVE);
  }

  private static int depth(String folder) {
    return folder.isEmpty() ? 0 : DEPTH;
  }

  /** Returns the files, of those with one path the last, to be read in place. */
  ImageFiles build(Path file) throws IOException {
    PathList all = paths.build();
    ArchiveMembers.requireSlashes(all, file.toString());
    BitSet kept = ArchiveMembers.last(all, notes);
    ImmutableLongArray from = starts.build();
    ImmutableLongArray bytes = sizes.build();
    return new TarFiles(
        file,
        all.only(kept),
        notes.build(),
        kept.stream().mapToLong(from::get).toArray(),
        kept.stream().mapToLong(bytes::get).toArray());
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
