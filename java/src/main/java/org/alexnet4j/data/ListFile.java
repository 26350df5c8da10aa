package org.alexnet4j.data;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Images named in a text file: lines of path, label and, if wanted, train or val, separated by tabs
 * or, where there is no tab, by blanks. Paths count from the folder of the list; a label is a
 * number or a class name.
 */
final class ListFile extends ImageFiles {
  private static final String ALLOWED = "lines of PATH LABEL, or PATH LABEL train|val";

  private final List<Path> files;

  private ListFile(Path list, PathList paths, List<Path> files) {
    super(list.toString(), paths);
    this.files = files;
  }

  /** One line of the list, by its number from 1; split is empty, train or val. */
  private record Line(int number, String path, String label, String split) {
    boolean isHeldOut() {
      return split.equals("val");
    }
  }

  /** Says whether a file is a list, by its name. */
  static boolean isList(Path path) {
    return Files.isRegularFile(path)
        && path.getFileName().toString().matches("(?i).*\\.(txt|tsv|lst|list)");
  }

  /** Opens the images of a list. */
  static PrepareSource open(Path list, PrepareOptions options) throws IOException {
    List<Line> lines = lines(list);
    boolean numbers = lines.stream().allMatch(line -> line.label.matches("[0-9]{1,6}"));
    checkLabels(list.toString(), lines, numbers, options.heldOutShare());
    Map<Integer, String> synsets = numbers ? synsets(lines) : Map.of();
    if (!synsets.isEmpty() && IlsvrcClasses.areAll(synsets.values())) {
      Optional<String> fault = IlsvrcClasses.orderFault(synsets);
      if (fault.isPresent()) {
        throw new DataException(list.toString(), fault.get(), "labels in the canonical order");
      }
    }
    boolean split = lines.stream().anyMatch(line -> !line.split.isEmpty());
    PathList.Builder paths = new PathList.Builder();
    List<Path> files = new ArrayList<>();
    Path folder = list.toAbsolutePath().getParent();
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      String label =
          numbers ? String.format(Locale.ROOT, "%06d", Integer.parseInt(line.label)) : line.label;
      String part = split ? (line.split.isEmpty() ? "train" : line.split) + "/" : "";
      String path = part + label + "/" + String.format(Locale.ROOT, "%08d/", i) + shown(line);
      if (!FolderLayout.isImageName(path) || !FolderLayout.isData(path)) {
        throw new DataException(
            list + ": line " + line.number,
            "'"
                + line.path
                + "' is not named like an image, or its name or label begins with a dot",
            "files named " + FolderLayout.IMAGE_NAMES);
      }
      paths.add(path, false);
      files.add(folder.resolve(line.path));
    }
    ListFile tree = new ListFile(list, paths.build(), files);
    PrepareSource source = PrepareSource.of("list", tree, options, 0);
    return numbers && !options.canonical() ? source.withIds(ids(source.ids(), synsets)) : source;
  }

  /** Says in the words of a list what would otherwise be said of folders. */
  private static void checkLabels(
      String list, List<Line> lines, boolean numbers, double heldOutShare) throws DataException {
    Map<String, Integer> train = new TreeMap<>();
    Map<String, Integer> held = new TreeMap<>();
    for (Line line : lines) {
      String label = numbers ? Integer.valueOf(line.label).toString() : line.label;
      (line.isHeldOut() ? held : train).merge(label, 1, Integer::sum);
    }
    if (train.size() < 2) {
      String only = train.isEmpty() ? "no line to train on" : "only one label, " + train.keySet();
      throw new DataException(list, only, "two labels or more to train on; " + ALLOWED);
    }
    for (String label : train.keySet()) {
      if (held.isEmpty() && heldOutShare > 0 && train.get(label) < 2) {
        throw new DataException(
            list,
            "label '" + label + "' has one image, so none can be held out",
            "two images or more to a label, lines that end in train or val, or --held-out 0");
      }
      if (!held.isEmpty() && !held.containsKey(label)) {
        throw new DataException(
            list, "label '" + label + "' has no line that ends in val", "one or more, or no val");
      }
    }
    held.keySet().removeAll(train.keySet());
    if (!held.isEmpty()) {
      throw new DataException(
          list,
          "labels " + held.keySet() + " are only in lines that end in val",
          "labels of train");
    }
  }

  /** A path as part of the virtual one; parts that FolderLayout would pass over are renamed. */
  private static String shown(Line line) {
    return line.path.replaceAll("(^|/)\\.+(?=[^/]*/)", "$1_").replaceAll("^/+", "");
  }

  private static List<String> ids(List<String> labels, Map<Integer, String> synsets) {
    return labels.stream()
        .map(Integer::parseInt)
        .map(label -> synsets.getOrDefault(label, label.toString()))
        .toList();
  }

  /** Finds the synset of each label in the paths; empty unless every line has the same one. */
  private static Map<Integer, String> synsets(List<Line> lines) {
    Map<Integer, String> synsets = new TreeMap<>();
    Map<String, Integer> labels = new HashMap<>();
    for (Line line : lines) {
      String id = null;
      for (String part : line.path.split("/")) {
        id = IlsvrcClasses.idOf(part).orElse(id);
      }
      int label = Integer.parseInt(line.label);
      if (id == null
          || !synsets.computeIfAbsent(label, key -> "").isEmpty() && !synsets.get(label).equals(id)
          || labels.getOrDefault(id, label) != label) {
        return Map.of();
      }
      synsets.put(label, id);
      labels.put(id, label);
    }
    return synsets;
  }

  private static List<Line> lines(Path list) throws IOException {
    List<Line> lines = new ArrayList<>();
    List<String> texts;
    try {
      texts = Files.readAllLines(list);
    } catch (MalformedInputException e) {
      throw new DataException(list.toString(), "not a text in UTF-8", ALLOWED, e);
    }
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i).strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      String[] words = text.split(text.contains("\t") ? "\t" : "\\s+");
      String split = words.length > 2 ? words[2].replaceAll("^test$", "val") : "";
      if (words.length < 2
          || words.length > 3
          || words[1].contains("/")
          || !split.matches("train|val|")) {
        throw new DataException(list + ": line " + (i + 1), "'" + text + "'", ALLOWED);
      }
      lines.add(new Line(i + 1, words[0], words[1], split));
    }
    if (lines.isEmpty()) {
      throw new DataException(list.toString(), "no image in it", ALLOWED);
    }
    return lines;
  }

  @Override
  String display(String path) {
    for (int i = 0; i < count(); i++) {
      if (path(i).equals(path)) {
        return files.get(i).toString();
      }
    }
    return root();
  }

  @Override
  byte[] read(int entry) throws IOException {
    return readFile(files.get(entry), files.get(entry).toString());
  }
}
