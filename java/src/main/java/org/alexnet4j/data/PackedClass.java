package org.alexnet4j.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.io.Printable;

/**
 * A class of a prepared folder: a line of {@code classes.tsv}.
 *
 * @param id what the source called it, such as n01440764
 * @param name what people call it
 */
record PackedClass(String id, String name) {

  /** Reads the classes by label. */
  static List<PackedClass> read(Path folder) throws IOException {
    Path file = folder.resolve(PackedWriter.CLASSES);
    List<PackedClass> classes = new ArrayList<>();
    for (String line : TextLines.read(file, "lines of label, id and name")) {
      String[] columns = line.split("\t", -1);
      if (columns.length != 3 || !columns[0].equals(Integer.toString(classes.size()))) {
        throw new DataException(
            file + ": line " + (classes.size() + 1),
            "'" + Printable.name(line) + "'",
            "label, id and name");
      }
      classes.add(new PackedClass(TsvText.unescape(columns[1]), TsvText.unescape(columns[2])));
    }
    return classes;
  }
}
