package org.alexnet4j.data;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * CIFAR-10 in its original binary format as a tree of images: records of one byte of label and
 * 3·32·32 bytes, all red ones first. Each becomes a PPM file of its class.
 */
final class CifarFiles extends ImageFiles {
  private static final int SIDE = 32;
  private static final int PLANE = SIDE * SIDE;
  private static final int RECORD = 1 + 3 * PLANE;
  private static final byte[] HEADER =
      ("P6\n" + SIDE + " " + SIDE + "\n255\n").getBytes(StandardCharsets.US_ASCII);

  /** Official order of the labels. */
  private static final ImmutableList<String> CLASSES =
      ImmutableList.of(
          "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

  private final ImageFiles files;
  private final List<byte[]> contents;
  private final int[] content;
  private final int[] record;

  CifarFiles(ImageFiles files) throws IOException {
    this(files, new ArrayList<>(), new ArrayList<>());
  }

  private CifarFiles(ImageFiles files, List<byte[]> contents, List<int[]> places)
      throws IOException {
    super(files.root(), scan(files, contents, places));
    this.files = files;
    this.contents = contents;
    this.content = places.stream().mapToInt(place -> place[0]).toArray();
    this.record = places.stream().mapToInt(place -> place[1]).toArray();
  }

  /** Says whether a tree holds the batches. */
  static boolean isCifar(ImageFiles files) {
    return IntStream.range(0, files.count()).mapToObj(files::path).anyMatch(CifarFiles::isBatch);
  }

  private static boolean isBatch(String path) {
    return path.endsWith(".bin") && path.matches("(.*/)?(data_batch_[1-5]|test_batch)\\.bin");
  }

  private static PathList scan(ImageFiles files, List<byte[]> contents, List<int[]> places)
      throws IOException {
    PathList.Builder paths = new PathList.Builder();
    for (int i = 0; i < files.count(); i++) {
      String path = files.path(i);
      if (!isBatch(path)) {
        continue;
      }
      byte[] batch = files.read(i);
      String name = path.substring(path.lastIndexOf('/') + 1, path.length() - 4);
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
    }
    return paths.build();
  }

  @Override
  String display(String path) {
    return files.root() + "!/" + path;
  }

  @Override
  byte[] read(int entry) {
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
