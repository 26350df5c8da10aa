package org.alexnet4j.data.archive;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** Opens archives by their content, not by their names. */
final class Archives {
  /** Most memory that an .xz file may demand of its reader; xz -9 needs 64 MiB. */
  private static final int MAX_XZ_KIBIBYTES = 256 << 10;

  private static final int MAGIC_BYTES = 6;

  /** The first bytes of what people pack images by. */
  private enum Kind {
    XZ("xz", 0xFD, '7', 'z', 'X', 'Z', 0),
    GZIP("gzip", 0x1F, 0x8B),
    BZIP2("bzip2", 'B', 'Z', 'h'),
    ZIP("zip", 'P', 'K', 3, 4),
    EMPTY_ZIP("zip", 'P', 'K', 5, 6),
    ZSTD("zstd", 0x28, 0xB5, 0x2F, 0xFD),
    LZ4("lz4", 0x04, 0x22, 0x4D, 0x18),
    LZIP("lzip", 'L', 'Z', 'I', 'P'),
    COMPRESS("compress", 0x1F, 0x9D),
    SEVEN_ZIP("7z", '7', 'z', 0xBC, 0xAF),
    RAR("rar", 'R', 'a', 'r', '!'),
    /** What else begins a tar archive is the path of a member. */
    PLAIN("tar");

    private final String packer;
    private final int[] magic;

    Kind(String packer, int... magic) {
      this.packer = packer;
      this.magic = magic;
    }

    private boolean begins(byte[] bytes) {
      for (int i = 0; i < magic.length; i++) {
        if (i >= bytes.length || (bytes[i] & 255) != magic[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private Archives() {}

  /**
   * Opens an archive.
   *
   * @throws DataException if it is damaged, or of a kind that is not read
   * @throws IOException if it cannot be read
   */
  static ImageFiles open(Path file) throws IOException {
    byte[] magic;
    try (InputStream in = Files.newInputStream(file)) {
      magic = in.readNBytes(MAGIC_BYTES);
    }
    Kind kind =
        List.of(Kind.values()).stream().filter(k -> k.begins(magic)).findFirst().orElseThrow();
    return switch (kind) {
      case PLAIN -> index(file);
      case ZIP, EMPTY_ZIP -> ZipFiles.open(file);
      case XZ, GZIP, BZIP2 -> unpack(file, kind);
      case ZSTD, LZ4, LZIP, COMPRESS, SEVEN_ZIP, RAR ->
          throw new DataException(
              file.toString(), "packed by " + kind.packer, ArchiveMembers.ALLOWED);
    };
  }

  private static ImageFiles index(Path file) throws IOException {
    TarIndex index = new TarIndex();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      index.add(channel, file.toString(), 0, channel.size(), "");
    }
    return index.build(file);
  }

  private static ImageFiles unpack(Path file, Kind kind) throws IOException {
    try (BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return UnpackedFiles.read(file, () -> stream(raw, kind), kind.packer);
    }
  }

  /** Undoes the packing; several packed streams behind each other are one. */
  private static InputStream stream(BufferedInputStream raw, Kind kind) throws IOException {
    return switch (kind) {
      case XZ -> new XZInputStream(raw, MAX_XZ_KIBIBYTES);
      case BZIP2 -> new BZip2CompressorInputStream(raw, true);
      default -> new GzipMembers(raw);
    };
  }
}
