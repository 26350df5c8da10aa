package org.alexnet4j.data.folder;

import com.google.common.hash.Hashing;
import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * Finds classes and images in a tree of files.
 *
 * <p>Three layouts are known, at the root or below folders that hold nothing else: {@code
 * train/CLASS/*} with {@code val/CLASS/*} or {@code test/CLASS/*} (or other names of {@link
 * SplitNames}), and plain {@code CLASS/*}, of which a share is held out; and files named {@code
 * n01440764_*} in one folder, of class n01440764. Which images are held out depends on their names
 * alone: those with the smallest SHA-256. Labels follow the names of the classes in order.
 *
 * @param classes names of the class folders, in order
 * @param entries places of the images in the tree, by class, then by name
 * @param labels class of each image
 * @param prefix path of the folder in which the layout was found, empty or ending in '/'
 * @param notes what was left out, and how folders were understood
 */
public record FolderLayout(
    List<String> classes, int[] entries, int[] labels, String prefix, List<FileNote> notes) {

  /** What a note says of images that no class folder holds. */
  public static final String BESIDE = "images beside the class folders are left out";

  /** The images of a class, and what else its folder holds. */
  private static final class ClassFolder {
    final ImmutableIntArray.Builder found = ImmutableIntArray.builder();
    int[] images; // those that were found, in order, or the wanted share of them
    int otherFiles;
    String otherFile;
  }

  /**
   * Finds the images of the wanted part.
   *
   * @param wantsHeld whether that is the part held out
   * @param heldOutShare share of each class that is held out where there is no folder for that
   */
  public static FolderLayout find(ImageFiles files, boolean wantsHeld, double heldOutShare)
      throws IOException {
    DataParts parts = DataParts.find(files);
    if (parts.train() == null && !wantsHeld) {
      throw new DataException(
          files.display(parts.prefix()),
          "no folder train in it, only "
              + "["
              + parts.held().substring(parts.prefix().length(), parts.held().length() - 1)
              + "]",
          DataParts.LAYOUTS);
    }
    FileNote.Builder notes = new FileNote.Builder();
    Map<String, ClassFolder> train =
        parts.train() == null ? null : scan(files, parts.train(), notes);
    Map<String, ClassFolder> held = parts.held() == null ? null : scan(files, parts.held(), notes);
    if (held == null) {
      share(files, parts.train(), train, wantsHeld, heldOutShare);
    } else if (train != null) {
      agree(files, parts.held(), train, held);
    }
    List<FileNote> all = new ArrayList<>(parts.notes());
    all.addAll(files.sorts().notes());
    all.addAll(notes.build());
    return collect(wantsHeld && held != null ? held : train, parts.prefix(), List.copyOf(all));
  }

  /**
   * Sorts the images below a path by the folder they are in; a folder without an image is an error.
   */
  private static Map<String, ClassFolder> scan(
      ImageFiles files, String base, FileNote.Builder notes) throws DataException {
    BitSet images = files.sorts().images();
    Map<String, ClassFolder> classes = new TreeMap<>();
    List<Integer> loose = new ArrayList<>();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (!path.startsWith(base) || !images.get(i) && !FileSorts.isData(path)) {
        continue;
      }
      String rest = path.substring(base.length());
      int slash = rest.indexOf('/');
      if (slash < 0 && !files.isFolder(i)) {
        if (images.get(i)) {
          loose.add(i);
        }
        continue;
      }
      String name = slash < 0 ? rest : rest.substring(0, slash);
      ClassFolder folder = classes.computeIfAbsent(name, key -> new ClassFolder());
      if (images.get(i)) {
        folder.found.add(i);
      } else if (!files.isFolder(i)) {
        folder.otherFiles++;
        folder.otherFile = rest.substring(slash + 1);
      }
    }
    Map<String, ClassFolder> flat = classes.size() > 1 ? Map.of() : scanFlat(files, base);
    if (flat.size() > 1) {
      classes = flat;
    } else if (classes.size() > 1) {
      loose.forEach(i -> notes.add(BESIDE, files.path(i)));
    }
    if (classes.isEmpty()) {
      throw new DataException(
          files.display(base),
          loose.isEmpty() ? "no class in it" : loose.size() + " images, but no class folder",
          DataParts.LAYOUTS);
    }
    if (classes.size() < 2) {
      throw new DataException(
          files.display(base),
          "only one class in it, " + classes.keySet(),
          "two or more; " + DataParts.LAYOUTS);
    }
    DataParts.requireClasses(files, base);
    noteTwins(classes.keySet(), notes);
    if (classes != flat && files.hasOwnFolders()) {
      MergedFolders.note(files, base, classes.size(), notes);
    }
    for (Map.Entry<String, ClassFolder> entry : classes.entrySet()) {
      ClassFolder folder = entry.getValue();
      folder.images = sorted(folder.found.build().toArray(), files::path);
      requireImage(files, base + entry.getKey(), entry.getKey(), folder);
    }
    return classes;
  }

  /** Says which classes a person could take for the same one. */
  private static void noteTwins(Set<String> names, FileNote.Builder notes) {
    Map<String, String> byForm = new HashMap<>();
    for (String name : names) {
      String other = byForm.putIfAbsent(form(name), name);
      if (other != null) {
        notes.say(
            "classes "
                + Printable.name(other)
                + " and "
                + Printable.name(name)
                + " differ only in case or in the form of their letters in Unicode");
      }
    }
  }

  /** Returns what two names share that differ only in case or in the form of their letters. */
  private static String form(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
  }

  private static String twin(String name, Set<String> others) {
    return others.stream()
        .filter(other -> form(other).equals(form(name)))
        .findFirst()
        .map(other -> ", where one is written in other case or other Unicode: " + other)
        .orElse("");
  }

  /** Sorts images that lie in one folder, named WNID_*, by the synset ids in their names. */
  private static Map<String, ClassFolder> scanFlat(ImageFiles files, String base)
      throws DataException {
    Map<String, ClassFolder> classes = new TreeMap<>();
    for (int i = 0; i < files.count(); i++) {
      String path = files.sorts().images().get(i) ? files.path(i) : "";
      if (path.isEmpty() || !path.startsWith(base)) {
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
          "one file or more named " + FileSorts.IMAGE_NAMES);
    }
  }

  private static void agree(
      ImageFiles files, String path, Map<String, ClassFolder> train, Map<String, ClassFolder> held)
      throws DataException {
    for (String name : held.keySet()) {
      if (!train.containsKey(name)) {
        throw new DataException(
            files.display(path + name),
            "class '" + name + "' is not in train" + twin(name, train.keySet()),
            "the " + train.size() + " class folders of train");
      }
    }
    for (String name : train.keySet()) {
      if (!held.containsKey(name)) {
        throw new DataException(
            files.display(path),
            "class '" + name + "' of train is missing" + twin(name, held.keySet()),
            "the " + train.size() + " class folders of train");
      }
    }
  }

  /** Keeps, of every class, the held-out share or the rest. */
  private static void share(
      ImageFiles files,
      String base,
      Map<String, ClassFolder> classes,
      boolean held,
      double heldOutShare)
      throws DataException {
    for (Map.Entry<String, ClassFolder> entry : classes.entrySet()) {
      ClassFolder folder = entry.getValue();
      if (heldOutShare == 0) {
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
      int count = (int) Math.round(heldOutShare * all);
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
  public FolderLayout relabelled(List<String> names, int[] newLabel) {
    int[] changed = new int[labels.length];
    for (int i = 0; i < changed.length; i++) {
      changed[i] = newLabel[labels[i]];
    }
    return new FolderLayout(names, entries, changed, prefix, notes);
  }

  private static FolderLayout collect(
      Map<String, ClassFolder> classes, String prefix, List<FileNote> notes) {
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
    return new FolderLayout(List.copyOf(classes.keySet()), entries, labels, prefix, notes);
  }
}
