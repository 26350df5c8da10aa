package org.alexnet4j.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

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
    VirtualFiles.Builder tree = new VirtualFiles.Builder(folder.toString());
    if (!Files.exists(train)) {
      throw new DataException(train.toString(), "no such file or folder", ALLOWED);
    }
    TreeSet<String> classes = new TreeSet<>();
    ImageFiles trainFiles = ImageFiles.open(train);
    int part = tree.part(trainFiles);
    for (int i = 0; i < trainFiles.count(); i++) {
      String path = trainFiles.path(i);
      int slash = path.indexOf('/');
      if (!trainFiles.isFolder(i) && slash > 0 && FolderLayout.isImageName(path)) {
        classes.add(path.substring(0, slash));
        tree.file("train/" + path, part, i);
      }
    }
    int left = 0;
    if (Files.exists(val)) {
      Path labels =
          options
              .valLabels()
              .or(() -> findLabels(folder))
              .orElseThrow(
                  () ->
                      new UncheckedIOException(
                          new DataException(
                              folder.toString(), "no labels for " + val, "--val-labels FILE")));
      left = addVal(tree, ImageFiles.open(val), labels, List.copyOf(classes));
    }
    return PrepareSource.of("ilsvrc", tree.build(), options, left);
  }

  private static Optional<Path> findLabels(Path folder) {
    try {
      return find(folder, IlsvrcFiles::isLabels);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts every validation image into the folder of its class; returns how many had none. */
  private static int addVal(
      VirtualFiles.Builder tree, ImageFiles files, Path labels, List<String> classes)
      throws IOException {
    int part = tree.part(files);
    List<Integer> images = new ArrayList<>();
    for (int i = 0; i < files.count(); i++) {
      if (!files.isFolder(i) && FolderLayout.isImageName(files.path(i))) {
        images.add(i);
      }
    }
    images.sort(Comparator.comparing(files::path));
    List<String> names = images.stream().map(i -> nameOf(files.path(i))).toList();
    ValLabels known = ValLabels.read(labels, names, classes);
    int left = 0;
    for (int i = 0; i < names.size(); i++) {
      String id = known.classes().get(i);
      if (classes.contains(id)) {
        tree.file("val/" + id + "/" + names.get(i), part, images.get(i));
      } else {
        left++;
      }
    }
    return left;
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
