package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.archive.ArchiveMembers;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.TextLines;
import org.alexnet4j.data.folder.CifarFiles;
import org.alexnet4j.data.folder.ClassWords;
import org.alexnet4j.data.folder.DataParts;
import org.alexnet4j.data.folder.FolderLayout;
import org.alexnet4j.data.folder.IlsvrcClasses;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.Printable;

/**
 * Images with labels as they come from their makers, before they are decoded.
 *
 * @param kind what was recognised: "folder", "ilsvrc", "cifar10-binary", "list"
 * @param files the files
 * @param train which of them are to learn from
 * @param held which are held out; may be none
 * @param ids identities of the classes, such as n01440764, by label
 * @param names names of the classes for people, by label
 * @param left images without a class of the training part, left out
 * @param notes what a person should know about the source
 */
record PrepareSource(
    String kind,
    ImageFiles files,
    FolderLayout train,
    FolderLayout held,
    List<String> ids,
    List<String> names,
    int left,
    List<FileNote> notes)
    implements AutoCloseable {
  private static final int TEXT_BYTES = 512;

  /** Opens whatever the path is. */
  static PrepareSource open(Path path, PrepareOptions options) throws IOException {
    requireUnprepared(path);
    if (Files.isDirectory(path) && IlsvrcFiles.isSource(path, options)) {
      return IlsvrcFiles.open(path, options);
    }
    if (TextLines.isList(path)) {
      return ListFile.open(path, options);
    }
    requireNoText(path);
    ImageFiles files = ImageFiles.open(path);
    try {
      if (CifarFiles.isCifar(files)) {
        CifarFiles batches = new CifarFiles(files);
        return of("cifar10-binary", batches, options, 0, batches.notes());
      }
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
    return of("folder", files, options, 0, List.of());
  }

  /** Refuses what --data takes as it is. */
  private static void requireUnprepared(Path path) throws DataException {
    String allowed = "a folder, an archive or a list of images; this is for --data as it is";
    if (Passport.isIn(path)) {
      throw new DataException(path.toString(), "is prepared already", allowed);
    }
    if (Datasets.path(path.toString()).isEmpty()) {
      throw new DataException(path.toString(), "is drawn anew by whoever opens it", allowed);
    }
  }

  /** Refuses a text, which a list would be by another ending. */
  private static void requireNoText(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      return;
    }
    byte[] head;
    try (InputStream in = Files.newInputStream(path)) {
      head = in.readNBytes(TEXT_BYTES); // of a tar's first header, where zeros are
    }
    boolean text = head.length > 0;
    for (byte b : head) {
      text &= b < 0 || b >= ' ' || b >= '\t' && b <= '\r';
    }
    if (text) {
      throw new DataException(
          path.toString(),
          "a text, but no list by its ending",
          "a list of lines PATH LABEL, by tabs or blanks, named .txt, .tsv, .lst or .list; or "
              + ArchiveMembers.ALLOWED);
    }
  }

  /** Finds classes and images in a tree of files. */
  static PrepareSource of(
      String kind, ImageFiles files, PrepareOptions options, int left, List<FileNote> notes)
      throws IOException {
    try {
      if (options.shareAsked() && DataParts.find(files).held() != null) {
        throw new IllegalArgumentException(
            "a share to hold out, "
                + options.heldOutShare()
                + ", is for sources without a part for that; "
                + Printable.text(files.root(), Printable.MAX_TEXT)
                + " has one; allowed: no --held-out");
      }
      FolderLayout train = FolderLayout.find(files, false, options.heldOutShare());
      FolderLayout held = FolderLayout.find(files, true, options.heldOutShare());
      List<String> names = ClassWords.find(files, train);
      List<FileNote> all = new ArrayList<>(notes);
      all.addAll(train.notes());
      PrepareSource source =
          new PrepareSource(kind, files, train, held, train.classes(), names, left, all);
      return options.canonical() ? source.canonical(files.root()) : source;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** Returns the same with other identities of the classes, in the same order. */
  PrepareSource withIds(List<String> other) {
    return new PrepareSource(kind, files, train, held, other, other, left, notes);
  }

  /** Returns the same with labels among all 1,000 classes of ILSVRC-2012. */
  private PrepareSource canonical(String where) throws DataException {
    List<String> all = IlsvrcClasses.ids();
    List<String> words = new ArrayList<>(all);
    int[] rank = new int[ids.size()];
    for (int label = 0; label < rank.length; label++) {
      rank[label] = all.indexOf(ids.get(label));
      if (rank[label] < 0) {
        throw new DataException(
            where,
            "class '" + ids.get(label) + "' is not one of ILSVRC-2012",
            "the 1,000 synsets of ILSVRC-2012, or no --ilsvrc-labels");
      }
      words.set(rank[label], names.get(label));
    }
    return new PrepareSource(
        kind,
        files,
        train.relabelled(all, rank),
        held.relabelled(all, rank),
        all,
        words,
        left,
        notes);
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
