package org.alexnet4j.eval;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.Printable;

/**
 * Says which image each row of an array is of: {@code FILE.npy.tsv} beside {@code FILE.npy}, with
 * class number, class and name; the number is -1 and the class empty where they are not known.
 *
 * @hidden
 */
public final class RowList {
  private static final String HEAD = "label\tclass\timage";

  private RowList() {}

  /**
   * {@return the list that lies beside an array}
   *
   * @param array a {@code .npy} file
   */
  public static Path beside(Path array) {
    return array.resolveSibling(array.getFileName() + ".tsv");
  }

  /**
   * Writes the list of the images in their order.
   *
   * @param array a {@code .npy} file
   * @param images of its rows
   * @throws IOException if the list cannot be written
   */
  public static void write(Path array, Dataset images) throws IOException {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    for (int i = 0; i < images.size(); i++) {
      int label = images.label(i);
      String name = label < 0 ? "" : images.classes().get(label);
      text.append(label).append('\t').append(field(name)).append('\t');
      text.append(field(images.name(i))).append('\n');
    }
    AtomicFile.writeText(beside(array), text.toString());
  }

  /**
   * Checks that the rows of an array are those of some images, by their names.
   *
   * @param array a {@code .npy} file
   * @param images that its rows are held against
   * @return whether there is a list to tell by
   * @throws DataException if they are others; the first one is named
   */
  public static boolean requireSame(Path array, Dataset images) throws IOException {
    Path file = beside(array);
    if (!Files.isRegularFile(file)) {
      return false;
    }
    List<String> lines;
    try {
      lines = Files.readAllLines(file, StandardCharsets.UTF_8);
    } catch (CharacterCodingException e) {
      throw new DataException(file.toString(), "is not in UTF-8", "the list that --out wrote", e);
    }
    if (lines.isEmpty() || !lines.get(0).equals(HEAD) || lines.size() != images.size() + 1) {
      throw new DataException(
          file.toString(),
          "has " + lines.size() + " lines",
          String.format(Locale.ROOT, "a head and one for each of %d images", images.size()));
    }
    for (int i = 0; i < images.size(); i++) {
      String name = field(images.name(i));
      String line = lines.get(i + 1);
      String listed = line.substring(line.lastIndexOf('\t') + 1);
      if (!listed.equals(name)) {
        throw new DataException(
            file.toString(),
            "row " + i + " is of " + Printable.name(listed),
            Printable.name(name)
                + ", the data's image: predictions of the same images in one order");
      }
    }
    return true;
  }

  /** Tabs and line feeds end a field, so those in names are written as in C. */
  private static String field(String name) {
    return name.replace("\\", "\\\\")
        .replace("\t", "\\t")
        .replace("\n", "\\n")
        .replace("\r", "\\r");
  }
}
