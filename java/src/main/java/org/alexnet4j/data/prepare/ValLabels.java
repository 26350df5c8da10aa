package org.alexnet4j.data.prepare;

import com.google.common.collect.Ordering;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.alexnet4j.data.archive.TextLines;
import org.alexnet4j.data.folder.IlsvrcClasses;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * Classes of images that lie in no class folders, from a text file with one image a line. A line is
 * the label alone, in the order of the images' names, or a name and a label, by blanks or a comma;
 * of Kaggle's lines, which have boxes behind, all synsets must be the same.
 *
 * <p>A label is a class folder of the training part, a synset id, or a number in the canonical
 * order, from 0. Where all labels are numbers and all are class folders as well, they are the
 * folders. What is none of these is refused with its line.
 *
 * @param classes class of each image; it may be one that the training part has not
 * @param notes how the labels were understood
 */
record ValLabels(List<String> classes, List<FileNote> notes) {
  private static final String ALLOWED =
      "lines of a label from 0, a synset id or a class folder of train, with or without the image's"
          + " name before it";
  private static final int BOX_WORDS = 5; // a synset and the four numbers of its box
  private static final String KAGGLE_HEAD = "ImageId,PredictionString";
  private static final String COORDINATE = "-?[0-9]{1,9}(\\.[0-9]{1,9})?";
  private static final String NUMBER = "[0-9]{1,6}";

  /** A label and the line that it is in. */
  private record Label(String text, int line) {}

  /**
   * Reads the labels of these images.
   *
   * @param paths of the images, sorted; where one lies in the folder of a class, this must be its
   *     label
   * @param trainClasses classes of the training images, sorted
   */
  static ValLabels read(Path file, List<String> paths, List<String> trainClasses)
      throws IOException {
    List<String> images = paths.stream().map(ValLabels::name).toList();
    List<String> lines = TextLines.read(file, ALLOWED);
    boolean named = !lines.isEmpty() && lines.get(0).strip().split("[\\s,]+").length > 1;
    List<FileNote> notes = new ArrayList<>();
    List<Label> labels =
        named ? byName(file, lines, images, notes) : byPlace(file, lines, images.size());
    List<String> classes = classes(file, labels, trainClasses, notes);
    boolean inFolders = requireFolders(file, paths, classes, trainClasses);
    if (!named && !inFolders && !Ordering.natural().isOrdered(images)) {
      throw new DataException(
          file.toString(),
          "labels alone, for images in folders, whose order by name is not that by path",
          "lines of NAME LABEL");
    }
    return new ValLabels(classes, List.copyOf(notes));
  }

