package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.VirtualFiles;
import org.alexnet4j.data.folder.FolderLayout;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * The images of ILSVRC as they are handed out: an archive of one archive per class to train on, one
 * of flat images to validate on, and the labels of the latter in a text file. Folders in place of
 * the archives will do.
 */
final class IlsvrcFiles {
  private static final String ALLOWED =
      "a folder with ILSVRC2012_img_train.tar and, to validate, ILSVRC2012_img_val.tar with a file"
          + " of labels";

  private IlsvrcFiles() {}

  /** Says whether a folder holds the archives, or labels are given apart. */
  static boolean isSource(Path folder, PrepareOptions options) throws IOException {
    return options.valLabels().isPresent() || find(folder, IlsvrcFiles::isTrainArchive).isPresent();
  }

  private static boolean isTrainArchive(Path file) {
    return file.getFileName().toString().matches(".*_img_train[^/]*\\.tar");
  }

  private static boolean isValArchive(Path file) {
    return file.getFileName().toString().matches(".*_img_val[^/]*\\.tar");
  }

  private static boolean isLabels(Path file) {
    String name = file.getFileName().toString();
    return name.matches("(?i).*val.*(label|ground_truth).*\\.txt|val\\.txt|LOC_val_solution\\.csv");
  }

  private static Optional<Path> find(Path folder, Predicate<Path> wanted) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(wanted).sorted().findFirst();
    }
  }

  private static Path partOf(Path folder, Predicate<Path> archive, String name) throws IOException {
    return find(folder, archive).orElse(folder.resolve(name));
  }

  /** Opens the parts as one tree: train/CLASS/* and val/CLASS/*. */
  static PrepareSource open(Path folder, PrepareOptions options) throws IOException {
    Path train = partOf(folder, IlsvrcFiles::isTrainArchive, "train");
    Path val = partOf(folder, IlsvrcFiles::isValArchive, "val");
    if (!Files.exists(train)) {
      throw new DataException(train.toString(), "no such file or folder", ALLOWED);
    }
    VirtualFiles.Builder tree = new VirtualFiles.Builder(folder.toString());
    List<FileNote> notes = new ArrayList<>();
    Path labels = null;
    Set<String> classes = addTrain(tree, ImageFiles.open(train), notes);
    int left = 0;
    if (Files.exists(val)) {
      labels = options.valLabels().isPresent() ? options.valLabels().get() : labels(folder, val);
      left = addVal(tree, ImageFiles.open(val), labels, classes, notes);
    } else if (options.valLabels().isPresent()) {
      throw new DataException(val.toString(), "no images for the labels", ALLOWED);
    } else {
      notes.add(
          FileNote.of(
              "no validation images (" + val.getFileName() + "), so some of train are held out"));
    }
    noteOthers(folder, Arrays.asList(train, val, labels), notes);
    return PrepareSource.of("ilsvrc", tree.build(), options, left, notes);
  }

  /** Names what else lies in the folder, such as the archive of the test images. */
  private static void noteOthers(Path folder, List<Path> used, List<FileNote> notes)
      throws IOException {
    FileNote.Builder others = new FileNote.Builder();
    try (Stream<Path> files = Files.list(folder)) {
      files
          .filter(file -> !used.contains(file))
          .map(file -> file.getFileName().toString())
          .filter(FileSorts::isData)
          .sorted()
          .forEach(name -> others.add("files or folders beside train and val are not used", name));
    }
    notes.addAll(others.build());
  }

  private static Path labels(Path folder, Path val) throws IOException {
    List<Path> found;
    try (Stream<Path> files = Files.list(folder)) {
      found = files.filter(IlsvrcFiles::isLabels).sorted().toList();
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    List<String> names = found.stream().map(path -> path.getFileName().toString()).toList();
    throw new DataException(
        folder.toString(),
        found.isEmpty()
            ? "no labels for " + val
            : "more than one file of labels: " + Printable.names(names),
        "--val-labels FILE");
  }

  private static Set<String> addTrain(
      VirtualFiles.Builder tree, ImageFiles files, List<FileNote> notes) throws IOException {
    int part = tree.part(files);
    Set<String> classes = new TreeSet<>();
    FileNote.Builder beside = new FileNote.Builder();
    for (int i : (Iterable<Integer>) files.sorts().images().stream()::iterator) {
      String path = files.path(i);
      int slash = path.indexOf('/');
      if (slash > 0) {
        classes.add(path.substring(0, slash));
        tree.file("train/" + path, part, i);
      } else {
        beside.add(FolderLayout.BESIDE, path);
      }
    }
    notes.addAll(files.sorts().notes());
    notes.addAll(beside.build());
    return classes;
  }

  /** Puts every validation image into the folder of its class; returns how many had none. */
  private static int addVal(
      VirtualFiles.Builder tree,
      ImageFiles files,
      Path labels,
      Set<String> classes,
      List<FileNote> notes)
      throws IOException {
    int part = tree.part(files);
    List<Integer> images = new ArrayList<>();
    files.sorts().images().stream().forEach(images::add);
    images.sort(Comparator.comparing(files::path));
    List<String> names = images.stream().map(i -> nameOf(files.path(i))).toList();
    List<String> paths = images.stream().map(files::path).toList();
    ValLabels known = ValLabels.read(labels, paths, List.copyOf(classes));
    Map<String, Integer> places = new HashMap<>();
    FileNote.Builder left = new FileNote.Builder();
    int without = 0;
    for (int i = 0; i < names.size(); i++) {
      String id = known.classes().get(i);
      if (classes.contains(id)) {
        Integer before = places.putIfAbsent(id + "/" + names.get(i), i);
        if (before != null) {
          throw new DataException(
              files.display(paths.get(i)),
              "has class and name of " + files.display(paths.get(before)),
              "each name once in val");
        }
        tree.file("val/" + id + "/" + names.get(i), part, images.get(i));
      } else {
        left.add("validation images are left out, as train has not their class", names.get(i));
        without++;
      }
    }
    if (without == names.size() && without > 0) {
      throw new DataException(
          labels.toString(),
          "no validation image has a class of train; the first has " + known.classes().get(0),
          "labels of the " + classes.size() + " classes of train");
    }
    notes.addAll(known.notes());
    notes.addAll(files.sorts().notes());
    notes.addAll(left.build());
    return without;
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
