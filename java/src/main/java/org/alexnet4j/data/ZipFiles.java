package org.alexnet4j.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/** Files in a zip archive, unpacked one by one when they are read. */
final class ZipFiles extends ImageFiles {
  private final ZipFile zip;
  private final ZipArchiveEntry[] entries;

  private ZipFiles(
      Path file, PathList paths, List<FileNote> notes, ZipFile zip, List<ZipArchiveEntry> entries) {
    super(file.toString(), paths, notes);
    this.zip = zip;
    this.entries = entries.toArray(ZipArchiveEntry[]::new);
  }

  /** Opens an archive and checks its list of members. */
  static ImageFiles open(Path file) throws IOException {
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

  private static ImageFiles list(Path file, ZipFile zip) throws DataException {
    PathList.Builder paths = new PathList.Builder();
    List<ZipArchiveEntry> entries = new ArrayList<>();
    for (ZipArchiveEntry entry : Collections.list(zip.getEntries())) {
      ArchiveMembers.checkCount(paths.size(), file.toString());
      String path = ArchiveMembers.path(file.toString(), entry.getName());
      check(file, zip, entry);
      if (!path.isEmpty()) {
        paths.add(path, entry.isDirectory());
        entries.add(entry);
      }
    }
    FileNote.Builder notes = new FileNote.Builder();
    PathList all = paths.build();
    BitSet kept = ArchiveMembers.last(all, notes);
    return new ZipFiles(
        file, all.only(kept), notes.build(), zip, kept.stream().mapToObj(entries::get).toList());
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
  String display(String path) {
    return root() + "!/" + path;
  }

  @Override
  byte[] read(int index) throws IOException {
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
