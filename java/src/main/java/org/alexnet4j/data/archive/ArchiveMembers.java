package org.alexnet4j.data.archive;

import com.google.common.hash.HashFunction;
import com.google.common.hash.Hashing;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** What holds for the members of archives of every kind: their paths, and which of them count. */
public final class ArchiveMembers {
  /** What is opened besides folders. */
  public static final String ALLOWED =
      "a .tar, .tar.gz, .tar.xz, .tar.bz2 or .zip of folders and files, or a folder";

  /** More members than any set of images has; a limit against archives made to fill the memory. */
  static final int MAX_MEMBERS = 20_000_000;

  private static final HashFunction HASH = Hashing.farmHashFingerprint64();
  private static final String TWICE =
      "members have the path of a later one, which counts, as in unpacking";

  private ArchiveMembers() {}

  /** Refuses an archive with too many members. */
  static void checkCount(int members, String archive) throws DataException {
    if (members >= MAX_MEMBERS) {
      throw new DataException(
          archive, "more than " + MAX_MEMBERS + " members", "up to that many members");
    }
  }

  /**
   * Returns a member's path without empty parts and those that mean the folder itself; empty for
   * the root.
   *
   * @throws DataException if it leads out of the archive, as no honest set of images has it
   */
  static String path(String archive, String name) throws DataException {
    if (name.startsWith("/")) {
      throw leads(archive, name, "leads out of the archive");
    }
    if (name.indexOf('\0') >= 0) {
      throw leads(archive, name, "has a zero byte in its name");
    }
    StringBuilder path = new StringBuilder(name.length());
    int from = 0;
    while (from <= name.length()) {
      int slash = name.indexOf('/', from);
      int end = slash < 0 ? name.length() : slash;
      String part = name.substring(from, end);
      if (part.equals("..")) {
        throw leads(archive, name, "leads out of the archive");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        path.append(path.isEmpty() ? "" : "/").append(part);
      }
      from = end + 1;
    }
    return path.toString();
  }

  /** Returns the bytes of a name as text, those that are not ASCII as in {@code \\xe9}. */
  static String escaped(byte[] name) {
    StringBuilder text = new StringBuilder();
    for (byte b : name) {
      if (b < 0) {
        text.append(String.format(Locale.ROOT, "\\x%02x", b & 255));
      } else {
        text.append((char) b);
      }
    }
    return text.toString();
  }

  /** Returns the refusal of a member whose name would be taken for another's. */
  static DataException noText(String archive, String name, String packer) {
    return new DataException(
        archive,
        "member " + name + " has a name whose bytes are no text in UTF-8",
        "names in UTF-8: unpack it, rename the files and pack them again as " + packer);
  }

  /** Returns the note of what lies behind an archive. */
  static String behind(long bytes) {
    return String.format(
        Locale.ROOT, "%,d bytes behind the end of the archive are not used", bytes);
  }

  /** Refuses an archive whose paths are those of Windows, which are names without folders here. */
  static void requireSlashes(PathList paths, String archive) throws DataException {
    String first = null;
    for (int i = 0; i < paths.size(); i++) {
      String path = paths.get(i);
      if (path.indexOf('/') >= 0) {
        return;
      }
      first = first == null && path.indexOf('\\') >= 0 ? path : first;
    }
    if (first != null) {
      throw new DataException(
          archive,
          "its members name folders with backslashes only, such as " + first,
          "paths with '/': unpack it where it was made and pack the folders again");
    }
  }

  private static DataException leads(String archive, String name, String how) {
    return new DataException(archive, "member " + name + " " + how, "paths inside of the archive");
  }

  /**
   * Returns the entries that count: of files with one path the last, which is what unpacking would
   * leave.
   */
  static BitSet last(PathList paths, FileNote.Builder notes) {
    BitSet kept = new BitSet(paths.size());
    kept.set(0, paths.size());
    long[] hashes = new long[paths.size()];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = hash(paths, i);
    }
    long[] sorted = hashes.clone();
    Arrays.sort(sorted);
    Map<Long, Map<String, Integer>> seen = new HashMap<>();
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] == sorted[i - 1]) {
        seen.putIfAbsent(sorted[i], new HashMap<>());
      }
    }
    if (seen.isEmpty()) {
      return kept;
    }
    for (int i = 0; i < hashes.length; i++) {
      Map<String, Integer> same = seen.get(hashes[i]);
      Integer earlier = same == null ? null : same.put(paths.get(i), i);
      if (earlier != null) {
        kept.clear(earlier);
        if (!paths.isFolder(earlier)) { // folders come again with each file that is added
          notes.add(TWICE, paths.get(earlier));
        }
      }
    }
    return kept;
  }

  private static long hash(PathList paths, int index) {
    return HASH.hashUnencodedChars(paths.get(index)).asLong();
  }
}
