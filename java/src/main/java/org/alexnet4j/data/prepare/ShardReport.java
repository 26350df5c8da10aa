package org.alexnet4j.data.prepare;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.alexnet4j.data.PixelSums;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.AtomicFile;

/**
 * What is kept of a finished file of pixels until the whole set is done. It is written after the
 * file itself, so where there is a report the file is whole.
 *
 * @param shard the file
 * @param rows its images in order
 * @param kinds how many files of which sort
 * @param odd unusual files
 * @param skipped damaged files
 * @param hashes of the pixels of each image, by which doubles are found
 * @param products sums of products of colours, as in {@link PixelSums}
 */
record ShardReport(
    Passport.Shard shard,
    List<Row> rows,
    TreeMap<String, Integer> kinds,
    List<Passport.Odd> odd,
    List<Passport.Odd> skipped,
    long[] hashes,
    long[] products) {
  private static final Gson GSON = new Gson();

  /** An image: its class, its name in the source, its size there. */
  record Row(int label, String name, int width, int height) {}

  /** Reads a report, or returns null if there is none or it makes no sense. */
  static ShardReport read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      ShardReport report = GSON.fromJson(Files.readString(file), ShardReport.class);
      return report == null || report.isTorn() ? null : report;
    } catch (JsonParseException e) {
      return null;
    }
  }

  private boolean isTorn() {
    return shard == null
        || rows == null
        || kinds == null
        || odd == null
        || skipped == null
        || hashes == null
        || hashes.length != rows.size()
        || products == null;
  }

  void write(Path file) throws IOException {
    AtomicFile.writeText(file, GSON.toJson(this));
  }
}
