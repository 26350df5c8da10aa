package org.alexnet4j.data;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Split;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.Npy;

/**
 * A prepared folder: its files are opened as they are needed, and each image is one read; the
 * operating system keeps in memory what fits. Nothing is mapped: a file that somebody cuts or
 * overwrites meanwhile is an exception that names it, and not a fault of the virtual machine at
 * some later moment.
 */
final class PackedDataset implements Dataset {
  private final Path folder;
  private final Passport passport;
  private final Passport.Part part;
  private final String partName;
  private final List<String> classes;
  private final int[] labels;
  private final int[] firstOfShard; // one more entry at the end
  private final long[] headers; // bytes before the pixels of each file
  private final FileChannel[] channels; // null until the first read; guarded by itself
  private final int source;
  private volatile FileNames names;

  PackedDataset(Path folder, DataOptions options) throws IOException {
    this.folder = folder;
    this.passport = Passport.read(folder);
    this.partName = options.split() == Split.TRAIN ? "train" : "val";
    this.part = passport.parts().get(partName);
    this.source = options.source();
    this.classes = readClasses();
    this.firstOfShard = new int[part.shards().size() + 1];
    this.headers = new long[part.shards().size()];
    for (int s = 0; s < part.shards().size(); s++) {
      headers[s] = headerBytes(part.shards().get(s));
      firstOfShard[s + 1] = firstOfShard[s] + part.shards().get(s).images();
    }
    this.channels = new FileChannel[part.shards().size()];
    this.labels = readLabels();
  }

  /** Returns the bytes before a file's pixels, by its size. */
  private long headerBytes(Passport.Shard shard) throws IOException {
    Path file = folder.resolve(shard.file());
    long pixels = (long) shard.images() * rowBytes();
    long bytes = Files.isRegularFile(file) ? Files.size(file) : -1;
    if (bytes < pixels || bytes > pixels + (1 << 16)) {
      throw new DataException(
          file.toString(),
          bytes < 0 ? "no such file" : "has " + bytes + " bytes",
          shard.images() + " images of " + rowBytes() + " bytes, as the passport says");
    }
    return bytes - pixels;
  }

  private int rowBytes() {
    return 3 * passport.side() * passport.side();
  }

  private List<String> readClasses() throws IOException {
    List<PackedClass> rows = PackedClass.read(folder);
    if (rows.size() != passport.classes()) {
      throw new DataException(
          folder.resolve(PackedWriter.CLASSES).toString(),
          rows.size() + " classes",
          passport.classes() + ", by the passport");
    }
    return rows.stream().map(PackedClass::name).toList();
  }

