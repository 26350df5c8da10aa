package org.alexnet4j.data;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.alexnet4j.data.DataOptions.Split;

/**
 * Finds classes and images in a tree of files.
 *
 * <p>Three layouts are known, at the root or below folders that hold nothing else: {@code
 * train/CLASS/*} with {@code val/CLASS/*} or {@code test/CLASS/*}, and plain {@code CLASS/*}, of
 * which a share is held out; and files named {@code n01440764_*} in one folder, of class n01440764.
 * Which images are held out depends on their names alone: those with the smallest SHA-256. Labels
 * follow the names of the classes in order.
 *
 * @param classes names of the class folders, in order
 * @param entries places of the images in the tree, by class, then by name
 * @param labels class of each image
 * @param prefix path of the folder in which the layout was found, empty or ending in '/'
 */
record FolderLayout(List<String> classes, int[] entries, int[] labels, String prefix) {
  static final String IMAGE_NAMES = ".jpg, .jpeg, .png, .gif, .bmp, .tif, .tiff";

  private static final Set<String> EXTENSIONS =
      Set.copyOf(List.of((IMAGE_NAMES + ", .ppm").split(", ")));
  private static final String TRAIN = "train";
  private static final List<String> HELD_OUT = List.of("val", "validation", "valid", "test");
  private static final Set<String> NOT_DATA = Set.of("__MACOSX", "@eaDir", "lost+found");
  private static final String LAYOUTS =
      "DIR/train/CLASS/* and DIR/val/CLASS/* (or test), or DIR/CLASS/*, with files named "
          + IMAGE_NAMES;

  /** The images of a class, and what else its folder holds. */
  private static final class ClassFolder {
    final ImmutableIntArray.Builder found = ImmutableIntArray.builder();
    int[] images; // those that were found, in order, or the wanted share of them
    int otherFiles;
    String otherFile;
  }

  /** Finds the images of the wanted part. */
  static FolderLayout find(ImageFiles files, DataOptions options) throws DataException {
    String prefix = prefix(files);
    Set<String> tops = tops(files, prefix);
    List<String> heldOut = new ArrayList<>(HELD_OUT);
    heldOut.retainAll(tops);
    boolean trainFolder = tops.contains(TRAIN);
    boolean split = trainFolder && !heldOut.isEmpty();
    if (!split && !trainFolder && !tops.isEmpty() && HELD_OUT.containsAll(tops)) {
      if (options.split() == Split.TRAIN) {
        throw new DataException(
            files.display(prefix), "no folder train in it, only " + heldOut, LAYOUTS);
      }
      split = true;
    }
    if (!split) {
      String base = tops.equals(Set.of(TRAIN)) ? prefix + TRAIN + "/" : prefix;
      Map<String, ClassFolder> classes = scan(files, base);
      share(files, base, classes, options);
      return collect(classes, prefix);
    }
    Map<String, ClassFolder> held =
        heldOut.isEmpty() ? null : scan(files, prefix + heldOut.get(0) + "/");
    if (!trainFolder) {
      return collect(held, prefix);
    }
    Map<String, ClassFolder> train = scan(files, prefix + TRAIN + "/");
    agree(files, prefix + heldOut.get(0), train, held);
    return collect(options.split() == Split.TRAIN ? train : held, prefix);
  }

  /** Says by its name whether a file is meant to be an image; what it is, its content will tell. */
  static boolean isImageName(String path) {
    int dot = path.lastIndexOf('.');
    return dot >= 0 && EXTENSIONS.contains(path.substring(dot).toLowerCase(Locale.ROOT));
  }

  /** Says that no part of a path is hidden or one of the system's own; others are passed over. */
  static boolean isData(String path) {
    int from = 0;
    while (from < path.length()) { // no split: it is asked for each of a million files, often
      int slash = path.indexOf('/', from);
      int to = slash < 0 ? path.length() : slash;
      if (path.charAt(from) == '.') {
        return false;
      }
      for (String name : NOT_DATA) {
        if (to - from == name.length() && path.startsWith(name, from)) {
          return false;
        }
      }
      from = to + 1;
    }
    return true;
  }

