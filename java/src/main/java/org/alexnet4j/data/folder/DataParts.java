package org.alexnet4j.data.folder;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.folder.SplitNames.Part;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * Where in a tree of files the parts of a set lie.
 *
 * @param prefix path of the folder that holds the parts or classes, empty or ending in '/'
 * @param train path below which the training classes lie, or null if there are none
 * @param held path below which the held-out classes lie, or null if a share is to be held out
 * @param notes how folders were understood, where that goes without saying only for train and val
 */
public record DataParts(String prefix, String train, String held, List<FileNote> notes) {
  static final String LAYOUTS =
      "DIR/train/CLASS/* and DIR/val/CLASS/* (or test), or DIR/CLASS/*, with files named "
          + FileSorts.IMAGE_NAMES;

  private static final String REMEDY =
      "parts named " + SplitNames.KNOWN + "; or a list of PATH LABEL, for ./alexnet prepare";

  /** Folders that hold the images of a class in many sets, each class with one of the name. */
  private static final Pattern CONTAINER =
      Pattern.compile(
          "(?i)(raw|original)?[-_ ]?(images?|imgs?|photos?|pictures|jpe?gs?|pngs?|data)");

  private static final String BESIDE = "images beside the folders of the parts are left out";

  /** What lies below a folder at the top. */
  private static final class Top {
    int direct; // images in the folder itself
    int images; // all of them
    boolean bySynset = true; // all are named WNID_*
    final Set<String> folders = new TreeSet<>(); // of those that hold images

    boolean isFlat() {
      return direct > 0 && folders.isEmpty() && !bySynset;
    }
  }

  /** Finds the parts. */
  public static DataParts find(ImageFiles files) throws DataException {
    String prefix = prefix(files);
    Map<String, Top> tops = tops(files, prefix);
    Map<Part, List<String>> named = new TreeMap<>();
    for (String name : tops.keySet()) {
      SplitNames.of(name)
          .ifPresent(part -> named.computeIfAbsent(part, key -> new ArrayList<>()).add(name));
    }
    List<String> trains = named.getOrDefault(Part.TRAIN, List.of());
    boolean allNamed =
        !tops.isEmpty() && named.values().stream().mapToInt(List::size).sum() == tops.size();
    boolean split = allNamed || trains.stream().anyMatch(name -> !tops.get(name).folders.isEmpty());
    if (!split) {
      return new DataParts(prefix, prefix, null, List.of());
    }
    for (List<String> names : named.values()) {
      if (names.size() > 1) {
        throw new DataException(
            files.display(prefix),
            "folders " + String.join(" and ", names) + " may both be the same part",
            "one of them; " + LAYOUTS);
      }
    }
    return new Choice(files, prefix, tops, named).make();
  }

