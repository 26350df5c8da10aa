package org.alexnet4j.foreign.file;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * The members of a ZIP archive, none of which is ever written to a disk. The sizes that the
 * directory states are limits: members that together claim more than the archive has, packed ones
 * that claim more than packing can give, names that come twice or climb out of a folder are
 * refused, and a member's bytes are held against its checksum.
 */
final class ZipMembers implements Closeable {
  private static final int MOST_MEMBERS = 10_000;
  private static final long MOST_BYTES = Integer.MAX_VALUE - 64; // of one Java array

  /** Deflate packs 1,032 bytes into one at most. */
  private static final long MOST_RATIO = 1032;

  private final Path file;
  private final ZipFile zip;
  private final Map<String, ZipEntry> members = new LinkedHashMap<>();

  private ZipMembers(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /**
   * Opens an archive and checks its directory.
   *
   * @param mayBePacked whether members may be deflated; otherwise they are stored as they are
   */
  static ZipMembers open(Path file, boolean mayBePacked) throws IOException {
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw unreadable(file, e);
    }
    try {
      ZipMembers members = new ZipMembers(file, zip);
      members.list(mayBePacked);
      return members;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static FormatException unreadable(Path file, Exception e) {
    String why = e.getMessage() == null ? "" : " (" + e.getMessage() + ")";
    return new FormatException(
        file, "ZIP directory", "cannot be read" + why + "; it is damaged or cut");
  }

  /** Java looks at a member's comment when it is asked for the member, and not before. */
  private List<ZipEntry> entries() throws FormatException {
    List<ZipEntry> entries = new ArrayList<>();
    try {
      zip.stream().forEach(entries::add);
    } catch (IllegalArgumentException e) { // it is no UTF-8
      throw unreadable(file, e);
    }
    return entries;
  }

  private void list(boolean mayBePacked) throws FormatException {
    if (zip.size() > MOST_MEMBERS) {
      throw new FormatException(
          file, "ZIP directory", "has " + zip.size() + " members; allowed: " + MOST_MEMBERS);
    }
    long fileBytes = file.toFile().length();
    long packed = 0;
    for (ZipEntry entry : entries()) {
      String name = entry.getName();
      if (name.startsWith("/") || name.contains("..") || name.indexOf('\\') >= 0) {
        throw bad(name, "leads out of the archive; allowed: names inside of it");
      }
      boolean stored = entry.getMethod() == ZipEntry.STORED;
      long size = entry.getSize();
      long most = stored ? entry.getCompressedSize() : entry.getCompressedSize() * MOST_RATIO;
      if (!stored && !(mayBePacked && entry.getMethod() == ZipEntry.DEFLATED)) {
        throw bad(name, "is packed by method " + entry.getMethod() + "; allowed: stored as it is");
      }
      packed += entry.getCompressedSize();
      if (size < 0 || size > most || packed > fileBytes || (stored && size != most)) {
        throw bad(name, "claims " + size + " bytes, which the archive has no room for");
      }
      if (members.put(name, entry) != null) {
        throw bad(name, "comes twice; allowed: once");
      }
    }
  }

  private FormatException bad(String member, String what) {
    return new FormatException(file, "member " + Printable.name(member), what);
  }

  Set<String> names() {
    return members.keySet();
  }

  long size(String name) {
    return members.get(name).getSize();
  }

  /**
   * Reads a member and compares it with size and checksum.
   *
   * @param most bytes that the caller has use for
   */
  byte[] read(String name, long most) throws IOException {
    ZipEntry entry = members.get(name);
    if (entry == null) {
      throw bad(name, "is missing");
    }
    long limit = Math.min(most, MOST_BYTES);
    if (entry.getSize() > limit) {
      throw bad(name, "has " + entry.getSize() + " bytes; allowed: " + limit);
    }
    byte[] bytes = prefix(name, (int) entry.getSize() + 1);
    if (bytes.length != entry.getSize()) {
      throw bad(name, "has other than the " + entry.getSize() + " bytes that it claims");
    }
    CRC32 sum = new CRC32();
    sum.update(bytes);
    if (sum.getValue() != entry.getCrc()) {
      throw bad(name, "differs from its checksum; the file is damaged");
    }
    return bytes;
  }

  /** Reads the first bytes of a member, fewer if it is shorter. */
  byte[] prefix(String name, int most) throws IOException {
    try (InputStream in = zip.getInputStream(members.get(name))) {
      return in.readNBytes(most);
    } catch (ZipException | EOFException e) {
      throw bad(name, "cannot be unpacked (" + e.getMessage() + ")");
    }
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