  /** Labels alone, one to an image. */
  private static List<Label> byPlace(Path file, List<String> lines, int images)
      throws DataException {
    List<Label> labels = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String text = lines.get(i).strip();
      if (text.isEmpty() || text.split("[\\s,]+").length > 1) {
        throw wrong(
            file,
            i + 1,
            text.isEmpty() ? "it is blank" : quoted(text) + " beside lines of a label alone");
      }
      labels.add(new Label(text, i + 1));
    }
    if (labels.size() != images) {
      throw new DataException(
          file.toString(),
          labels.size() + " labels for " + images + " images",
          "as many as images, or lines of NAME LABEL");
    }
    return labels;
  }

  /** A name and a label to a line, in any order. */
  private static List<Label> byName(
      Path file, List<String> lines, List<String> images, List<FileNote> notes)
      throws DataException {
    ImageLabels<Label> byName = new ImageLabels<>(images);
    for (int i = 0; i < lines.size(); i++) {
      String text = lines.get(i).strip();
      if (i == 0 && text.replace(" ", "").equals(KAGGLE_HEAD)) {
        continue;
      }
      int comma = text.indexOf(',');
      String[] parts = text.split(comma < 0 ? "\\s+" : ",", 2);
      String name = ListLine.unquoted(parts[0].strip());
      String label = parts.length < 2 ? null : label(ListLine.unquoted(parts[1].strip()));
      if (label == null) {
        throw wrong(file, i + 1, text.isEmpty() ? "it is blank" : quoted(text));
      }
      Label before = byName.put(name(name), new Label(label, i + 1));
      if (before != null) {
        throw wrong(file, i + 1, quoted(name) + " has a label in line " + before.line);
      }
    }
    List<Label> labels = new ArrayList<>();
    for (String image : images) {
      Label label = byName.take(image);
      if (label == null) {
        String twice = byName.isTwice(image) ? ", which is there twice" : "";
        throw new DataException(
            file.toString(), "no label for " + Printable.name(image) + twice, ALLOWED);
      }
      labels.add(label);
    }
    List<String> left = byName.left();
    if (!left.isEmpty()) {
      List<String> first = left.stream().limit(FileNote.SHOWN).toList();
      notes.add(new FileNote("labels are of images that are not there", left.size(), first));
    }
    return labels;
  }

  /** Returns the label in what stands behind a name, or null if there is none or more than one. */
  private static String label(String text) {
    String[] words = text.strip().split("\\s+");
    if (words.length > 1 && words.length % BOX_WORDS != 0) {
      return null;
    }
    for (int i = 0; i < words.length; i++) {
      boolean right = i % BOX_WORDS == 0 ? words[i].equals(words[0]) : words[i].matches(COORDINATE);
      if (!right) {
        return null;
      }
    }
    return words[0].isEmpty() ? null : words[0];
  }

  private static String name(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Checks images that lie in folders of classes; returns whether all of them do. */
  private static boolean requireFolders(
      Path file, List<String> paths, List<String> classes, List<String> trainClasses)
      throws DataException {
    Set<String> folders = Set.copyOf(trainClasses);
    boolean all = true;
    for (int i = 0; i < paths.size(); i++) {
      String[] parts = paths.get(i).split("/");
      String folder = null;
      for (int k = 0; k + 1 < parts.length; k++) {
        boolean known = folders.contains(parts[k]) || IlsvrcClasses.rank(parts[k]) >= 0;
        folder = known ? parts[k] : folder;
      }
      all &= folder != null;
      if (folder != null && !folder.equals(classes.get(i))) {
        throw new DataException(
            file.toString(),
            String.format(
                Locale.ROOT,
                "%s is labelled %s, and lies in a folder of class %s",
                Printable.name(paths.get(i)),
                Printable.name(classes.get(i)),
                Printable.name(folder)),
            "labels that agree with the folders, or ./alexnet prepare without --val-labels");
      }
    }
    return all;
  }

  private static List<String> classes(
      Path file, List<Label> labels, List<String> trainClasses, List<FileNote> notes)
      throws DataException {
    Set<String> folders = Set.copyOf(trainClasses);
    if (labels.stream().allMatch(label -> folders.contains(label.text))) {
      return labels.stream().map(Label::text).toList();
    }
    if (labels.stream().allMatch(label -> label.text.matches(NUMBER))) {
      return numbered(file, labels, trainClasses, notes);
    }
    for (Label label : labels) {
      boolean known = folders.contains(label.text) || IlsvrcClasses.rank(label.text) >= 0;
      if (!known && !label.text.matches(NUMBER)) {
        throw wrong(
            file, label.line, quoted(label.text) + " is no class folder of train and no synset id");
      }
    }
    for (Label label : labels) {
      if (!folders.contains(label.text) && label.text.matches(NUMBER)) {
        throw wrong(file, label.line, quoted(label.text) + " is a number, other labels are names");
      }
    }
    return labels.stream().map(Label::text).toList();
  }

  /** Turns numbers into class names. */
  private static List<String> numbered(
      Path file, List<Label> labels, List<String> trainClasses, List<FileNote> notes)
      throws DataException {
    boolean ilsvrc = IlsvrcClasses.areAll(trainClasses);
    List<String> order = ilsvrc ? IlsvrcClasses.ids() : trainClasses;
    Set<Integer> wanted =
        trainClasses.stream().map(order::indexOf).collect(Collectors.toCollection(TreeSet::new));
    Set<Integer> found = new HashSet<>();
    for (Label label : labels) {
      found.add(Integer.parseInt(label.text));
    }
    Set<Integer> less = found.stream().map(n -> n - 1).collect(Collectors.toSet());
    boolean fromOne = !found.contains(0) && (found.contains(order.size()) || less.equals(wanted));
    if (fromOne) {
      throw new DataException(
          file.toString(),
          "labels from "
              + new TreeSet<>(found).first()
              + " to "
              + new TreeSet<>(found).last()
              + (ilsvrc
                  ? ": ILSVRC2012_IDs of the development kit, whose order is not the canonical one"
                  : ": they count from 1"),
          ALLOWED);
    }
    for (Label label : labels) {
      if (Integer.parseInt(label.text) >= order.size()) {
        throw wrong(
            file, label.line, "label " + label.text + ", the last class is " + (order.size() - 1));
      }
    }
    notes.add(
        FileNote.of(
            "labels of val count from 0 in the order of the "
                + (ilsvrc ? "1,000 synset ids of ILSVRC-2012" : "class folders of train")));
    return labels.stream().map(label -> order.get(Integer.parseInt(label.text))).toList();
  }

  private static String quoted(String text) {
    return "'" + Printable.name(text) + "'";
  }

  private static DataException wrong(Path file, int line, String reason) {
    return new DataException(file + ": line " + line, reason, ALLOWED);
  }
}
