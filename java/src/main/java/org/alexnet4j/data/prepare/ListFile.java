package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.PathList;
import org.alexnet4j.data.folder.IlsvrcClasses;
import org.alexnet4j.data.folder.SplitNames.Part;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * Images named in a text file: lines of path, label and, if wanted, train or val, separated by tabs
 * or, where there is no tab, by blanks, of which a path may have some, too. Paths count from the
 * folder of the list; a label is a number or a class name.
 */
final class ListFile extends ImageFiles {
  private static final String ALLOWED = "lines of PATH LABEL, or PATH LABEL train|val";
  private static final String NUMBER = "[0-9]{1,6}";

  private final List<Path> files;

  private ListFile(Path list, PathList paths, List<Path> files) {
    super(list.toString(), paths);
    this.files = files;
  }

  /** Opens the images of a list. */
  static PrepareSource open(Path list, PrepareOptions options) throws IOException {
    List<FileNote> notes = new ArrayList<>();
    List<ListLine> lines = withoutTest(ListLine.read(list, ALLOWED), notes);
    noteUnmarked(lines, notes);
    boolean numbers = lines.get(0).label().matches(NUMBER);
    requireOneKind(list, lines, numbers);
    checkLabels(list.toString(), lines, numbers, options.heldOutShare());
    Map<Integer, String> synsets = numbers ? synsets(lines) : Map.of();
    if (!synsets.isEmpty() && IlsvrcClasses.areAll(synsets.values())) {
      Optional<String> fault = IlsvrcClasses.orderFault(synsets);
      if (fault.isPresent()) {
        throw new DataException(list.toString(), fault.get(), "labels in the canonical order");
      }
    } else if (numbers) {
      noteHoles(lines, notes);
    }
    List<Path> files = files(list, lines, options.damaged() == Damaged.FAIL);
    requireOneLabel(list, lines, files, notes);
    boolean split = lines.stream().anyMatch(ListLine::isHeldOut);
    PathList.Builder paths = new PathList.Builder();
    for (int i = 0; i < lines.size(); i++) {
      ListLine line = lines.get(i);
      String label =
          numbers
              ? String.format(Locale.ROOT, "%06d", Integer.parseInt(line.label()))
              : line.label();
      String part = split && line.isHeldOut() ? "val/" : "train/";
      paths.add(part + label + String.format(Locale.ROOT, "/%08d/", i) + shown(line), false);
    }
    ListFile tree = new ListFile(list, paths.build(), files);
    PrepareSource source = PrepareSource.of("list", tree, options, 0, notes);
    return numbers && !options.canonical() ? source.withIds(ids(source.ids(), synsets)) : source;
  }

  /** Leaves test out where there is val beside it; else it is what is held out. */
  private static List<ListLine> withoutTest(List<ListLine> lines, List<FileNote> notes) {
    if (lines.stream().noneMatch(line -> line.part() == Part.VAL)) {
      return lines;
    }
    FileNote.Builder left = new FileNote.Builder();
    List<ListLine> kept = new ArrayList<>();
    for (ListLine line : lines) {
      if (line.part() == Part.TEST) {
        left.add(
            "lines that end in test are left out, those that end in val are held out", line.path());
      } else {
        kept.add(line);
      }
    }
    notes.addAll(left.build());
    return kept;
  }

  /** Says what becomes of lines that say no part beside others that do. */
  private static void noteUnmarked(List<ListLine> lines, List<FileNote> notes) {
    long unmarked = lines.stream().filter(line -> line.part() == null).count();
    if (unmarked > 0 && unmarked < lines.size()) {
      FileNote.Builder builder = new FileNote.Builder();
      lines.stream()
          .filter(line -> line.part() == null)
          .forEach(line -> builder.add("lines say no part and are taken for train", line.path()));
      notes.addAll(builder.build());
    }
  }

  /** Labels are all numbers or all names. */
  private static void requireOneKind(Path list, List<ListLine> lines, boolean numbers)
      throws DataException {
    ListLine first = lines.get(0);
    for (ListLine line : lines) {
      boolean number = line.label().matches(NUMBER);
      if (number != numbers || !number && line.label().matches("[-+]?[0-9.]+(e[-+]?[0-9]+)?")) {
        throw wrong(
            list,
            line,
            "label '"
                + Printable.name(line.label())
                + "'"
                + (number == numbers ? "" : " beside '" + Printable.name(first.label()) + "'"),
            "either whole numbers from 0 to 999999 or names; " + ALLOWED);
      }
    }
  }

  private static DataException wrong(Path list, ListLine line, String reason, String allowed) {
    return new DataException(list + ": line " + line.number(), reason, allowed);
  }

