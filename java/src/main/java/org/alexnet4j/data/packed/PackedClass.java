package org.alexnet4j.data.packed;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.data.archive.TextLines;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.Printable;

/**
 * A class of a prepared folder: a line of {@code classes.tsv}.
 *
 * @param id what the source called it, such as n01440764
 * @param name what people call it
 */
public record PackedClass(String id, String name) {
  /** File of all classes, in a prepared folder. */
  public static final String FILE = "classes.tsv";

  /**
   * Reads the classes by label.
   *
   * @throws DataException if a line is none of a class, or two have the same id or name
   */
  public static List<PackedClass> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    PackedArray.requireFile(file);
    List<PackedClass> classes = new ArrayList<>();
    Map<String, Integer> labels = new HashMap<>(); // by id and by name
    for (String line : TextLines.read(file, "lines of label, id and name")) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 3 || !columns[0].equals(Integer.toString(classes.size()))) {
        throw new DataException(
            file + ": line " + (classes.size() + 1),
            "'" + Printable.name(line) + "'",
            "label, id and name");
      }
      PackedClass added =
          new PackedClass(TsvText.unescape(columns[1]), TsvText.unescape(columns[2]));
      for (String key : List.of("id " + added.id, "name " + added.name)) {
        Integer before = labels.putIfAbsent(key, classes.size());
        if (before != null) {
          throw new DataException(
              file + ": line " + (classes.size() + 1),
              Printable.text(key, Printable.MAX_TEXT)
                  + " is that of line "
                  + (before + 1)
                  + ", too",
              "an id and a name of its own for every class");
        }
      }
      classes.add(added);
    }
    return classes;
  }
}
