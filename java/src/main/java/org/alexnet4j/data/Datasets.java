package org.alexnet4j.data;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.TextLines;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.Passport;

/** Opens data sets. */
public final class Datasets {
  private static final String SYNTHETIC = "synthetic:";
  private static final String CLASSES = "?classes=";
  private static final Pattern RANGE = Pattern.compile("(?:([0-9]{1,6})-)?([0-9]{1,6})");

  private Datasets() {}

  /**
   * Opens what the text names.
   *
   * <ul>
   *   <li>{@code synthetic:} or {@code synthetic:train=4000,test=1000,seed=0}: the generated set
   *   <li>else a path, as in {@link #open(Path, DataOptions)}
   *   <li>either with {@code ?classes=N} behind it: the first N classes only; with {@code
   *       ?classes=M-N} those from the M-th to the N-th
   * </ul>
   *
   * @param spec names the data
   * @param options which part, and how they are read
   * @return the data; the caller closes them
   * @throws DataException if there are no such data or they are not usable
   * @throws IOException if they cannot be read
   */
  public static Dataset open(String spec, DataOptions options) throws IOException {
    int key = spec.lastIndexOf(CLASSES);
    if (key >= 0) {
      int[] range = range(spec.substring(key + CLASSES.length()), spec);
      Dataset all = open(spec.substring(0, key), options);
      try {
        return new SomeClasses(all, range[0], range[1]);
      } catch (IOException | RuntimeException e) {
        all.close();
        throw e;
      }
    }
    if (spec.startsWith(SYNTHETIC)) {
      return SyntheticDataset.parse(spec.substring(SYNTHETIC.length()), options);
    }
    try {
      return open(Path.of(spec), options);
    } catch (InvalidPathException e) {
      throw new DataException(spec, "not a path: " + e.getReason(), "a path, or synthetic:", e);
    }
  }

  /**
   * {@return the folder or file that a text names, if it names one}
   *
   * @param spec names data
   */
  public static Optional<Path> path(String spec) {
    int key = spec.lastIndexOf(CLASSES);
    String plain = key < 0 ? spec : spec.substring(0, key);
    try {
      return plain.startsWith(SYNTHETIC) ? Optional.empty() : Optional.of(Path.of(plain));
    } catch (InvalidPathException e) {
      return Optional.empty(); // opening it says so
    }
  }

  /**
   * {@return the prepared folder in which a file lies, or would lie}
   *
   * @param file any path
   */
  public static Optional<Path> preparedAround(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    for (int up = 0; folder != null && up < 2; up++, folder = folder.getParent()) {
      if (Passport.isIn(folder)) {
        return Optional.of(folder);
      }
    }
    return Optional.empty();
  }

  /**
   * Returns the SHA-256 of the passport of prepared data: it has those of all their files.
   *
   * @param spec names data
   * @return nothing if the data are not prepared
   * @throws IOException if the passport cannot be read
   */
  public static Optional<String> passportSha256(String spec) throws IOException {
    Optional<Path> folder = path(spec).filter(Passport::isIn);
    return folder.isEmpty() ? Optional.empty() : Optional.of(Passport.sha256(folder.get()));
  }

  /**
   * Returns the side of the images of prepared data, in pixels.
   *
   * @param spec names data
   * @return nothing if the data are not prepared
   * @throws IOException if the passport cannot be read
   */
  public static Optional<Integer> preparedSide(String spec) throws IOException {
    Optional<Path> folder = path(spec).filter(Passport::isIn);
    return folder.isEmpty() ? Optional.empty() : Optional.of(Passport.read(folder.get()).side());
  }

  /** {@return what turns files into pixels} */
  public static String decoder() {
    return "Java " + Runtime.version().feature() + " ImageIO, TwelveMonkeys for CMYK and odd files";
  }

