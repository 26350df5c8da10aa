package org.alexnet4j.data.archive;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.alexnet4j.data.image.ImageHeader;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * Which files of a tree are images, and why the others are left out.
 *
 * <p>A file with the ending of an image is meant to be one; what it is, its content will tell when
 * it is decoded. Other files are asked for their first bytes, so an image without an ending, or
 * with another one, is found. Hidden files and those that systems leave behind are never data.
 *
 * @param images the entries that are images
 * @param notes what is left out, and images that only their content told
 */
public record FileSorts(BitSet images, List<FileNote> notes) {
  /** The usual endings of images, for messages. */
  public static final String IMAGE_NAMES =
      ".jpg, .jpeg, .png, .gif, .bmp, .tif, .tiff, .ppm, .pgm, .pbm";

  private static final Set<String> EXTENSIONS =
      Set.copyOf(List.of((IMAGE_NAMES + ", .jpe, .jfif, .jif, .pjpeg, .dib, .pnm").split(", ")));
  private static final List<String> ARCHIVE_NAMES =
      List.of(
          ".tar",
          ".tar.gz",
          ".tgz",
          ".tar.bz2",
          ".tbz2",
          ".tbz",
          ".tar.xz",
          ".txz",
          ".tar.zst",
          ".zip",
          ".7z",
          ".rar");
  private static final Set<String> SYSTEM =
      Set.of(
          "__MACOSX",
          "$RECYCLE.BIN",
          "System Volume Information",
          "#recycle",
          "#snapshot",
          "@Recycle",
          "@eaDir",
          "lost+found",
          ".DS_Store",
          "Thumbs.db",
          "Thumbs.db:encryptable",
          "desktop.ini");
  private static final String APPLE_DOUBLE = "._";

  static final String SYSTEMS_OWN = "files of macOS, Windows or the file system are left out";
  static final String HIDDEN = "hidden files or folders are left out";
  static final String NO_IMAGE = "files are left out that are no images by their content";
  static final String ARCHIVES =
      "archives are left out; what is in them counts when each is unpacked into a folder of its name";
  static final String EMPTY = "empty files are left out";
  static final String BY_CONTENT =
      "files without the ending of an image are images by their content";

  /** Looks at all files of a tree. */
  static FileSorts of(ImageFiles files) throws IOException {
    BitSet images = new BitSet(files.count());
    FileNote.Builder notes = new FileNote.Builder();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      String reason = passedOver(path);
      if (reason != null) {
        notes.add(reason, path);
      } else if (!files.isFolder(i)) {
        reason = isImageName(path) ? null : ofContent(files, i, path);
        if (reason != null) {
          notes.add(reason, path);
        }
        images.set(i, reason == null || reason.equals(BY_CONTENT));
      }
    }
    List<FileNote> all = new ArrayList<>(files.notes());
    all.addAll(notes.build());
    return new FileSorts(images, List.copyOf(all));
  }

  /** Returns the sorts of a tree in which everything is an image. */
  public static FileSorts allImages(ImageFiles files) {
    BitSet images = new BitSet(files.count());
    images.set(0, files.count());
    return new FileSorts(images, List.of());
  }

  private static String ofContent(ImageFiles files, int entry, String path) throws IOException {
    byte[] head;
    try {
      head = files.head(entry);
    } catch (DataException e) {
      return "files are left out because each is " + e.reason();
    }
    if (head.length == 0) {
      return EMPTY;
    }
    if (ImageHeader.formatOf(head) != ImageHeader.Format.UNKNOWN) {
      return BY_CONTENT;
    }
    if (isArchiveName(path)) {
      return ARCHIVES;
    }
    String kind = ImageHeader.looksLike(head);
    return ImageHeader.isForeignImage(kind)
        ? kind + " files, not supported, are left out"
        : NO_IMAGE;
  }

  /** Says by its name whether a file is meant to be an image; what it is, its content will tell. */
  public static boolean isImageName(String path) {
    int dot = path.lastIndexOf('.');
    return dot >= 0 && EXTENSIONS.contains(path.substring(dot).toLowerCase(Locale.ROOT));
  }

  /** Says by its name whether a file is an archive. */
  public static boolean isArchiveName(String path) {
    String name = path.toLowerCase(Locale.ROOT);
    return ARCHIVE_NAMES.stream().anyMatch(name::endsWith);
  }

  /** Says that no part of a path is hidden or one of the system's own. */
  public static boolean isData(String path) {
    return passedOver(path) == null;
  }

  /** Returns why a path is no data whatever it holds, or null. */
  public static String passedOver(String path) {
    int from = 0;
    while (from < path.length()) { // no split: it is asked for each of a million files
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      boolean hidden = path.charAt(from) == '.';
      if (path.startsWith(APPLE_DOUBLE, from)) {
        return SYSTEMS_OWN;
      }
      for (String name : SYSTEM) {
        boolean same = to - from == name.length(); // Windows does not mind the case
        if (same && path.regionMatches(true, from, name, 0, name.length())) {
          return SYSTEMS_OWN;
        }
      }
      if (hidden) {
        return HIDDEN;
      }
      from = to + 1;
    }
    return null;
  }
}
