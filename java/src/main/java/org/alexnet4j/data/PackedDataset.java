package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Split;
import org.alexnet4j.data.image.OddFiles;
import org.alexnet4j.data.image.SquareResize;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.PackedArray;
import org.alexnet4j.data.packed.PackedClass;
import org.alexnet4j.data.packed.PackedNames;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Reason;

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
  private volatile PackedNames names;

  PackedDataset(Path folder, DataOptions options) throws IOException {
    this.folder = folder;
    this.passport = Passport.read(folder);
    this.partName = options.split() == Split.TRAIN ? "train" : "val";
    this.part = passport.parts().get(partName);
    this.source = options.source();
    if (options.resize() != DataOptions.Resize.CENTRE_SQUARE) {
      throw new DataException(
          folder.toString(),
          "was prepared with pixels of this kind: " + passport.resize(),
          "the folder or archive of the images themselves, of which other squares can be made");
    }
    this.classes = readClasses();
    this.firstOfShard = new int[part.shards().size() + 1];
    this.headers = new long[part.shards().size()];
    for (int s = 0; s < part.shards().size(); s++) {
      Passport.Shard shard = part.shards().get(s);
      headers[s] =
          PackedArray.pixelStart(folder.resolve(shard.file()), shard.images(), passport.side());
      firstOfShard[s + 1] = firstOfShard[s] + shard.images();
    }
    this.channels = new FileChannel[part.shards().size()];
    this.labels = readLabels();
    PackedArray.requireFile(list());
  }

  private Path list() {
    return folder.resolve(partName).resolve("files.tsv");
  }

  private int rowBytes() {
    return 3 * passport.side() * passport.side();
  }

  private List<String> readClasses() throws IOException {
    List<PackedClass> rows = PackedClass.read(folder);
    if (rows.size() != passport.classes()) {
      throw new DataException(
          folder.resolve(PackedClass.FILE).toString(),
          rows.size() + " classes",
          passport.classes() + ", by the passport");
    }
    return rows.stream().map(PackedClass::name).toList();
  }

  private int[] readLabels() throws IOException {
    Path file = folder.resolve(partName).resolve("labels.npy");
    try (Npy npy = PackedArray.open(file, DType.INT32, part.images())) {
      int[] values = new int[part.images()];
      MappedReads.guard("labels", () -> npy.rows(0, values.length).asIntBuffer().get(values), file);
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
        names = PackedNames.read(list(), labels.length);
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
        channels[shard] = open(part.shards().get(shard));
      }
      return channels[shard];
    }
  }

  private FileChannel open(Passport.Shard shard) throws DataException {
    Path file = folder.resolve(shard.file());
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw new DataException(
          file.toString(), "cannot be opened: " + Reason.of(e), PackedArray.REMEDY, e);
    }
  }

  @Override
  public Optional<Statistics> statistics() throws IOException {
    return source == passport.side()
        ? Optional.of(PackedStatistics.read(folder, source))
        : Optional.empty();
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
}
