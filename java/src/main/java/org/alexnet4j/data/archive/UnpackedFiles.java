package org.alexnet4j.data.archive;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * Files of a compressed tar archive, in memory, because members cannot be found again without
 * reading everything before them.
 */
final class UnpackedFiles extends ImageFiles {
  /** Most bytes of members that a compressed archive may have. */
  static final long MAX_BYTES = 1L << 30;

  private final byte[][] contents;

  private UnpackedFiles(Path file, PathList paths, List<FileNote> notes, byte[][] contents) {
    super(file.toString(), paths, notes);
    this.contents = contents;
  }

  /** Begins to undo the packing; what begins it may be damaged already. */
  interface Packed {
    /** Returns the bytes of the tar archive. */
    InputStream open() throws IOException;
  }

  /** Reads all members. */
  static ImageFiles read(Path file, Packed packed, String packer) throws IOException {
    PathList.Builder paths = new PathList.Builder();
    List<byte[]> contents = new ArrayList<>();
    FileNote.Builder notes = new FileNote.Builder();
    try (InputStream in = packed.open()) {
      try {
        read(in, file.toString(), paths, contents, notes);
      } catch (DataException e) {
        drain(in); // what is damaged makes no sense; then that is the reason
        throw e;
      }
    } catch (DataException e) {
      throw e;
    } catch (EOFException e) {
      throw new DataException(file.toString(), "the file ends too early", "a whole archive", e);
    } catch (IOException e) {
      throw new DataException(
          file.toString(), "damaged " + packer + " data: " + e, "a whole archive", e);
    }
    PathList all = paths.build();
    ArchiveMembers.requireSlashes(all, file.toString());
    BitSet kept = ArchiveMembers.last(all, notes);
    return new UnpackedFiles(
        file,
        all.only(kept),
        notes.build(),
        kept.stream().mapToObj(contents::get).toArray(byte[][]::new));
  }

  private static void read(
      InputStream in,
      String file,
      PathList.Builder paths,
      List<byte[]> contents,
      FileNote.Builder notes)
      throws IOException {
    TarMembers reader = new TarMembers(in, file, Long.MAX_VALUE, notes);
    long total = 0;
    while (reader.next()) {
      ArchiveMembers.checkCount(paths.size(), file);
      total += reader.bytes();
      if (total > MAX_BYTES) {
        throw new DataException(
            file,
            "it unpacks to more than " + MAX_BYTES + " bytes",
            "a plain .tar or a folder for sets of this size");
      }
      paths.add(reader.path(), reader.folder());
      contents.add(reader.folder() ? null : reader.content());
    }
    if (reader.behind() > 0) {
      notes.say(ArchiveMembers.behind(reader.behind()));
    }
  }

  /** Reads the rest of a stream that is not too long, so that it checks itself. */
  private static void drain(InputStream in) throws IOException {
    byte[] some = new byte[1 << 16];
    long left = MAX_BYTES;
    int got;
    do {
      got = in.read(some);
      left -= got;
    } while (got >= 0 && left > 0);
  }

  @Override
  public String display(String path) {
    return root() + "!/" + path;
  }

  @Override
  public byte[] read(int entry) {
    return contents[entry];
  }

  @Override
  public void retain(int[] wanted) {
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