  /** The choice among folders that have the names of parts. */
  private record Choice(
      ImageFiles files, String prefix, Map<String, Top> tops, Map<Part, List<String>> named) {

    DataParts make() throws DataException {
      FileNote.Builder notes = new FileNote.Builder();
      String train = only(Part.TRAIN);
      String val = only(Part.VAL);
      String test = only(Part.TEST);
      if (train != null && tops.get(train).isFlat()) {
        throw flat(train, "class folders in it");
      }
      if (val != null && tops.get(val).isFlat()) {
        throw flat(val, "class folders in it, or ./alexnet prepare with --val-labels FILE");
      }
      String held = val;
      if (val == null && test != null && !tops.get(test).isFlat()) {
        held = test;
      }
      strangers(train, held, notes);
      if (test != null && held != test) {
        Top folder = tops.get(test);
        notes.say(
            test
                + ": its "
                + folder.images
                + " images are not used, "
                + (val != null
                    ? "those of " + val + " are held out"
                    : "as they are in no class folders"));
      }
      understood(train, held, notes);
      String trainBase = train == null ? null : base(train, Part.TRAIN);
      String heldBase = held == null ? null : base(held, SplitNames.of(held).orElseThrow());
      beside(trainBase, heldBase, notes);
      return new DataParts(prefix, trainBase, heldBase, notes.build());
    }

    /** Names images that are in no folder beside the parts, or in one around a part's own. */
    private void beside(String trainBase, String heldBase, FileNote.Builder notes)
        throws DataException {
      for (int i : (Iterable<Integer>) files.sorts().images().stream()::iterator) {
        String path = files.path(i);
        if (isBelow(path, trainBase) || isBelow(path, heldBase)) {
          continue;
        }
        int slash = path.indexOf('/', prefix.length());
        String top = slash < 0 ? null : path.substring(0, slash + 1);
        if (top == null || isBelow(trainBase, top) || isBelow(heldBase, top)) {
          notes.add(BESIDE, path);
        }
      }
    }

    private static boolean isBelow(String path, String base) {
      return path != null && base != null && path.startsWith(base);
    }

    private String only(Part part) {
      return named.containsKey(part) ? named.get(part).get(0) : null;
    }

    private DataException flat(String name, String allowed) {
      return new DataException(
          files.display(prefix + name),
          "its " + tops.get(name).images + " images are in no class folders",
          allowed);
    }

    /** Answers folders beside the parts that have images and the name of no part. */
    private void strangers(String train, String held, FileNote.Builder notes) throws DataException {
      for (Map.Entry<String, Top> top : tops.entrySet()) {
        if (SplitNames.of(top.getKey()).isPresent() || top.getValue().images == 0) {
          continue;
        }
        if (held == null) {
          throw new DataException(
              files.display(prefix + top.getKey()),
              "is neither a class nor a part that is known, beside " + train,
              SplitNames.KNOWN + "; or class folders alone");
        }
        notes.say(
            top.getKey()
                + ": its "
                + top.getValue().images
                + " images are left out, beside "
                + held);
      }
    }

    private static void understood(String train, String held, FileNote.Builder notes) {
      boolean plain =
          (train == null || train.equals("train"))
              && (held == null || held.equals("val") || held.equals("test"));
      if (!plain) {
        List<String> parts = new ArrayList<>();
        if (train != null) {
          parts.add(train + " is taken to train on");
        }
        if (held != null) {
          parts.add(held + " is held out");
        }
        notes.say(String.join(", ", parts));
      }
    }

    /** Returns the path of a part, past a folder of the same name that some archives have in it. */
    private String base(String name, Part part) throws DataException {
      String base = prefix + name + "/";
      while (true) {
        Map<String, Top> inside = DataParts.tops(files, base);
        String inner = inside.size() == 1 ? inside.keySet().iterator().next() : "";
        if (!SplitNames.of(inner).filter(part::equals).isPresent()
            || inside.get(inner).folders.isEmpty()) {
          return base;
        }
        base += inner + "/";
      }
    }
  }

