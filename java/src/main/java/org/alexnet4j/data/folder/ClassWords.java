package org.alexnet4j.data.folder;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.TextLines;

/**
 * Names for people in place of folder names such as n01443537: a file {@code classes.txt} beside
 * the data, each line with the folder name in one of its tab-separated columns and the words in the
 * last.
 */
public final class ClassWords {
  private static final String FILE = "classes.txt";
  private static final String ALLOWED = "lines of a class folder, a tab and words";

  private ClassWords() {}

  /**
   * Returns the words for the classes, or their own names if the file is not there or lacks one of
   * them.
   */
  public static List<String> find(ImageFiles files, FolderLayout layout) throws IOException {
    int entry = entry(files, layout.prefix() + FILE);
    if (entry < 0) {
      return layout.classes();
    }
    Set<String> wanted = Set.copyOf(layout.classes());
    Map<String, String> words = new HashMap<>();
    for (String line :
        TextLines.split(files.read(entry), files.display(files.path(entry)), ALLOWED)) {
      String[] columns = line.split("\t");
      for (int i = 0; i + 1 < columns.length; i++) {
        if (wanted.contains(columns[i])) {
          words.put(columns[i], columns[columns.length - 1].split(",")[0].strip());
        }
      }
    }
    if (!words.keySet().containsAll(wanted)) {
      return layout.classes();
    }
    List<String> names = new ArrayList<>();
    for (String name : layout.classes()) {
      String word = words.get(name);
      boolean shared = words.values().stream().filter(word::equals).count() > 1;
      names.add(shared || word.isEmpty() ? (word + " " + name).strip() : word);
    }
    return List.copyOf(names);
  }

  private static int entry(ImageFiles files, String path) {
    for (int i = 0; i < files.count(); i++) {
      if (!files.isFolder(i) && files.path(i).equals(path)) {
        return i;
      }
    }
    return -1;
  }
}
