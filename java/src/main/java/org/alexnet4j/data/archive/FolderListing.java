package org.alexnet4j.data.archive;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.Printable;

/**
 * Lists all files and folders below a folder, in the order of their paths; links are followed. What
 * is hidden or a system's own is named and not looked into.
 *
 * <p>A million images are listed without asking the file system about each: what is named like an
 * image is taken for a file where the links of its folder are as many as those of its other
 * subfolders, because every subfolder links to the folder it is in. Only a symbolic link to a
 * folder hides from this count; reading such an "image" fails and says so.
 */
final class FolderListing {
  private static final String LINKS = "unix:nlink";

  /** A folder is linked by the one that it is in and by itself. */
  private static final int OWN_LINKS = 2;

  private final PathList.Builder paths = new PathList.Builder();
  private final Deque<Object> above = new ArrayDeque<>();

  private final Consumer<String> links;

  private FolderListing(Consumer<String> links) {
    this.links = links;
  }

  /**
   * Returns the paths below a folder, relative to it.
   *
   * @param links hears the paths of links to folders, which are followed
   * @throws DataException if a folder cannot be read, or a link leads back to a folder above it
   */
  static PathList of(Path root, Consumer<String> links) throws DataException {
    FolderListing listing = new FolderListing(links);
    try {
      for (Path at = root.toRealPath().getParent(); at != null; at = at.getParent()) {
        listing.above.push(key(at)); // a link to one of these would list all that is in it
      }
      listing.add(root, "");
    } catch (DataException e) {
      throw e;
    } catch (FileSystemLoopException e) {
      throw new DataException(
          e.getFile(), "a link back to a folder around it", "folders without such links", e);
    } catch (FileSystemException e) {
      throw new DataException(
          e.getFile(), "cannot be listed: " + ImageFiles.reason(e), "readable folders", e);
    } catch (IOException e) {
      throw new DataException(root.toString(), "cannot be listed: " + e, "readable folders", e);
    }
    return listing.paths.build();
  }

  /** Adds what is in a folder. */
  private void add(Path folder, String prefix) throws IOException {
    Object key = key(folder);
    if (above.contains(key)) {
      throw new FileSystemLoopException(folder.toString());
    }
    above.push(key);
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path path : stream) {
        names.add(readable(path));
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    Collections.sort(names);
    BitSet folders = folders(folder, prefix, names);
    for (String item : order(names, folders)) {
      if (item.endsWith("/")) {
        if (!FileSorts.isData(item)) {
          continue;
        }
        add(folder.resolve(item), prefix + item);
      } else {
        paths.add(prefix + item, folders.get(Collections.binarySearch(names, item)));
      }
    }
    above.pop();
  }

  /**
   * Returns a name as text.
   *
   * @throws DataException if its bytes are no text in the encoding in which Java reads names: the
   *     file could not be opened by the text
   */
  private static String readable(Path path) throws DataException {
    String name = path.getFileName().toString();
    if (name.indexOf('\uFFFD') >= 0) {
      String encoding = System.getProperty("sun.jnu.encoding");
      throw new DataException(
          path.getParent() + "/" + Printable.name(name),
          "a name whose bytes are no text in " + encoding,
          "names in UTF-8, read with LC_ALL=C.UTF-8 or another locale of UTF-8");
    }
    return name;
  }

  private static Object key(Path folder) throws IOException {
    Object key = Files.readAttributes(folder, BasicFileAttributes.class).fileKey();
    return key == null ? folder.toRealPath() : key;
  }

  /**
   * Returns the names with, for each folder, one more item that ends in '/': the place of what is
   * in it, which is not behind the folder at once: a-b comes between a and a/b.
   */
  private static List<String> order(List<String> names, BitSet folders) {
    if (folders.isEmpty()) {
      return names;
    }
    List<String> items = new ArrayList<>(names);
    folders.stream().forEach(i -> items.add(names.get(i) + "/"));
    Collections.sort(items);
    return items;
  }

  /** Says which names are those of folders. */
  private BitSet folders(Path folder, String prefix, List<String> names) throws IOException {
    BitSet folders = new BitSet();
    BitSet unasked = new BitSet();
    int linking = 0;
    for (int i = 0; i < names.size(); i++) {
      if (FileSorts.isImageName(names.get(i))) {
        unasked.set(i);
        continue;
      }
      Path path = folder.resolve(names.get(i));
      if (Files.isDirectory(path)) {
        folders.set(i);
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
          linking++;
        } else if (FileSorts.isData(names.get(i))) {
          links.accept(prefix + names.get(i));
        }
      }
    }
    if (!unasked.isEmpty() && links(folder) != OWN_LINKS + linking) {
      unasked.stream()
          .filter(i -> Files.isDirectory(folder.resolve(names.get(i))))
          .forEach(folders::set);
    }
    return folders;
  }

  /** Returns how many links a folder has, or 0 where the file system does not count them. */
  private static int links(Path folder) throws IOException {
    if (!folder.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return 0;
    }
    return (Integer) Files.getAttribute(folder, LINKS);
  }
}
