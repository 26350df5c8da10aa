package org.alexnet4j.data.archive;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * A tree of files that lies in a folder or in an archive. Paths are relative to its root, their
 * parts separated by '/'. Reading is safe for several threads.
 */
public abstract class ImageFiles implements AutoCloseable {
  /** Larger files are not images but mistakes. */
  static final long MAX_FILE_BYTES = 256L << 20;

  static final String LINKS = "links to folders are followed";

  /** Enough to tell formats apart. */
  static final int HEAD_BYTES = 64;

  private final String root;
  private final PathList paths;
  private final List<FileNote> notes;
  private FileSorts sorts;

  /** Begins a tree with these paths, of which there is nothing to note. */
  public ImageFiles(String root, PathList paths) {
    this(root, paths, List.of());
  }

  ImageFiles(String root, PathList paths, List<FileNote> notes) {
    this.root = root;
    this.paths = paths;
    this.notes = notes;
  }

  /** Opens a folder or an archive. */
  public static ImageFiles open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      FileNote.Builder links = new FileNote.Builder();
      PathList paths = FolderListing.of(path, link -> links.add(LINKS, link));
      return new Folder(path, paths, links.build());
    }
    if (Files.isRegularFile(path)) {
      return Archives.open(path);
    }
    throw new DataException(
        path.toString(),
        Files.exists(path) ? "a pipe, socket or device" : "no such folder or file",
        "a folder of images by class, a .tar, .tar.gz, .tar.xz, .tar.bz2 or .zip of one, or"
            + " synthetic:");
  }

  /** Returns the folder or archive as a reader would name it. */
  public final String root() {
    return root;
  }

  /** Returns what a person should know of the archive. */
  public List<FileNote> notes() {
    return notes;
  }

  /** Returns how many files and folders, the entries, there are below the root. */
  public final int count() {
    return paths.size();
  }

  /** Returns the path of an entry; made anew at each call. */
  public final String path(int entry) {
    return paths.get(entry);
  }

  /** Says whether an entry is a folder. */
  public final boolean isFolder(int entry) {
    return paths.isFolder(entry);
  }

  /** Returns the full name of a path of the tree, for messages. */
  public abstract String display(String path);

  /** Returns the bytes of a file. */
  public abstract byte[] read(int entry) throws IOException;

  /** Returns the first bytes of a file, no more than {@link #HEAD_BYTES}. */
  byte[] head(int entry) throws IOException {
    byte[] content = read(entry);
    return content.length <= HEAD_BYTES ? content : Arrays.copyOf(content, HEAD_BYTES);
  }

  /** Returns which entries are images; looked at once. */
  public final synchronized FileSorts sorts() throws DataException {
    if (sorts == null) {
      try {
        sorts = findSorts();
      } catch (DataException e) {
        throw e;
      } catch (IOException e) {
        throw new DataException(root, "cannot be read: " + e, "readable files", e);
      }
    }
    return sorts;
  }

  /** Looks which entries are images. */
  protected FileSorts findSorts() throws IOException {
    return FileSorts.of(this);
  }

  /** Says whether a person has made the folders, so that more in one than its name may matter. */
  public boolean hasOwnFolders() {
    return true;
  }

  /** Says that only these entries will be read from now on. */
  public void retain(int[] wanted) {}

  @Override
  public void close() throws IOException {}

  /** Returns the bytes of a file of the file system. */
  public static byte[] readFile(Path file, String name) throws DataException {
    try {
      requireRegular(file, name);
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new DataException(
            name, "the file has " + bytes + " bytes", "up to " + MAX_FILE_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw unreadable(name, e);
    }
  }

  /** Refuses what would never end, or is nothing. */
  private static void requireRegular(Path file, String name) throws DataException {
    if (Files.isRegularFile(file)) {
      return;
    }
    if (Files.isDirectory(file)) {
      throw new DataException(
          name, "it is a folder", "files; a link to a folder must not be named like an image");
    }
    boolean there = Files.exists(file);
    boolean link = Files.isSymbolicLink(file);
    throw new DataException(
        name,
        there
            ? "a pipe, socket or device"
            : "cannot be read: " + (link ? "a link to nothing" : "no such file"),
        "files and links to files");
  }

  private static DataException unreadable(String name, IOException e) {
    return new DataException(name, "cannot be read: " + reason(e), "a readable file", e);
  }

  /** Returns why a file or folder cannot be read, without its name. */
  static String reason(IOException e) {
    return e instanceof AccessDeniedException ? "permission denied" : e.toString();
  }

  final DataException tooLarge(String path, long bytes) {
    return new DataException(
        display(path), "the file has " + bytes + " bytes", "up to " + MAX_FILE_BYTES + " bytes");
  }

  /** Files in a folder of the file system. */
  private static final class Folder extends ImageFiles {
    private final Path folder;
    private final List<FileNote> links;

    Folder(Path folder, PathList paths, List<FileNote> links) {
      super(folder.toString(), paths);
      this.folder = folder;
      this.links = links;
    }

    @Override
    protected FileSorts findSorts() throws IOException {
      FileSorts sorts = FileSorts.of(this);
      List<FileNote> notes = new ArrayList<>(links);
      notes.addAll(sorts.notes());
      return new FileSorts(sorts.images(), notes);
    }

    @Override
    public String display(String path) {
      return folder.resolve(path).toString();
    }

    @Override
    public byte[] read(int entry) throws IOException {
      String path = path(entry);
      return readFile(folder.resolve(path), display(path));
    }

    @Override
    byte[] head(int entry) throws IOException {
      String path = path(entry);
      Path file = folder.resolve(path);
      requireRegular(file, display(path));
      try (InputStream in = Files.newInputStream(file)) {
        return in.readNBytes(HEAD_BYTES);
      } catch (IOException e) {
        throw unreadable(display(path), e);
      }
    }
  }
}
