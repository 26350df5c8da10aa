package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Writer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A prepared set of ImageNet's size whose pixels are holes in the files, and a folder of images of
 * a tenth of that size, all of whose files are links to few.
 */
class LargeSetTest {
  private static final int IMAGES = 1_281_167;
  private static final int CLASSES = 1000;
  private static final int SHARD = 1024;
  private static final int ROW = 3 * 256 * 256;
  private static final int HEADER = 128;
  private static final int TREE = IMAGES / 10;
  private static final int LINKS = 50_000; // ext4 allows 65,000

  @TempDir Path dir;

  private void write() throws IOException {
    Files.createDirectories(dir.resolve("train"));
    Files.createDirectories(dir.resolve("val"));
    List<Passport.Shard> shards = new ArrayList<>();
    for (int from = 0; from < IMAGES; from += SHARD) {
      int images = Math.min(SHARD, IMAGES - from);
      String name = String.format(Locale.ROOT, "train/images-%05d.npy", from / SHARD);
      try (RandomAccessFile file = new RandomAccessFile(dir.resolve(name).toFile(), "rw")) {
        file.write(header(images));
        file.setLength(HEADER + (long) images * ROW);
      }
      shards.add(new Passport.Shard(name, images, ""));
    }
    int[] perClass = new int[CLASSES];
    try (NpyWriter writer = NpyWriter.create(dir.resolve("train/labels.npy"), DType.INT32, IMAGES);
        Writer names = Files.newBufferedWriter(dir.resolve("train/files.tsv"))) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * IMAGES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < IMAGES; i++) {
        int label = label(i);
        perClass[label]++;
        bytes.putInt(label);
        names.write("train/n0" + (1000000 + label) + "/image_" + i + ".JPEG\t500\t375\n");
      }
      writer.write(bytes.flip());
      writer.commit();
    }
    NpyWriter.create(dir.resolve("val/labels.npy"), DType.INT32, 0).commit();
    StringBuilder classes = new StringBuilder();
    for (int label = 0; label < CLASSES; label++) {
      classes.append(label + "\tn0" + (1000000 + label) + "\tclass " + label + "\n");
    }
    Files.writeString(dir.resolve("classes.tsv"), classes);
    Passport.Part train =
        new Passport.Part(IMAGES, perClass, shards, new TreeMap<>(), List.of(), List.of());
    Passport.Part val =
        new Passport.Part(0, new int[CLASSES], List.of(), new TreeMap<>(), List.of(), List.of());
    new Passport(
            Passport.FORMAT,
            Passport.VERSION,
            256,
            "",
            "ignored",
            "",
            "folder",
            "",
            CLASSES,
            false,
            0,
            Map.of("train", train, "val", val),
            new TreeMap<>(),
            List.of())
        .write(dir);
  }

  private static byte[] header(int images) {
    String text =
        String.format(
            Locale.ROOT,
            "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, 256, 256, 3), }",
            images);
    ByteBuffer bytes = ByteBuffer.allocate(HEADER).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    bytes.putShort((short) (HEADER - 10)).put(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      bytes.put((byte) (bytes.remaining() == 1 ? '\n' : ' '));
    }
    return bytes.array();
  }

  static int label(int image) {
    return label(image, IMAGES);
  }

  private static int label(int image, int images) {
    return (int) ((long) image * CLASSES / images);
  }

  private void writeTree() throws IOException {
    Path file = dir;
    for (int i = 0; i < TREE; i++) {
      if (i % LINKS == 0) {
        file = Files.write(dir.resolve("source-" + i), Pictures.plain(8, 10, 20, 30));
      }
      Path folder = dir.resolve("set/train/n0" + (1000000 + label(i, TREE)));
      if (i == 0 || label(i, TREE) > label(i - 1, TREE)) {
        Files.createDirectories(folder);
      }
      Files.createLink(folder.resolve(String.format(Locale.ROOT, "image_%07d.JPEG", i)), file);
    }
  }

  /** Opening, two epochs' orders and all labels take less than ten seconds and 200 MB of heap. */
  @Test
  void aSetOfImageNetsSizeIsLight() throws IOException, InterruptedException {
    write();
    run(dir, "200m", IMAGES);
  }

  /** A tenth of ImageNet's images in folders, not prepared, in a tenth of the 200 MB. */
  @Test
  void aFolderOfManyImagesIsLight() throws IOException, InterruptedException {
    writeTree();
    run(dir.resolve("set"), "20m", TREE);
  }

  private void run(Path folder, String heap, int images) throws IOException, InterruptedException {
    Path log = dir.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + heap,
                "-cp",
                System.getProperty("java.class.path"),
                LargeSetTest.class.getName(),
                folder.toString(),
                Integer.toString(images))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertTrue(process.waitFor(2, TimeUnit.MINUTES));
    assertEquals(0, process.exitValue(), () -> text(log));
    System.out.print(text(log));
  }

  private static String text(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /**
   * Runs in a virtual machine of its own, with little memory.
   *
   * @param arguments the data set, and how many images its training part has together with those
   *     held out of it; ImageNet's number if not given
   */
  public static void main(String[] arguments) throws IOException {
    int images = arguments.length > 1 ? Integer.parseInt(arguments[1]) : IMAGES;
    long start = System.nanoTime();
    try (Dataset set = Datasets.open(arguments[0], DataOptions.train())) {
      double opened = (System.nanoTime() - start) / 1e9;
      EpochOrder order = new EpochOrder(set.size(), 7, true);
      long sum = 0;
      double shuffled = 0;
      for (int epoch = 0; epoch < 2; epoch++) {
        order.at(epoch, 0);
        shuffled = (System.nanoTime() - start) / 1e9;
        for (int i = 0; i < set.size(); i++) {
          sum += set.label(order.at(epoch, i));
        }
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      ByteBuffer pixels = ByteBuffer.allocate(set.imageBytes());
      for (int i = 0; i < 50; i++) {
        set.read(order.at(1, i), pixels.clear());
      }
      checkNames(set, images);
      Runtime runtime = Runtime.getRuntime();
      System.out.printf(
          Locale.ROOT,
          "%d images: opened in %.2f s, two epochs of order by %.2f s, their labels by %.2f s; %d"
              + " MB of heap in use (sum %d)%n",
          set.size(),
          opened,
          shuffled,
          seconds,
          (runtime.totalMemory() - runtime.freeMemory()) >> 20,
          sum);
      if (seconds > 10) {
        throw new IllegalStateException("it took " + seconds + " s");
      }
    }
  }

  /** The names are in order, none is missing that is not held out, and each has its label. */
  private static void checkNames(Dataset set, int images) {
    int before = -1;
    int[] counts = new int[CLASSES];
    for (int i = 0; i < set.size(); i++) {
      String name = set.name(i);
      int image = Integer.parseInt(name.replaceAll(".*/image_|\\.JPEG", ""));
      if (image <= before || image >= images || set.label(i) != label(image, images)) {
        throw new IllegalStateException(i + " is " + name + " of class " + set.label(i));
      }
      before = image;
      counts[set.label(i)]++;
    }
    for (int label = 0; label < CLASSES; label++) {
      if (counts[label] < images / CLASSES * 0.89) {
        throw new IllegalStateException(counts[label] + " images of class " + label);
      }
    }
  }
}
