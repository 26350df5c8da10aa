package org.alexnet4j.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/**
 * Files in a tar archive. A plain archive is indexed once and read in place; a compressed one is
 * unpacked into memory, because its members cannot be found again without reading everything before
 * them.
 */
final class TarFiles {
  /** Most bytes of members that a compressed archive may have. */
  static final long MAX_UNPACKED_BYTES = 1L << 30;

  /** Most memory that an .xz file may demand of its reader; xz -9 needs 64 MiB. */
  private static final int MAX_XZ_KIBIBYTES = 256 << 10;

  private static final int MAGIC_BYTES = 6;

  private TarFiles() {}

  /** Opens an archive by its content, not by its name. */
  static ImageFiles open(Path file) throws IOException {
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(MAGIC_BYTES);
    }
    if (startsWith(magic, 0xFD, '7', 'z', 'X', 'Z', 0)) {
      return unpack(file, "xz");
    }
    if (startsWith(magic, 0x1F, 0x8B)) {
      return unpack(file, "gzip");
    }
    return index(file);
  }

  private static boolean startsWith(byte[] bytes, int... magic) {
    for (int i = 0; i < magic.length; i++) {
      if (i >= bytes.length || (bytes[i] & 255) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  private static ImageFiles index(Path file) throws IOException {
    TarIndex index = new TarIndex();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      index.add(channel, file.toString(), 0, channel.size(), "");
    }
    return new Plain(file, index.paths(), index.starts(), index.sizes());
  }

  private static ImageFiles unpack(Path file, String packer) throws IOException {
    PathList.Builder paths = new PathList.Builder();
    List<byte[]> contents = new ArrayList<>();
    long total = 0;
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
        InputStream in =
            packer.equals("xz")
                ? new XZInputStream(raw, MAX_XZ_KIBIBYTES)
                : new GZIPInputStream(raw)) {
      TarReader reader = new TarReader(in, file.toString(), Long.MAX_VALUE);
      while (reader.next()) {
        TarIndex.checkCount(paths.size(), file.toString());
        total += reader.bytes();
        if (total > MAX_UNPACKED_BYTES) {
          throw new DataException(
              file.toString(),
              "it unpacks to more than " + MAX_UNPACKED_BYTES + " bytes",
              "a plain .tar or a folder for sets of this size");
        }
        paths.add(reader.path(), reader.folder());
        contents.add(reader.folder() ? null : reader.content());
      }
    } catch (DataException e) {
      throw e;
    } catch (EOFException e) {
      throw new DataException(file.toString(), "the file ends too early", "a whole archive", e);
    } catch (IOException e) {
      throw new DataException(
          file.toString(), "damaged " + packer + " data: " + e, "a whole archive", e);
    }
    return new Unpacked(file, paths.build(), contents.toArray(new byte[0][]));
  }

  private static final class Plain extends ImageFiles {
    private final FileChannel channel;
    private final long[] starts;
    private final long[] sizes;

    Plain(Path file, PathList paths, long[] starts, long[] sizes) throws IOException {
      super(file.toString(), paths);
      this.starts = starts;
      this.sizes = sizes;
      this.channel = FileChannel.open(file, StandardOpenOption.READ);
    }

    @Override
    String display(String path) {
      return root() + "!/" + path;
    }

    @Override
    byte[] read(int entry) throws IOException {
      if (sizes[entry] > MAX_FILE_BYTES) {
        throw tooLarge(path(entry), sizes[entry]);
      }
      return read(entry, (int) sizes[entry]);
    }

    @Override
    byte[] head(int entry) throws IOException {
      return read(entry, (int) Math.min(HEAD_BYTES, sizes[entry]));
    }

    private byte[] read(int entry, int bytes) throws IOException {
      ByteBuffer content = ByteBuffer.allocate(bytes);
      long at = starts[entry];
      while (content.hasRemaining()) {
        if (channel.read(content, at + content.position()) < 0) {
          throw new DataException(
              display(path(entry)), "the archive has shrunk", "a whole archive");
        }
      }
      return content.array();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static final class Unpacked extends ImageFiles {
    private final byte[][] contents;

    Unpacked(Path file, PathList paths, byte[][] contents) {
      super(file.toString(), paths);
      this.contents = contents;
    }

    @Override
    String display(String path) {
      return root() + "!/" + path;
    }

    @Override
    byte[] read(int entry) {
      return contents[entry];
    }

    @Override
    void retain(int[] wanted) {
      BitSet kept = new BitSet(contents.length);
      for (int entry : wanted) {
        kept.set(entry);
      }
      for (int i = 0; i < contents.length; i++) {
        if (!kept.get(i)) {
          contents[i] = null;
        }
      }
    }
  }
}