  /**
   * {@return what names the first classes of some data}
   *
   * @param spec names data
   * @param count how many classes, 1 or more
   */
  public static String firstClasses(String spec, int count) {
    return classes(spec, String.valueOf(count));
  }

  /**
   * {@return what names some classes of some data: {@code 50}, {@code 51-100}}
   *
   * @param spec names data
   * @param which how many of the first classes, or a range of them, from 1 on
   */
  public static String classes(String spec, String which) {
    return spec + CLASSES + which;
  }

  /**
   * {@return what names the same data from any folder: paths are absolute}
   *
   * @param spec names data
   */
  public static String absolute(String spec) {
    int key = spec.lastIndexOf(CLASSES);
    String classes = key < 0 ? "" : spec.substring(key);
    return path(spec).map(path -> path.toAbsolutePath().normalize() + classes).orElse(spec);
  }

  /** Returns the first and the last class that a text names, from 1. */
  private static int[] range(String text, String spec) throws DataException {
    Matcher range = RANGE.matcher(text);
    if (!range.matches()) {
      throw new DataException(
          spec, "'" + text + "' classes", "a number behind " + CLASSES + ", or two as in 51-100");
    }
    int last = Integer.parseInt(range.group(2));
    return new int[] {range.group(1) == null ? 1 : Integer.parseInt(range.group(1)), last};
  }

  /**
   * Opens a prepared folder, or a folder, or an archive of one. In it are {@code train/CLASS/*} and
   * {@code val/CLASS/*} (or {@code test}), or {@code CLASS/*}, of which a share is held out by the
   * hash of the names.
   *
   * @param path a folder or an archive
   * @param options which part, and how images are read
   * @return the data; the caller closes them
   * @throws DataException if there is no such folder, or a class without an image, or nothing that
   *     is understood
   * @throws IOException if it cannot be read
   */
  public static Dataset open(Path path, DataOptions options) throws IOException {
    if (Passport.isIn(path)) {
      return new PackedDataset(path, options);
    }
    if (Files.isDirectory(path.resolve(Passport.WORK))) {
      throw new DataException(
          path.toString(), "it is not prepared to the end", "./alexnet prepare once more");
    }
    if (TextLines.isList(path)) {
      throw new DataException(
          path.toString(), "a list of images, not yet prepared", "./alexnet prepare with it first");
    }
    ImageFiles files = ImageFiles.open(path);
    try {
      Dataset images = new ImageFolder(files, options);
      return options.damaged() == Damaged.SKIP
          ? CheckedDataset.check(images, Runtime.getRuntime().availableProcessors())
          : images;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /**
   * Opens single images of unknown class, for prediction: labels are -1, there are no classes.
   *
   * @param files image files
   * @param source side in pixels to which every image is brought
   * @return the images, in the order of the files
   * @throws DataException if one of the files is not there; what they hold is seen when they are
   *     read
   */
  public static Dataset files(List<Path> files, int source) throws DataException {
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new DataException(file.toString(), "no such file", "image files");
      }
    }
    return new UnlabelledImages(
        files.stream().<UnlabelledImages.Image>map(UnlabelledImages.OfFile::new).toList(), source);
  }

  /**
   * {@return the same for pictures in memory}
   *
   * @param pictures images, whose names are their numbers
   * @param source side in pixels to which every image is brought
   */
  public static Dataset pictures(List<BufferedImage> pictures, int source) {
    List<UnlabelledImages.Image> images = new ArrayList<>();
    for (BufferedImage picture : pictures) {
      images.add(new UnlabelledImages.OfPicture(images.size(), Objects.requireNonNull(picture)));
    }
    return new UnlabelledImages(images, source);
  }

  /**
   * {@return whether a file's name has the ending of an image}
   *
   * @param name of a file
   */
  public static boolean isImageName(String name) {
    return FileSorts.isImageName(name);
  }

  /** {@return the usual endings of images, with commas between} */
  public static String imageNames() {
    return FileSorts.IMAGE_NAMES;
  }
}
