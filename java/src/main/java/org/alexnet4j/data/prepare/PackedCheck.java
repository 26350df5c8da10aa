package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Split;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.PackedStatistics;
import org.alexnet4j.data.ParallelPass;
import org.alexnet4j.data.PixelSums;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.data.folder.IlsvrcClasses;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Hashes;
import org.alexnet4j.data.packed.PackedClass;
import org.alexnet4j.data.packed.PackedShard;
import org.alexnet4j.data.packed.Passport;

/** Reads a prepared folder once and compares it with its passport and with common mistakes. */
public final class PackedCheck {
  private static final int REPORT_IMAGES = 64;

  private final Path folder;
  private final Passport passport;
  private final int threads;
  private final LongConsumer progress;
  private long read;
  private final List<String> problems = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  private PackedCheck(Path folder, Passport passport, int threads, LongConsumer progress) {
    this.folder = folder;
    this.passport = passport;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * What was found.
   *
   * @param images images looked at
   * @param problems what makes the folder unfit for use
   * @param notes what is worth knowing
   */
  public record Result(int images, List<String> problems, List<String> notes) {}

  /** Checks a folder in silence. */
  public static Result run(Path folder, int threads) throws IOException {
    return run(folder, threads, images -> {});
  }

  /**
   * Checks a folder.
   *
   * @param threads threads that read
   * @param progress gets the number of images read so far, now and then, from one thread at a time
   * @throws DataException if it is not a prepared folder, or cannot be opened at all
   * @throws IOException if it cannot be read
   */
  public static Result run(Path folder, int threads, LongConsumer progress) throws IOException {
    return new PackedCheck(folder, Passport.read(folder), threads, progress).run();
  }

  private Result run() throws IOException {
    for (Map.Entry<String, String> file : passport.files().entrySet()) {
      Path path = folder.resolve(file.getKey()).normalize();
      if (!path.startsWith(folder.normalize()) || !Files.isRegularFile(path)) {
        problems.add(file.getKey() + ": no such file");
      } else if (!Hashes.ofFile(path).equals(file.getValue())) {
        problems.add(file.getKey() + ": its bytes are not those that were written (SHA-256)");
      }
    }
    DuplicateImages duplicates = new DuplicateImages();
    int images = 0;
    for (Split split : Split.values()) {
      String name = split == Split.TRAIN ? "train" : "val";
      Passport.Part part = passport.parts().get(name);
      DataOptions options = DataOptions.train().withSource(passport.side()).withSplit(split);
      try (Dataset set = Datasets.open(folder, options)) {
        images += set.size();
        checkCounts(name, part, set);
        checkLabels(name, set);
        PixelSums sums = checkShards(part, name, duplicates, set);
        if (split == Split.TRAIN && problems.isEmpty()) {
          checkStatistics(sums, set);
        }
      } catch (DataException e) {
        problems.add(folder.relativize(Path.of(e.where())) + ": " + e.reason());
      }
      addOdd(name, part);
    }
    checkOrder();
    for (FileNote note : passport.notes()) {
      if (!note.what().equals(DuplicateImages.ACROSS)
          && !note.what().equals(DuplicateImages.WITHIN)) {
        notes.add(note.line()); // doubles are looked for again
      }
    }
    notes.addAll(duplicates.find());
    return new Result(images, List.copyOf(problems), List.copyOf(notes));
  }

  private void checkCounts(String name, Passport.Part part, Dataset set) {
    int[] counts = new int[passport.classes()];
    for (int i = 0; i < set.size(); i++) {
      counts[set.label(i)]++;
    }
    int empty = 0;
    for (int count : counts) {
      empty += count == 0 ? 1 : 0;
    }
    if (!Arrays.equals(counts, part.perClass())) {
      problems.add(name + ": the labels count other images per class than the passport");
    }
    if (empty > 0 && set.size() > 0) {
      notes.add(name + ": " + empty + " of " + counts.length + " classes have no image");
    }
  }

  /** Where an image's name begins with a synset id, its class must be that synset. */
  private void checkLabels(String name, Dataset set) throws IOException {
    List<String> ids = ids();
    int wrong = 0;
    String example = "";
    Map<Integer, String> labelled = new TreeMap<>();
    for (int i = 0; i < set.size(); i++) {
      String file = set.name(i).substring(set.name(i).lastIndexOf('/') + 1);
      Optional<String> id = IlsvrcClasses.idOf(file);
      if (id.isPresent()) {
        labelled.put(set.label(i), id.get());
        if (!id.get().equals(ids.get(set.label(i)))) {
          wrong++;
          example = set.name(i) + " is labelled " + set.label(i) + ", " + ids.get(set.label(i));
        }
      }
    }
    if (wrong > 0) {
      String order =
          IlsvrcClasses.areAll(ids)
              ? IlsvrcClasses.orderFault(labelled).map(fault -> "; " + fault).orElse("")
              : "";
      problems.add(
          name + ": " + wrong + " images have the label of another class: " + example + order);
    }
  }

  private List<String> ids() throws IOException {
    return PackedClass.read(folder).stream().map(PackedClass::id).toList();
  }

  private void checkOrder() throws IOException {
    List<String> ids = ids();
    if (!IlsvrcClasses.areAll(ids)) {
      notes.add("classes: not those of ILSVRC-2012, so there is no canonical order to compare");
      return;
    }
    Map<Integer, String> labelled = new TreeMap<>();
    for (int label = 0; label < ids.size(); label++) {
      labelled.put(label, ids.get(label));
    }
    IlsvrcClasses.orderFault(labelled).ifPresent(fault -> problems.add("classes: " + fault));
    if (ids.equals(IlsvrcClasses.ids())) {
      notes.add("classes: all 1,000 of ILSVRC-2012 in the canonical order");
    } else {
      notes.add(
          "classes: "
              + ids.size()
              + " of ILSVRC-2012's 1,000; labels count among these, not among all"
              + " (prepare --ilsvrc-labels)");
    }
  }

  /** Hashes all files of a part, by several threads; sums in whole numbers, so in any order. */
  private PixelSums checkShards(
      Passport.Part part, String name, DuplicateImages duplicates, Dataset set) throws IOException {
    PixelSums total = new PixelSums(passport.side());
    AtomicInteger next = new AtomicInteger();
    String[] faults = new String[part.shards().size()];
    long[] hashes = new long[part.images()];
    int[] first = new int[part.shards().size()];
    for (int s = 1; s < first.length; s++) {
      first[s] = first[s - 1] + part.shards().get(s - 1).images();
    }
    Thread[] workers = new Thread[threads];
    for (int t = 0; t < threads; t++) {
      workers[t] =
          new Thread(
              () -> {
                PixelSums own = new PixelSums(passport.side());
                for (int s = next.getAndIncrement();
                    s < faults.length;
                    s = next.getAndIncrement()) {
                  faults[s] = checkShard(part.shards().get(s), own, hashes, first[s]);
                }
                synchronized (total) {
                  total.add(own);
                }
              },
              "alexnet-verify-" + t);
      workers[t].setDaemon(true);
      workers[t].start();
    }
    ParallelPass.join(workers);
    Arrays.stream(faults).filter(fault -> fault != null).forEach(problems::add);
    duplicates.add(name, hashes, set::label, set::name);
    return total;
  }

  private String checkShard(Passport.Shard shard, PixelSums sums, long[] hashes, int first) {
    try {
      String hash =
          PackedShard.scan(
              folder.resolve(shard.file()),
              shard.images(),
              passport.side(),
              (row, rgb) -> {
                sums.add(rgb);
                boolean last = row + 1 == shard.images();
                if (last || (row + 1) % REPORT_IMAGES == 0) {
                  report(row % REPORT_IMAGES + 1);
                }
                hashes[first + row] = DuplicateImages.hash(rgb);
              });
      return hash.equals(shard.sha256())
          ? null
          : shard.file() + ": its bytes are not those that were written (SHA-256)";
    } catch (Throwable e) { // The thread must not die in silence: what it read would count as good.
      return shard.file() + ": cannot be read: " + e;
    }
  }

  private synchronized void report(int images) {
    read += images;
    progress.accept(read);
  }

  private void checkStatistics(PixelSums sums, Dataset train) throws IOException {
    Statistics want = Statistics.of(sums);
    Statistics got = train.statistics().orElseThrow();
    if (!Arrays.equals(want.perPixel(), got.perPixel())) {
      problems.add(PackedStatistics.MEAN + ": is not the mean of the training images");
    }
    if (!Arrays.equals(want.components().eigenvalues(), got.components().eigenvalues())
        || !Arrays.deepEquals(want.components().vectors(), got.components().vectors())) {
      problems.add(PackedStatistics.COMPONENTS + ": are not those of the training images");
    }
  }

  private void addOdd(String name, Passport.Part part) {
    for (Passport.Odd file : part.odd()) {
      notes.add(name + ": odd: " + file.name() + ": " + file.reason());
    }
    for (Passport.Odd file : part.skipped()) {
      notes.add(name + ": skipped: " + file.name() + ": " + file.reason());
    }
  }
}
