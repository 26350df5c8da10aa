package org.alexnet4j.data.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Walks through the members of a tar stream and says where their contents lie.
 *
 * <p>Links are refused, because their images would be counted twice or lie elsewhere; what carries
 * no file, such as a volume's label, is passed over and noted. One thread.
 */
final class TarMembers {
  /** Most bytes of a member's headers: long names and pax records. */
  private static final int MAX_HEADER_BYTES = 1 << 20;

  private static final int RECORD = TarConstants.DEFAULT_RCDSIZE;

  private final TarBytes in;
  private final TarRecords tar;
  private final String archive;
  private final long end;
  private final FileNote.Builder notes;
  private TarArchiveEntry entry;
  private String name;
  private String path;
  private boolean folder;

  /**
   * Starts at the beginning of an archive.
   *
   * @param end bytes of the stream, or Long.MAX_VALUE if not known
   * @param notes where is noted what is passed over: a sentence and the members' paths
   */
  TarMembers(InputStream in, String archive, long end, FileNote.Builder notes) {
    this.in = new TarBytes(in);
    this.tar = new TarRecords(this.in);
    this.archive = archive;
    this.end = end;
    this.notes = notes;
  }

  /**
   * Moves to the next file or folder; false at the end of the archive, of which all that is packed
   * was read then, so that it was checked by its checksums.
   */
  boolean next() throws IOException {
    while (true) {
      boolean first = entry == null;
      entry = read(first);
      if (entry == null) {
        if (first) {
          throw refused("not a tar archive");
        }
        if (!tar.ended() && in.at() % RECORD != 0) { // which the library takes for the end
          throw refused("the archive ends inside a header or member at byte " + in.at());
        }
        if (!tar.ended()) {
          throw new DataException(
              archive,
              "it ends at byte "
                  + in.at()
                  + " without the mark of its end, so members may be missing",
              "a whole archive; if it is, 1,024 zero bytes behind it");
        }
        in.readBehind(end);
        return false;
      }
      if (!entry.isCheckSumOK()) {
        throw refused(first ? "not a tar archive" : "damaged tar header at byte " + header());
      }
      name = text();
      checkSize();
      path = ArchiveMembers.path(archive, name);
      folder = entry.isDirectory();
      if (isFileOrFolder() && !path.isEmpty()) {
        return true;
      }
    }
  }

  private TarArchiveEntry read(boolean first) throws IOException {
    in.limit(MAX_HEADER_BYTES);
    tar.forget();
    try {
      return tar.getNextEntry();
    } catch (IOException | IllegalArgumentException e) {
      if (in.failure() != null) { // of what the archive is packed by
        throw in.failure();
      }
      String reason =
          first
              ? "not a tar archive"
              : e instanceof EOFException || in.atEnd()
                  ? "the archive ends inside a header or member at byte " + in.at()
                  : "damaged tar header at byte " + header() + ": " + e.getMessage();
      throw new DataException(archive, reason, ArchiveMembers.ALLOWED, e);
    } finally {
      in.limit(Long.MAX_VALUE);
    }
  }

  /** Returns where the header lies that was read last. */
  private long header() {
    return Math.max(0, (in.at() - 1) / RECORD * RECORD);
  }

  /**
   * Returns the name of the member as text. Those of pax are text already; the others came as
   * bytes, one a letter, so that none is lost before it is known whether they are text.
   */
  private String text() throws DataException {
    String given = entry.getName();
    if (tar.afterPax() && !tar.isOwn(given)) {
      if (given.indexOf('\uFFFD') < 0) {
        return given;
      }
      throw noText(given.replace("\uFFFD", "\\ufffd"));
    }
    byte[] raw = given.getBytes(StandardCharsets.ISO_8859_1);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
    } catch (CharacterCodingException e) {
      throw noText(ArchiveMembers.escaped(raw));
    }
  }

  /** Returns what a link names, as well as it can be read. */
  private String link() {
    byte[] raw = entry.getLinkName().getBytes(StandardCharsets.ISO_8859_1);
    return new String(raw, StandardCharsets.UTF_8);
  }

  private DataException noText(String shown) {
    return ArchiveMembers.noText(archive, shown + " (byte " + header() + ")", "tar");
  }

  private void checkSize() throws DataException {
    long bytes = entry.getSize();
    if (bytes < 0 || bytes > end - in.at()) {
      throw refused("the archive ends inside " + name + ", which starts at " + in.at());
    }
  }

  /** Says whether the member counts; what may be passed over is noted, all else refused. */
  private boolean isFileOrFolder() throws IOException {
    char type = (char) entry.getLinkFlag();
    if (entry.isSparse()) {
      throw refused(type, "is stored with holes", "tar without --sparse");
    }
    switch (type) {
      case '\0', TarConstants.LF_NORMAL, TarConstants.LF_CONTIG, TarConstants.LF_DIR -> {
        return true;
      }
      case 'D' -> { // a folder of an incremental dump: its content is a list of names
        pass();
        folder = true;
        notes.add("folders of an incremental dump have their list of names passed over", path);
        return true;
      }
      case 'V' -> {
        notes.add("labels of volumes are passed over", path);
        return false;
      }
      case TarConstants.LF_LINK ->
          throw refused(type, "is a link to " + link(), "tar with --hard-dereference");
      case TarConstants.LF_SYMLINK ->
          throw refused(type, "is a link to " + link(), "tar with --dereference");
      case TarConstants.LF_CHR, TarConstants.LF_BLK, TarConstants.LF_FIFO ->
          throw refused(type, "is a device or pipe", "files and folders");
      case TarConstants.LF_MULTIVOLUME ->
          throw refused(type, "begins in another volume", "whole archives");
      default -> throw refused(type, "is neither file nor folder", "files and folders");
    }
  }

  /** Passes over a content that the library takes for none, because folders have none. */
  private void pass() throws IOException {
    long bytes = (entry.getSize() + RECORD - 1) / RECORD * RECORD;
    in.skipNBytes(bytes);
  }

  /** Returns, at the end of the archive, how many bytes behind it are more than padding. */
  long behind() {
    return in.behind();
  }

  /** Returns the path of the current member, without empty parts. */
  String path() {
    return path;
  }

  /** Returns whether the current member is a folder. */
  boolean folder() {
    return folder;
  }

  /** Returns where in the stream the content of the current member starts. */
  long start() {
    return in.at();
  }

  /** Returns the bytes of the content of the current member. */
  long bytes() {
    return folder ? 0 : entry.getSize();
  }

  /** Reads the content of the current member. */
  byte[] content() throws IOException {
    byte[] content = tar.readNBytes(Math.toIntExact(bytes()));
    if (content.length < bytes()) {
      throw refused("the archive ends inside " + path);
    }
    return content;
  }

  private DataException refused(char type, String what, String allowed) {
    return new DataException(
        archive,
        "member " + name + " " + what + " (type " + type + ", byte " + header() + ")",
        allowed);
  }

  private DataException refused(String reason) {
    return new DataException(archive, reason, ArchiveMembers.ALLOWED);
  }
}