  /** Finds the files; those that are not there are named before anything is written. */
  private static List<Path> files(Path list, List<ListLine> lines, boolean strict)
      throws DataException {
    Path folder = list.toAbsolutePath().getParent();
    List<Path> files = new ArrayList<>();
    List<ListLine> missing = new ArrayList<>();
    for (ListLine line : lines) {
      try {
        files.add(folder.resolve(line.path()));
      } catch (InvalidPathException e) {
        throw wrong(list, line, "not a path: " + e.getReason(), ALLOWED);
      }
      if (strict && !Files.isRegularFile(files.get(files.size() - 1))) {
        missing.add(line);
      }
    }
    if (!missing.isEmpty()) {
      ListLine first = missing.get(0);
      Path here = Path.of(first.path()).toAbsolutePath();
      String remedy =
          Files.isRegularFile(here)
              ? "paths that count from the folder of the list, "
                  + folder
                  + "; "
                  + here
                  + " is there"
              : "paths of files, counted from the folder of the list, " + folder;
      String more =
          missing.size() == 1
              ? ""
              : ", nor are the files of " + (missing.size() - 1) + " other lines";
      throw wrong(
          list, first, "'" + Printable.name(first.path()) + "' is no file there" + more, remedy);
    }
    return files;
  }

  /** Refuses an image with two labels; one that is there twice is named. */
  private static void requireOneLabel(
      Path list, List<ListLine> lines, List<Path> files, List<FileNote> notes)
      throws DataException {
    FileNote.Builder twice = new FileNote.Builder();
    Map<Path, ListLine> byFile = new HashMap<>();
    for (int i = 0; i < files.size(); i++) {
      ListLine line = lines.get(i);
      ListLine before = byFile.putIfAbsent(files.get(i).normalize(), line);
      if (before == null) {
        continue;
      }
      if (!same(before.label(), line.label())) {
        String text = "'%s' has label '%s', in line %d it has '%s'";
        throw wrong(
            list,
            line,
            String.format(
                Locale.ROOT,
                text,
                Printable.name(line.path()),
                Printable.name(line.label()),
                before.number(),
                Printable.name(before.label())),
            "one label to an image; " + ALLOWED);
      }
      twice.add("lines name an image that an earlier line names as well", line.path());
    }
    notes.addAll(twice.build());
  }

  private static boolean same(String label, String other) {
    boolean numbers = label.matches(NUMBER) && other.matches(NUMBER);
    return numbers ? Integer.parseInt(label) == Integer.parseInt(other) : label.equals(other);
  }

  /** Says in the words of a list what would otherwise be said of folders. */
  private static void checkLabels(
      String list, List<ListLine> lines, boolean numbers, double heldOutShare)
      throws DataException {
    Map<String, Integer> train = new TreeMap<>();
    Map<String, Integer> held = new TreeMap<>();
    for (ListLine line : lines) {
      String label = numbers ? Integer.valueOf(line.label()).toString() : line.label();
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
          "labels " + Printable.names(held.keySet()) + " are only in lines that end in val",
          "labels of train");
    }
  }

  /** Numbers of which some do not occur become labels without holes, which is said. */
  private static void noteHoles(List<ListLine> lines, List<FileNote> notes) {
    TreeSet<Integer> labels = new TreeSet<>();
    lines.forEach(line -> labels.add(Integer.parseInt(line.label())));
    int holes = labels.last() + 1 - labels.size();
    if (holes > 0) {
      List<String> first =
          IntStream.range(0, labels.last())
              .filter(n -> !labels.contains(n))
              .limit(FileNote.SHOWN)
              .mapToObj(Integer::toString)
              .toList();
      String what =
          "labels from 0 to "
              + labels.last()
              + " do not occur, the others become 0 to "
              + (labels.size() - 1);
      notes.add(new FileNote(what, holes, first));
    }
  }

  /** A path as part of the virtual one. */
  private static String shown(ListLine line) {
    return line.path().replaceAll("(^|/)\\.++(?=[^/]*+/)", "$1_").replaceAll("^/+", "");
  }

  private static List<String> ids(List<String> labels, Map<Integer, String> synsets) {
    return labels.stream()
        .map(Integer::parseInt)
        .map(label -> synsets.getOrDefault(label, label.toString()))
        .toList();
  }

  /** Finds the synset of each label in the paths; empty unless every line has the same one. */
  private static Map<Integer, String> synsets(List<ListLine> lines) {
    Map<Integer, String> synsets = new TreeMap<>();
    Map<String, Integer> labels = new HashMap<>();
    for (ListLine line : lines) {
      String id = null;
      for (String part : line.path().split("/")) {
        id = IlsvrcClasses.idOf(part).orElse(id);
      }
      int label = Integer.parseInt(line.label());
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

  @Override
  protected FileSorts findSorts() {
    return FileSorts.allImages(this);
  }

  @Override
  public boolean hasOwnFolders() {
    return false;
  }

  @Override
  public String display(String path) {
    for (int i = 0; i < count(); i++) {
      if (path(i).equals(path)) {
        return files.get(i).toString();
      }
    }
    return root();
  }

  @Override
  public byte[] read(int entry) throws IOException {
    return readFile(files.get(entry), files.get(entry).toString());
  }
}
