package org.alexnet4j.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Classes of images that lie in no class folders, from a text file with one image a line. A line is
 * the label alone, in the order of the images' names, or a name and a label; a label is a number in
 * the canonical order, from 0, or a class name such as n01440764.
 *
 * @param classes class of each image
 */
record ValLabels(List<String> classes) {
  private static final String ALLOWED =
      "lines of a label from 0 to 999 or a synset id, with or without the image's name before it";

  /**
   * Reads the labels of these images.
   *
   * @param images names without folders, sorted
   * @param trainClasses classes of the training images, sorted
   */
  static ValLabels read(Path file, List<String> images, List<String> trainClasses)
      throws IOException {
    List<String> lines =
        Files.readAllLines(file).stream().map(String::strip).filter(l -> !l.isEmpty()).toList();
    boolean named = lines.stream().allMatch(line -> line.split("[\\s,]+").length > 1);
    List<String> labels = new ArrayList<>();
    if (named) {
      Map<String, String> byName = new HashMap<>();
      for (String line : lines) {
        String[] words = line.split("[\\s,]+");
        byName.put(stem(words[0]), words[1]);
      }
      for (String image : images) {
        String label = byName.get(stem(image));
        if (label == null) {
          throw new DataException(file.toString(), "no label for " + image, ALLOWED);
        }
        labels.add(label);
      }
    } else {
      if (lines.size() != images.size()) {
        throw new DataException(
            file.toString(),
            lines.size() + " labels for " + images.size() + " images",
            "as many as images");
      }
      labels.addAll(lines);
    }
    return new ValLabels(named(file, labels, trainClasses));
  }

  private static String stem(String name) {
    String file = name.substring(name.lastIndexOf('/') + 1);
    int dot = file.indexOf('.');
    return dot < 0 ? file : file.substring(0, dot);
  }

  /** Turns numbers into class names. */
  private static List<String> named(Path file, List<String> labels, List<String> trainClasses)
      throws DataException {
    if (!labels.stream().allMatch(label -> label.matches("[0-9]{1,6}"))) {
      return labels;
    }
    int least = labels.stream().mapToInt(Integer::parseInt).min().orElse(0);
    int most = labels.stream().mapToInt(Integer::parseInt).max().orElse(0);
    boolean ilsvrc = IlsvrcClasses.areAll(trainClasses);
    List<String> order = ilsvrc ? IlsvrcClasses.ids() : trainClasses;
    if (least >= 1 && most == order.size()) {
      throw new DataException(
          file.toString(),
          "labels from 1 to "
              + most
              + (ilsvrc
                  ? ": ILSVRC2012_IDs of the development kit, whose order is not the canonical one"
                  : ": they count from 1"),
          ALLOWED);
    }
    if (most >= order.size()) {
      throw new DataException(
          file.toString(), "label " + most, "0 to " + (order.size() - 1) + "; " + ALLOWED);
    }
    return labels.stream().map(label -> order.get(Integer.parseInt(label))).toList();
  }
}
