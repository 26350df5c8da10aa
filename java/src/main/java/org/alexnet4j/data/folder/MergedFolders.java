package org.alexnet4j.data.folder;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** Says which folders inside of class folders are taken together: they may be the classes meant. */
final class MergedFolders {
  private MergedFolders() {}

  /**
   * Notes the folders that share a class with other images.
   *
   * @param base path of the folder that holds the classes, empty or ending in '/'
   * @param classes how many there are
   */
  static void note(ImageFiles files, String base, int classes, FileNote.Builder notes)
      throws DataException {
    Map<String, Set<String>> places = new HashMap<>(); // folders with images, by class
    for (int i : (Iterable<Integer>) files.sorts().images().stream()::iterator) {
      String path = files.path(i);
      int slash = path.startsWith(base) ? path.indexOf('/', base.length()) : -1;
      if (slash >= 0) {
        places
            .computeIfAbsent(path.substring(base.length(), slash), key -> new TreeSet<>())
            .add(path.substring(base.length(), path.lastIndexOf('/')));
      }
    }
    Set<String> merged = new TreeSet<>();
    places.forEach(
        (name, folders) -> {
          if (folders.size() > 1) {
            folders.stream().filter(folder -> !folder.equals(name)).forEach(merged::add);
          }
        });
    String what =
        "folders inside of classes are merged, as the classes are the "
            + classes
            + " folders directly in "
            + (base.isEmpty() ? "the set" : base.substring(0, base.length() - 1));
    merged.forEach(folder -> notes.add(what, folder));
  }
}
