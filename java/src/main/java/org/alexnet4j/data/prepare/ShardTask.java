package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.alexnet4j.data.PixelSums;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.image.ImageDecoder;
import org.alexnet4j.data.image.ImageHeader;
import org.alexnet4j.data.image.OddFiles;
import org.alexnet4j.data.image.SquareResize;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.PackedShard;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyRows;
import org.alexnet4j.io.NpyWriter;

/**
 * One file of pixels in the making: several threads write its images, the last one finishes it. A
 * pure function of the images, so it is the same after any interruption.
 */
final class ShardTask {
  private final ImageFiles files;
  private final String part;
  private final int number;
  private final int[] entries;
  private final int[] labels;
  private final int side;
  private final boolean upright;
  private final ImageHeader[] headers;
  private final int[] widths;
  private final int[] heights;
  private final String[] faults;
  private NpyRows rows;
  private int unread;

  ShardTask(
      ImageFiles files,
      String part,
      int number,
      int[] entries,
      int[] labels,
      PrepareOptions options) {
    this.files = files;
    this.part = part;
    this.number = number;
    this.entries = entries;
    this.labels = labels;
    this.side = options.side();
    this.upright = options.upright();
    this.headers = new ImageHeader[entries.length];
    this.widths = new int[entries.length];
    this.heights = new int[entries.length];
    this.faults = new String[entries.length];
    this.unread = entries.length;
  }

  int images() {
    return entries.length;
  }

  /** Returns the name of the file within the prepared folder. */
  String file() {
    return String.format(Locale.ROOT, "%s/images-%05d.npy", part, number);
  }

  private String kept(String extension) {
    return String.format(Locale.ROOT, "%s-%05d.%s", part, number, extension);
  }

  Path report(Path work) {
    return work.resolve(kept("json"));
  }

  Path sums(Path work) {
    return work.resolve(kept("npy"));
  }

  /** Creates the file; called by one thread before the first image. */
  void open(Path folder) throws IOException {
    rows = NpyRows.create(folder.resolve(file()), side, side, 3);
  }

  /**
   * Decodes one image and writes it.
   *
   * @param row buffer of one image
   * @throws DataException if it is damaged
   */
  void pack(int i, ByteBuffer row) throws IOException {
    String path = files.path(entries[i]);
    ImageDecoder decoder = ImageDecoder.ofThread();
    byte[] file = files.read(entries[i]);
    try {
      decoder.decode(file, path);
    } catch (DataException e) {
      throw new DataException(files.display(path), e.reason(), e.allowed(), e);
    }
    if (upright) {
      decoder.turnUpright();
    }
    headers[i] = decoder.header();
    widths[i] = decoder.width();
    heights[i] = decoder.height();
    SquareResize.ofThread()
        .apply(decoder.rgb(), decoder.width(), decoder.height(), side, row.clear());
    rows.write(i, row.flip());
  }

  /** Remembers that an image is left out. */
  void skip(int i, DataException fault) {
    faults[i] = fault.reason();
  }

  /** Counts an image as done; true for the last one. */
  synchronized boolean countDown() {
    return --unread == 0;
  }

  /** Completes the file and writes down what is known of it; called by the last thread. */
  void finish(Path folder, Path work) throws IOException {
    closeGaps();
    List<ShardReport.Row> kept = new ArrayList<>();
    List<Passport.Odd> odd = new ArrayList<>();
    List<Passport.Odd> skipped = new ArrayList<>();
    TreeMap<String, Integer> kinds = new TreeMap<>();
    for (int i = 0; i < entries.length; i++) {
      String name = files.path(entries[i]);
      if (faults[i] != null) {
        skipped.add(new Passport.Odd(name, faults[i]));
        continue;
      }
      kept.add(new ShardReport.Row(labels[i], name, widths[i], heights[i]));
      OddFiles.count(headers[i], Math.min(widths[i], heights[i]) < side, kinds);
      for (String reason : OddFiles.reasons(headers[i], name, upright)) {
        odd.add(new Passport.Odd(name, reason));
      }
    }
    rows.commit(kept.size());
    PixelSums sums = new PixelSums(side);
    Path file = folder.resolve(file());
    long[] hashes = new long[kept.size()];
    String hash =
        PackedShard.scan(
            file,
            kept.size(),
            side,
            (row, rgb) -> {
              sums.add(rgb);
              hashes[row] = DuplicateImages.hash(rgb);
            });
    writeSums(sums, work);
    Passport.Shard shard = new Passport.Shard(file(), kept.size(), hash);
    new ShardReport(shard, kept, kinds, odd, skipped, hashes, sums.products()).write(report(work));
  }

  /** Moves images up to where damaged ones would have been. */
  private void closeGaps() throws IOException {
    ByteBuffer row = ByteBuffer.allocate(rows.rowBytes());
    int to = 0;
    for (int i = 0; i < entries.length; i++) {
      if (faults[i] != null) {
        continue;
      }
      if (to != i) {
        rows.read(i, row.clear());
        rows.write(to, row.flip());
      }
      to++;
    }
  }

  private void writeSums(PixelSums sums, Path work) throws IOException {
    long[] values = sums.perPixel();
    try (NpyWriter writer = NpyWriter.create(sums(work), DType.INT32, values.length)) {
      ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
      for (long value : values) {
        bytes.putInt(Math.toIntExact(value));
      }
      writer.write(bytes.flip());
      writer.commit();
    }
  }

  /** Gives the file up. */
  void abandon() throws IOException {
    if (rows != null) {
      rows.close();
    }
  }
}
