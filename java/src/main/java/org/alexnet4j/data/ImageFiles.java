package org.alexnet4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A tree of files that lies in a folder or in an archive. Paths are relative to its root, their
 * parts separated by '/'. Reading is safe for several threads.
 */
abstract class ImageFiles implements AutoCloseable {
  /** Larger files are not images but mistakes. */
  static final long MAX_FILE_BYTES = 256L << 20;

  /** A file or folder of the tree. */
  record Entry(String path, boolean folder) {}

  private final String root;
  private final List<Entry> entries;

  ImageFiles(String root, List<Entry> entries) {
    this.root = root;
    this.entries = entries;
  }

  /** Opens a folder or an archive. */
  static ImageFiles open(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return new Folder(path, list(path));
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

  /** Returns all files and folders below the root. */
  final List<Entry> entries() {
    return entries;
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
      throw new DataException(name, "cannot be read: " + e, "a readable file", e);
    }
  }

  final DataException tooLarge(String path, long bytes) {
    return new DataException(
        display(path), "the file has " + bytes + " bytes", "up to " + MAX_FILE_BYTES + " bytes");
  }

  private static List<Entry> list(Path root) throws IOException {
    List<Entry> entries = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        if (!path.equals(root)) {
          String relative = root.relativize(path).toString();
          entries.add(
              new Entry(
                  relative.replace(path.getFileSystem().getSeparator(), "/"),
                  Files.isDirectory(path)));
        }
      }
    } catch (UncheckedIOException e) {
      throw new DataException(
          root.toString(), "cannot be listed: " + e.getCause(), "readable folders", e.getCause());
    }
    entries.sort(Comparator.comparing(Entry::path));
    return entries;
  }

  /** Files in a folder of the file system. */
  private static final class Folder extends ImageFiles {
    private final Path folder;

    Folder(Path folder, List<Entry> entries) {
      super(folder.toString(), entries);
      this.folder = folder;
    }

    @Override
    String display(String path) {
      return folder.resolve(path).toString();
    }

    @Override
    byte[] read(int entry) throws IOException {
      String path = entries().get(entry).path();
      return readFile(folder.resolve(path), display(path));
    }
  }
}
