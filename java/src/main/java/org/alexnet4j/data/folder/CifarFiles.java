package org.alexnet4j.data.folder;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.archive.PathList;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/**
 * CIFAR-10 in its original binary format as a tree of images: records of one byte of label and
 * 3·32·32 bytes, all red ones first. Each becomes a PPM file of its class.
 */
public final class CifarFiles extends ImageFiles {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final byte[] HEADER =
      ("P6\n" + SIDE + " " + SIDE + "\n255\n").getBytes(StandardCharsets.US_ASCII);

  /** Official order of the labels. */
  private static final ImmutableList<String> CLASSES =
      ImmutableList.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  /** What the archive has beside the batches. */
  private static final Set<String> COMPANIONS = Set.of("batches.meta.txt", "readme.html");

  private static final String BESIDE = "files beside the batches of CIFAR-10 are not used";
  private static final int RECORDS = 10_000;

  private static final Pattern BATCH = Pattern.compile("(data_batch_[1-5]|test_batch)\\.bin");
  private static final ImmutableList<String> BATCHES =
      ImmutableList.of(
          "data_batch_1",
          "data_batch_2",
          "data_batch_3",
          "data_batch_4",
          "data_batch_5",
          "test_batch");

  private final ImageFiles files;
  private final Set<String> found;
  private final List<FileNote> others;
  private final List<byte[]> contents;
  private final int[] content;
  private final int[] record;

  /** Reads the batches of a tree, which it closes with itself. */
  public CifarFiles(ImageFiles files) throws IOException {
    this(files, new TreeSet<>(), new FileNote.Builder(), new ArrayList<>(), new ArrayList<>());
  }

  private CifarFiles(
      ImageFiles files,
      Set<String> found,
      FileNote.Builder others,
      List<byte[]> contents,
      List<int[]> places)
      throws IOException {
    super(files.root(), scan(files, found, others, contents, places));
    this.files = files;
    this.found = found;
    this.others = others.build();
    this.contents = contents;
    this.content = places.stream().mapToInt(place -> place[0]).toArray();
    this.record = places.stream().mapToInt(place -> place[1]).toArray();
  }

  /**
   * Says whether a tree holds the batches.
   *
   * @throws DataException if it holds them in a form that is not read
   */
  public static boolean isCifar(ImageFiles files) throws DataException {
    boolean batches = false;
    for (int i = 0; i < files.count(); i++) {
      if (files.isFolder(i)) {
        continue;
      }
      String path = files.path(i);
      String name = path.substring(path.lastIndexOf('/') + 1);
      if (!name.startsWith("data_b")
          && !name.startsWith("test")
          && !name.startsWith("train")
          && !name.startsWith("batches")) {
        continue; // of a million names, none is compared with a pattern
      }
      batches |= BATCH.matcher(name).matches();
      if ((files.root() + path).contains("cifar-100-")
          && name.matches("(train|test)(\\.bin|\\.mat)?")) {
        throw new DataException(
            files.display(path), "CIFAR-100, which is not read", "CIFAR-10, or images by class");
      }
      if (name.matches("(data_batch_[1-5]|test_batch)(\\.mat)?") || name.equals("batches.meta")) {
        throw new DataException(
            files.display(path),
            "CIFAR-10 for Python or Matlab, whose files are not read",
            "cifar-10-binary.tar.gz from the same page, which has the same images");
      }
    }
    return batches;
  }

  /** Returns which batches are not there or of another size, and what lies beside them. */
  @Override
  public List<FileNote> notes() {
    List<FileNote> notes = new ArrayList<>(files.notes());
    List<String> missing = new ArrayList<>(BATCHES);
    missing.removeAll(found);
    if (!missing.isEmpty()) {
      notes.add(
          new FileNote("of the 6 batches of CIFAR-10 are not there", missing.size(), missing));
    }
    notes.addAll(others);
    return notes;
  }

  private static PathList scan(
      ImageFiles files,
      Set<String> found,
      FileNote.Builder others,
      List<byte[]> contents,
      List<int[]> places)
      throws IOException {
    PathList.Builder paths = new PathList.Builder();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      String file = path.substring(path.lastIndexOf('/') + 1);
      String reason = FileSorts.passedOver(path);
      if (reason != null || files.isFolder(i) || !BATCH.matcher(file).matches()) {
        if (reason != null || !files.isFolder(i) && !COMPANIONS.contains(file)) {
          others.add(reason == null ? BESIDE : reason, path);
        }
        continue;
      }
      byte[] batch = files.read(i);
      String name = file.substring(0, file.length() - 4);
      if (!found.add(name)) {
        throw new DataException(files.display(path), "the batch is there twice", "each once");
      }
      if (batch.length == 0 || batch.length % RECORD != 0) {
        throw new DataException(
            files.display(path),
            batch.length + " bytes",
            "records of " + RECORD + " bytes: a label and 3·32·32 of pixels");
      }
      for (int r = 0; r < batch.length / RECORD; r++) {
        int label = batch[r * RECORD];
        if (label < 0 || label >= CLASSES.size()) {
          throw new DataException(
              files.display(path), "label " + (label & 255) + " in record " + r, "0 to 9");
        }
        String split = name.startsWith("test") ? "val" : "train";
        String image =
            String.format(Locale.ROOT, "%s/%s/%s-%05d.ppm", split, CLASSES.get(label), name, r);
        paths.add(image, false);
        places.add(new int[] {contents.size(), r});
      }
      contents.add(batch);
      if (batch.length != RECORDS * RECORD) {
        String records = String.format(Locale.ROOT, "%s has %d", name, batch.length / RECORD);
        others.add("batches of CIFAR-10 have another number of records than 10,000", records);
      }
    }
    return paths.build();
  }

  @Override
  protected FileSorts findSorts() {
    return FileSorts.allImages(this);
  }

  @Override
  public String display(String path) {
    return files.root() + "!/" + path;
  }

  @Override
  public byte[] read(int entry) {
    byte[] batch = contents.get(content[entry]);
    int at = record[entry] * RECORD + 1;
    byte[] file = new byte[HEADER.length + 3 * PLANE];
    System.arraycopy(HEADER, 0, file, 0, HEADER.length);
    for (int i = 0; i < PLANE; i++) {
      for (int c = 0; c < 3; c++) {
        file[HEADER.length + 3 * i + c] = batch[at + c * PLANE + i];
      }
    }
    return file;
  }

  @Override
  public void close() throws IOException {
    files.close();
  }
}