  /**
   * Returns the path below which the layout starts: past folders that hold nothing but one folder
   * of folders.
   */
  private static String prefix(ImageFiles files) throws DataException {
    String prefix = "";
    while (true) {
      Set<String> tops = new LinkedHashSet<>();
      int shallowest = Integer.MAX_VALUE;
      for (int i = 0; i < files.count(); i++) {
        String path = files.path(i);
        if (!files.isFolder(i) && isImageName(path) && isData(path)) {
          int slash = path.indexOf('/', prefix.length());
          int end = slash < 0 ? path.length() : slash;
          tops.add(path.substring(prefix.length(), end));
          int depth = 1;
          for (int at = slash; at >= 0; at = path.indexOf('/', at + 1)) {
            depth++;
          }
          shallowest = Math.min(shallowest, depth);
        }
      }
      if (tops.isEmpty()) {
        throw new DataException(files.root(), "no image in it", LAYOUTS);
      }
      String only = tops.iterator().next();
      if (tops.size() > 1
          || shallowest < 3
          || only.equals(TRAIN)
          || HELD_OUT.contains(only)
          || tops(files, prefix).size() > 1) {
        return prefix;
      }
      prefix += only + "/";
    }
  }

  /** Returns the folders directly below a path. */
  private static Set<String> tops(ImageFiles files, String prefix) {
    Set<String> tops = new LinkedHashSet<>();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (path.startsWith(prefix) && isData(path)) {
        String rest = path.substring(prefix.length());
        int slash = rest.indexOf('/');
        if (slash > 0 || files.isFolder(i)) {
          tops.add(slash > 0 ? rest.substring(0, slash) : rest);
        }
      }
    }
    return tops;
  }

  /**
   * Sorts the images below a path by the folder they are in; a folder without an image is an error.
   */
  private static Map<String, ClassFolder> scan(ImageFiles files, String base) throws DataException {
    Map<String, ClassFolder> classes = new TreeMap<>();
    int loose = 0;
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (!path.startsWith(base) || !isData(path)) {
        continue;
      }
      String rest = path.substring(base.length());
      int slash = rest.indexOf('/');
      if (slash < 0 && !files.isFolder(i)) {
        loose += isImageName(rest) ? 1 : 0;
        continue;
      }
      String name = slash < 0 ? rest : rest.substring(0, slash);
      ClassFolder folder = classes.computeIfAbsent(name, key -> new ClassFolder());
      if (!files.isFolder(i) && isImageName(rest)) {
        folder.found.add(i);
      } else if (!files.isFolder(i)) {
        folder.otherFiles++;
        folder.otherFile = rest.substring(slash + 1);
      }
    }
    Map<String, ClassFolder> flat = classes.size() > 1 ? Map.of() : scanFlat(files, base);
    if (flat.size() > 1) {
      classes = flat;
    }
    if (classes.isEmpty()) {
      throw new DataException(
          files.display(base),
          loose == 0 ? "no class in it" : loose + " images, but no class folder",
          LAYOUTS);
    }
    if (classes.size() < 2) {
      throw new DataException(
          files.display(base),
          "only one class in it, " + classes.keySet(),
          "two or more; " + LAYOUTS);
    }
    for (Map.Entry<String, ClassFolder> entry : classes.entrySet()) {
      ClassFolder folder = entry.getValue();
      folder.images = sorted(folder.found.build().toArray(), files::path);
      requireImage(files, base + entry.getKey(), entry.getKey(), folder);
    }
    return classes;
  }

  /** Sorts images that lie in one folder, named WNID_*, by the synset ids in their names. */
  private static Map<String, ClassFolder> scanFlat(ImageFiles files, String base) {
    Map<String, ClassFolder> classes = new TreeMap<>();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (files.isFolder(i) || !path.startsWith(base) || !isData(path) || !isImageName(path)) {
        continue;
      }
      String name = path.substring(path.lastIndexOf('/') + 1);
      String id = IlsvrcClasses.idOf(name).orElse(null);
      if (id == null) {
        return Map.of();
      }
      classes.computeIfAbsent(id, key -> new ClassFolder()).found.add(i);
    }
    return classes;
  }

  private static void requireImage(ImageFiles files, String path, String name, ClassFolder folder)
      throws DataException {
    if (folder.images.length == 0) {
      String others =
          folder.otherFiles == 0
              ? ""
              : ", only " + folder.otherFiles + " other files such as " + folder.otherFile;
      throw new DataException(
          files.display(path),
          "class '" + name + "' has no image" + others,
          "one file or more named " + IMAGE_NAMES);
    }
  }

  private static void agree(
      ImageFiles files, String path, Map<String, ClassFolder> train, Map<String, ClassFolder> held)
      throws DataException {
    for (String name : held.keySet()) {
      if (!train.containsKey(name)) {
        throw new DataException(
            files.display(path + "/" + name),
            "class '" + name + "' is not in train",
            "the " + train.size() + " class folders of train");
      }
    }
    for (String name : train.keySet()) {
      if (!held.containsKey(name)) {
        throw new DataException(
            files.display(path),
            "class '" + name + "' of train is missing",
            "the " + train.size() + " class folders of train");
      }
    }
  }

  /** Keeps, of every class, the held-out share or the rest. */
  private static void share(
      ImageFiles files, String base, Map<String, ClassFolder> classes, DataOptions options)
      throws DataException {
    for (Map.Entry<String, ClassFolder> entry : classes.entrySet()) {
      ClassFolder folder = entry.getValue();
      boolean held = options.split() == Split.HELD_OUT;
      if (options.heldOutShare() == 0) {
        folder.images = held ? new int[0] : folder.images;
        continue;
      }
      int all = folder.images.length;
      if (all < 2) {
        throw new DataException(
            files.display(base + entry.getKey()),
            "class '" + entry.getKey() + "' has one image, so none can be held out",
            "two images or more, or folders train and val");
      }
      int[] ranked = sorted(folder.images, i -> rank(files.path(i).substring(base.length())));
      int count = (int) Math.round(options.heldOutShare() * all);
      int[] chosen = Arrays.copyOf(ranked, Math.max(1, Math.min(all - 1, count)));
      Arrays.sort(chosen);
      folder.images =
          Arrays.stream(folder.images)
              .filter(i -> Arrays.binarySearch(chosen, i) >= 0 == held)
              .toArray();
    }
  }

  /** An image with the text that decides about its place. */
  private record Keyed(String key, int image) {}

  private static int[] sorted(int[] images, IntFunction<String> key) {
    return Arrays.stream(images)
        .mapToObj(image -> new Keyed(key.apply(image), image))
        .sorted(Comparator.comparing(Keyed::key))
        .mapToInt(Keyed::image)
        .toArray();
  }

  private static String rank(String path) {
    return Hashing.sha256().hashString(path, StandardCharsets.UTF_8).toString();
  }

  /** Returns the same images with other labels. */
  FolderLayout relabelled(List<String> names, int[] newLabel) {
    int[] changed = new int[labels.length];
    for (int i = 0; i < changed.length; i++) {
      changed[i] = newLabel[labels[i]];
    }
    return new FolderLayout(names, entries, changed, prefix);
  }

  private static FolderLayout collect(Map<String, ClassFolder> classes, String prefix) {
    int size = classes.values().stream().mapToInt(folder -> folder.images.length).sum();
    int[] entries = new int[size];
    int[] labels = new int[size];
    int label = 0;
    int at = 0;
    for (ClassFolder folder : classes.values()) {
      int count = folder.images.length;
      System.arraycopy(folder.images, 0, entries, at, count);
      Arrays.fill(labels, at, at + count, label++);
      at += count;
    }
    return new FolderLayout(List.copyOf(classes.keySet()), entries, labels, prefix);
  }
}
