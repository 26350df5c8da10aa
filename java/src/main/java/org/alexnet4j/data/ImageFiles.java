package org.alexnet4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A tree of files that lies in a folder or in an archive. Paths are relative to its root, their
 * parts separated by '/'. Reading is safe for several threads.
 */
abstract class ImageFiles implements AutoCloseable {
  /** Larger files are not images but mistakes. */
  static final long MAX_FILE_BYTES = 256L << 20;

  private final String root;
  private final PathList paths;

  ImageFiles(String root, PathList paths) {
    this.root = root;
    this.paths = paths;
  }

  /** Opens a folder or an archive. */
  static ImageFiles open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new Folder(path, FolderListing.of(path));
    }
    if (Files.isRegularFile(path)) {
      return TarFiles.open(path);
    }
    throw new DataException(
        path.toString(),
        "no such folder or file",
        "a folder of images by class, a .tar, .tar.gz or .tar.xz of one, or synthetic:");
  }

  /** Returns the folder or archive as a reader would name it. */
  final String root() {
    return root;
  }

  /** Returns how many files and folders, the entries, there are below the root. */
  final int count() {
    return paths.size();
  }

  /** Returns the path of an entry; made anew at each call. */
  final String path(int entry) {
    return paths.get(entry);
  }

  /** Says whether an entry is a folder. */
  final boolean isFolder(int entry) {
    return paths.isFolder(entry);
  }

  /** Returns the full name of a path of the tree, for messages. */
  abstract String display(String path);

  /** Returns the bytes of a file. */
  abstract byte[] read(int entry) throws IOException;

  /** Says that only these entries will be read from now on. */
  void retain(int[] wanted) {}

  @Override
  public void close() throws IOException {}

  /** Returns the bytes of a file of the file system. */
  static byte[] readFile(Path file, String name) throws DataException {
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_FILE_BYTES) {
        throw new DataException(
            name, "the file has " + bytes + " bytes", "up to " + MAX_FILE_BYTES + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      if (Files.isDirectory(file)) {
        throw new DataException(
            name, "it is a folder", "files; a link to a folder must not be named like an image", e);
      }
      throw new DataException(name, "cannot be read: " + e, "a readable file", e);
    }
  }

  final DataException tooLarge(String path, long bytes) {
    return new DataException(
        display(path), "the file has " + bytes + " bytes", "up to " + MAX_FILE_BYTES + " bytes");
  }

  /** Files in a folder of the file system. */
  private static final class Folder extends ImageFiles {
    private final Path folder;

    Folder(Path folder, PathList paths) {
      super(folder.toString(), paths);
      this.folder = folder;
    }

    @Override
    String display(String path) {
      return folder.resolve(path).toString();
    }

    @Override
    byte[] read(int entry) throws IOException {
      String path = path(entry);
      return readFile(folder.resolve(path), display(path));
    }
  }
}