  private int[] readLabels() throws IOException {
    Path file = folder.resolve(partName).resolve("labels.npy");
    try (Npy npy = Npy.open(file)) {
      npy.requireType(DType.INT32);
      if (!npy.shape().equals(List.of((long) part.images()))) {
        throw new DataException(file.toString(), "shape " + npy.shape(), part.images() + " labels");
      }
      int[] values = new int[part.images()];
      npy.rows(0, values.length).asIntBuffer().get(values);
      for (int label : values) {
        if (label < 0 || label >= passport.classes()) {
          throw new DataException(
              file.toString(), "label " + label, "0 to " + (passport.classes() - 1));
        }
      }
      return values;
    }
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String name(int index) {
    try {
      if (names == null) {
        names = FileNames.read(folder.resolve(partName).resolve("files.tsv"), labels.length);
      }
      return names.name(index);
    } catch (IOException e) {
      return partName + " image " + index; // the name is for a message that matters more
    }
  }

  @Override
  public List<FileNote> notes() {
    List<FileNote> notes = new ArrayList<>();
    if (source > passport.side()) {
      notes.add(new FileNote(OddFiles.packedSmaller(passport.side(), source), size(), List.of()));
    }
    notes.addAll(passport.summary());
    return notes;
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    int shard = Arrays.binarySearch(firstOfShard, index);
    shard = shard < 0 ? -shard - 2 : shard;
    while (firstOfShard[shard + 1] <= index) {
      shard++; // files without an image begin where the next one does
    }
    int bytes = rowBytes();
    if (source == passport.side()) {
      readRow(shard, index, to.slice(to.position(), bytes));
      to.position(to.position() + bytes);
      return;
    }
    byte[] rgb = new byte[bytes];
    readRow(shard, index, ByteBuffer.wrap(rgb));
    SquareResize.ofThread().apply(rgb, passport.side(), passport.side(), source, to);
  }

  /** Reads an image of a file; the images are the file's last bytes, behind a header. */
  private void readRow(int shard, int index, ByteBuffer to) throws IOException {
    Passport.Shard described = part.shards().get(shard);
    FileChannel channel = channel(shard);
    long header = headers[shard];
    long at = header + (long) (index - firstOfShard[shard]) * to.remaining();
    while (to.hasRemaining()) {
      int count = read(channel, to, at + to.position(), described);
      if (count < 0) {
        throw new DataException(
            folder.resolve(described.file()).toString(),
            "has become shorter while it was read: " + channel.size() + " bytes",
            header + (long) described.images() * rowBytes() + ", as the passport says");
      }
    }
  }

  private int read(FileChannel channel, ByteBuffer to, long at, Passport.Shard described)
      throws DataException {
    try {
      return channel.read(to, at);
    } catch (IOException e) {
      String file = folder.resolve(described.file()).toString();
      throw new DataException(file, "reading failed: " + e.getMessage(), "a readable file", e);
    }
  }

  private FileChannel channel(int shard) throws IOException {
    synchronized (channels) {
      if (channels[shard] == null) {
        Path file = folder.resolve(part.shards().get(shard).file());
        channels[shard] = FileChannel.open(file, StandardOpenOption.READ);
      }
      return channels[shard];
    }
  }

  @Override
  public Optional<Statistics> statistics() throws IOException {
    if (source != passport.side()) {
      return Optional.empty();
    }
    Path file = folder.resolve(PackedWriter.COMPONENTS);
    Components read;
    try {
      read = new Gson().fromJson(Files.readString(file), Components.class);
    } catch (JsonParseException e) {
      throw new DataException(file.toString(), "is not JSON", "what alexnet prepare wrote", e);
    }
    if (read == null || !read.isWhole()) {
      throw new DataException(
          file.toString(), "lacks mean, eigenvalues or vectors", "three of each");
    }
    Optional<String> odd = read.odd();
    if (odd.isPresent()) {
      throw new DataException(
          file.toString(), odd.get(), "finite numbers, eigenvalues of 0 or more");
    }
    try (Npy npy = Npy.open(folder.resolve(PackedWriter.MEAN))) {
      long side = passport.side();
      if (!npy.shape().equals(List.of(side, side, 3L))) {
        throw new DataException(
            folder.resolve(PackedWriter.MEAN).toString(),
            "shape " + npy.shape(),
            "[" + side + ", " + side + ", 3]");
      }
      float[] mean = npy.readFloats();
      for (int i = 0; i < mean.length; i++) {
        if (!Float.isFinite(mean[i])) {
          throw new DataException(
              folder.resolve(PackedWriter.MEAN) + ": value " + i,
              "is " + mean[i],
              "finite numbers");
        }
      }
      return Optional.of(
          new Statistics(mean, read.mean, new ColourComponents(read.eigenvalues, read.vectors)));
    }
  }

  private record Components(float[] mean, double[] eigenvalues, double[][] vectors) {
    boolean isWhole() {
      return mean != null
          && mean.length == 3
          && eigenvalues != null
          && eigenvalues.length == 3
          && vectors != null
          && vectors.length == 3
          && Arrays.stream(vectors).allMatch(v -> v != null && v.length == 3);
    }

    /** Returns which value is no finite number, if one is. */
    Optional<String> odd() {
      for (int i = 0; i < 3; i++) {
        if (!Float.isFinite(mean[i])) {
          return Optional.of("mean[" + i + "] is " + mean[i]);
        }
        if (!(eigenvalues[i] >= 0 && Double.isFinite(eigenvalues[i]))) {
          return Optional.of("eigenvalues[" + i + "] is " + eigenvalues[i]);
        }
        for (int j = 0; j < 3; j++) {
          if (!Double.isFinite(vectors[i][j])) {
            return Optional.of("vectors[" + i + "][" + j + "] is " + vectors[i][j]);
          }
        }
      }
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (channels) {
      for (FileChannel channel : channels) {
        if (channel != null) {
          channel.close();
        }
      }
    }
  }

  /** The lines of files.tsv; read only when a name is asked for, outside of the Java heap. */
  record FileNames(ByteBuffer text, int[] starts) {
    static FileNames read(Path file, int images) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        if (channel.size() > Integer.MAX_VALUE) {
          throw new DataException(file.toString(), channel.size() + " bytes", "at most 2^31 - 1");
        }
        ByteBuffer text = ByteBuffer.allocateDirect((int) channel.size());
        while (text.hasRemaining() && channel.read(text) >= 0) {}
        text.flip();
        int[] starts = new int[images + 1];
        int line = 0;
        for (int i = 0; i < text.limit() && line < images; i++) {
          if (text.get(i) == '\n') {
            starts[++line] = i + 1;
          }
        }
        if (line < images) {
          throw new DataException(file.toString(), line + " lines", images + " lines");
        }
        return new FileNames(text, starts);
      }
    }

    String name(int index) {
      byte[] line = new byte[starts[index + 1] - starts[index]];
      text.get(starts[index], line);
      String whole = new String(line, StandardCharsets.UTF_8);
      return TsvText.unescape(whole.substring(0, Math.max(0, whole.indexOf('\t'))));
    }
  }
}