  /** Returns the refusal of a tree without an image, which says if archives have to be unpacked. */
  private static DataException noImage(ImageFiles files) {
    List<String> archives = new ArrayList<>();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (!files.isFolder(i) && FileSorts.isData(path) && FileSorts.isArchiveName(path)) {
        archives.add(path);
      }
    }
    if (archives.isEmpty()) {
      return new DataException(files.root(), "no image in it", LAYOUTS);
    }
    return new DataException(
        files.root(),
        "no image in it, only archives: " + Printable.names(archives),
        "each of them unpacked into a folder of its name, or plain .tar archives, one a class, in"
            + " one plain .tar");
  }

  /**
   * Returns the path below which the layout starts: past folders that hold nothing but one folder
   * of folders.
   */
  private static String prefix(ImageFiles files) throws DataException {
    if (files.sorts().images().isEmpty()) {
      if (CifarFiles.isCifar(files)) {
        throw new DataException(
            files.root(),
            "batches of CIFAR-10, not yet prepared",
            "./alexnet prepare with it first");
      }
      throw noImage(files);
    }
    String prefix = "";
    while (true) {
      Set<String> tops = new TreeSet<>();
      int shallowest = Integer.MAX_VALUE;
      for (int i : (Iterable<Integer>) files.sorts().images().stream()::iterator) {
        String path = files.path(i);
        int slash = path.indexOf('/', prefix.length());
        int end = slash < 0 ? path.length() : slash;
        tops.add(path.substring(prefix.length(), end));
        int depth = 1;
        for (int at = slash; at >= 0; at = path.indexOf('/', at + 1)) {
          depth++;
        }
        shallowest = Math.min(shallowest, depth);
      }
      String only = tops.iterator().next();
      if (tops.size() > 1
          || shallowest < 3
          || SplitNames.of(only).isPresent()
          || tops(files, prefix).size() > 1) {
        return prefix;
      }
      prefix += only + "/";
    }
  }

  /** Returns the folders directly below a path, also those without an image. */
  private static Map<String, Top> tops(ImageFiles files, String prefix) throws DataException {
    Map<String, Top> tops = new TreeMap<>();
    for (int i = 0; i < files.count(); i++) {
      boolean image = files.sorts().images().get(i);
      String path = image || files.isFolder(i) ? files.path(i) : "";
      if (path.length() <= prefix.length()
          || !path.startsWith(prefix)
          || !image && !FileSorts.isData(path)) {
        continue;
      }
      int slash = path.indexOf('/', prefix.length());
      if (slash < 0 && image) {
        continue;
      }
      Top top =
          tops.computeIfAbsent(
              path.substring(prefix.length(), slash < 0 ? path.length() : slash), key -> new Top());
      if (image) {
        int inner = path.indexOf('/', slash + 1);
        top.images++;
        top.direct += inner < 0 ? 1 : 0;
        if (inner >= 0) {
          top.folders.add(path.substring(slash + 1, inner));
        }
        top.bySynset &= IlsvrcClasses.idOf(path.substring(path.lastIndexOf('/') + 1)).isPresent();
      }
    }
    return tops;
  }

  /** Refuses "classes" that are parts by their names, or by the folders that they hold. */
  static void requireClasses(ImageFiles files, String base) throws DataException {
    if (files.hasOwnFolders()) {
      Map<String, Top> tops = tops(files, base);
      requireNoParts(files, base, tops);
      requireOwnFolders(files, base, tops);
    }
  }

  private static void requireNoParts(ImageFiles files, String base, Map<String, Top> tops)
      throws DataException {
    List<String> parts =
        tops.entrySet().stream()
            .filter(top -> SplitNames.isLike(top.getKey(), top.getValue().direct == 0))
            .map(Map.Entry::getKey)
            .toList();
    if (parts.size() > 1) {
      throw new DataException(
          files.display(base),
          "folders " + Printable.names(parts) + " have names of parts, not of classes",
          REMEDY);
    }
  }

  /** One of two levels is not the classes where all have a folder in common, or two have two. */
  private static void requireOwnFolders(ImageFiles files, String base, Map<String, Top> tops)
      throws DataException {
    Set<String> ofAll = null;
    for (Top top : tops.values()) {
      Set<String> folders = top.direct > 0 ? Set.of() : top.folders;
      if (ofAll == null) {
        ofAll = new TreeSet<>(folders);
      }
      ofAll.retainAll(folders);
    }
    if (tops.size() > 1) {
      ofAll.removeIf(name -> CONTAINER.matcher(name).matches());
      requireNone(files, base, tops.keySet().stream().limit(2).toList(), ofAll);
    }
    Map<String, Top> several = new TreeMap<>(tops);
    several.values().removeIf(top -> top.direct > 0 || top.folders.size() < 2);
    Map<String, String> owner = new TreeMap<>(); // the first class that holds a folder
    for (Map.Entry<String, Top> top : several.entrySet()) {
      for (String folder : top.getValue().folders) {
        String first = owner.putIfAbsent(folder, top.getKey());
        if (first == null) {
          continue;
        }
        Set<String> both = new TreeSet<>(top.getValue().folders);
        both.retainAll(several.get(first).folders);
        if (both.size() > 1) {
          requireNone(files, base, List.of(first, top.getKey()), both);
        }
      }
    }
  }

  private static void requireNone(
      ImageFiles files, String base, List<String> tops, Set<String> shared) throws DataException {
    if (!shared.isEmpty()) {
      throw new DataException(
          files.display(base),
          "folders "
              + String.join(" and ", tops)
              + " hold the same "
              + (shared.size() == 1 ? "folder " : "folders ")
              + shared.stream().limit(FileNote.SHOWN).collect(Collectors.joining(", "))
              + ", so one of the levels is not the classes",
          REMEDY);
    }
  }
}
