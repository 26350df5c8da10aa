package org.alexnet4j.data.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry.NameSource;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** Files in a zip archive, unpacked one by one when they are read. */
final class ZipFiles extends ImageFiles {
  private static final int END_MAGIC = 0x06054B50;
  private static final int END_BYTES = 22;

  private final ZipFile zip;
  private final ZipArchiveEntry[] entries;

  private ZipFiles(
      Path file, PathList paths, List<FileNote> notes, ZipFile zip, List<ZipArchiveEntry> entries) {
    super(file.toString(), paths, notes);
    this.zip = zip;
    this.entries = entries.toArray(ZipArchiveEntry[]::new);
  }

  /** Opens an archive and checks its list of members. */
  public static ImageFiles open(Path file) throws IOException {
    ZipFile zip;
    try {
      zip = ZipFile.builder().setPath(file).setCharset(StandardCharsets.UTF_8).get();
    } catch (IOException | IllegalArgumentException e) {
      throw new DataException(
          file.toString(), "damaged zip: " + e.getMessage(), ArchiveMembers.ALLOWED, e);
    }
    try {
      return list(file, zip);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static ImageFiles list(Path file, ZipFile zip) throws IOException {
    PathList.Builder paths = new PathList.Builder();
    List<ZipArchiveEntry> entries = new ArrayList<>();
    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
      ArchiveMembers.checkCount(paths.size(), file.toString());
      requireText(file, entry);
      String path = ArchiveMembers.path(file.toString(), entry.getName());
      check(file, zip, entry);
      if (!path.isEmpty()) {
        paths.add(path, entry.isDirectory());
        entries.add(entry);
      }
    }
    FileNote.Builder notes = new FileNote.Builder();
    PathList all = paths.build();
    ArchiveMembers.requireSlashes(all, file.toString());
    if (zip.getFirstLocalFileHeaderOffset() > 0 && !entries.isEmpty()) {
      long before = zip.getFirstLocalFileHeaderOffset();
      notes.say(String.format(Locale.ROOT, "%,d bytes before the archive are not used", before));
    }
    long behind = behind(file);
    if (behind > 0) {
      notes.say(ArchiveMembers.behind(behind));
    }
    BitSet kept = ArchiveMembers.last(all, notes);
    return new ZipFiles(
        file, all.only(kept), notes.build(), zip, kept.stream().mapToObj(entries::get).toList());
  }

  /** Without a word on their encoding names may be in any, and two of them become one. */
  private static void requireText(Path file, ZipArchiveEntry entry) throws DataException {
    byte[] raw = entry.getRawName();
    if (raw == null || entry.getNameSource() == NameSource.UNICODE_EXTRA_FIELD) {
      return;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw));
    } catch (CharacterCodingException e) {
      throw ArchiveMembers.noText(file.toString(), ArchiveMembers.escaped(raw), "zip");
    }
  }

  /** Returns how many bytes lie behind the record that ends the archive and its comment. */
  private static long behind(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int bytes = (int) Math.min(channel.size(), END_BYTES + 0xFFFF);
      ByteBuffer tail = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
      while (tail.hasRemaining()
          && channel.read(tail, channel.size() - bytes + tail.position()) >= 0) {}
      for (int at = bytes - END_BYTES; at >= 0; at--) {
        if (tail.getInt(at) == END_MAGIC) {
          int comment = tail.getShort(at + END_BYTES - 2) & 0xFFFF;
          return Math.max(0, bytes - at - END_BYTES - comment);
        }
      }
      return 0;
    }
  }

  private static void check(Path file, ZipFile zip, ZipArchiveEntry entry) throws DataException {
    String wrong =
        entry.isUnixSymlink()
            ? "is a link"
            : entry.getGeneralPurposeBit().usesEncryption()
                ? "is encrypted"
                : !zip.canReadEntryData(entry)
                    ? "is packed by method " + entry.getMethod()
                    : entry.getSize() < 0 ? "has no size" : null;
    if (wrong != null) {
      throw new DataException(
          file.toString(),
          "member " + entry.getName() + " " + wrong,
          "files, stored or deflated, without a password");
    }
  }

  @Override
  public String display(String path) {
    return root() + "!/" + path;
  }

  @Override
  public byte[] read(int index) throws IOException {
    ZipArchiveEntry entry = entries[index];
    if (entry.getSize() > MAX_FILE_BYTES) {
      throw tooLarge(path(index), entry.getSize());
    }
    byte[] content;
    try (InputStream in = zip.getInputStream(entry)) {
      content = in.readNBytes((int) entry.getSize() + 1); // one more than there should be
    } catch (IOException e) {
      throw damaged(index, e.getMessage(), e);
    }
    if (content.length != entry.getSize()) {
      throw damaged(index, "its size is not " + entry.getSize() + " bytes, as listed", null);
    }
    CRC32 checksum = new CRC32();
    checksum.update(content);
    if (checksum.getValue() != entry.getCrc()) {
      throw damaged(index, "differs from its checksum", null);
    }
    return content;
  }

  private DataException damaged(int index, String reason, IOException cause) {
    return new DataException(
        display(path(index)), "damaged zip data: " + reason, "a whole archive", cause);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
