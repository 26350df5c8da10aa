package org.alexnet4j.data.prepare;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.ParallelPass;
import org.alexnet4j.data.folder.FolderLayout;
import org.alexnet4j.data.image.ImageDecoder;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.OutputFolder;

/**
 * Packs images into a folder from which training reads without decoding. Killed at any moment and
 * started again, it goes on behind the last finished file and ends with the same bytes.
 */
public final class Preparation {
  /** Hears how it goes; called by several threads, one at a time. */
  public interface Listener {
    /** Something a person should know about the files of the source, before they are read. */
    default void note(FileNote note) {}

    /** The source is known. */
    default void started(String kind, int classes, int train, int val, int done) {}

    /** So many images are done in all. */
    default void progress(int done, int total) {}

    /** An image is left out. */
    default void skipped(DataException fault) {}

    /** Returns whether to end before the set is whole. */
    default boolean stopRequested() {
      return false;
    }
  }

  private final PrepareSource source;
  private final PrepareOptions options;
  private final Path out;
  private final Path work;
  private final Listener listener;
  private final List<ShardTask> open = new ArrayList<>();
  private final List<ShardTask> all = new ArrayList<>();
  private boolean claimed; // whether the folder is this preparation's to fill
  // Guarded by this. Images are handed out in order, so the first one that fails is always reached.
  private int task;
  private int image;
  private int done;
  private long failedAt = Long.MAX_VALUE;
  private Throwable failure;

  private Preparation(PrepareSource source, PrepareOptions options, Path out, Listener listener) {
    this.source = source;
    this.options = options;
    this.out = out;
    this.work = out.resolve(Passport.WORK);
    this.listener = listener;
    addTasks("train", source.train());
    addTasks("val", source.held());
  }

  private void addTasks(String part, FolderLayout layout) {
    int step = options.shardImages();
    for (int from = 0, number = 0; from < layout.entries().length; from += step, number++) {
      int to = Math.min(layout.entries().length, from + step);
      int[] entries = Arrays.copyOfRange(layout.entries(), from, to);
      int[] labels = Arrays.copyOfRange(layout.labels(), from, to);
      all.add(new ShardTask(source.files(), part, number, entries, labels, options));
    }
  }

  /**
   * Packs a source into a folder, or goes on with it.
   *
   * @return what the folder now says about itself; empty if the listener asked for the end
   * @throws DataException if the source is not usable, an image is damaged and none may be, or the
   *     folder holds something else
   * @throws OutputFolder.UnwritableException if the folder cannot be made or not be written to
   * @throws IOException if a file cannot be read or written
   */
  public static Optional<Passport> run(
      Path from, Path out, PrepareOptions options, Listener listener) throws IOException {
    OutputFolder.requireApart(out, from);
    PreparedNames.requireOwn(out, out.resolve(Passport.WORK));
    try (PrepareSource source = PrepareSource.open(from, options)) {
      Preparation preparation = new Preparation(source, options, out, listener);
      PreparationLeftovers leftovers = PreparationLeftovers.of(out, preparation.work);
      OutputFolder.create(preparation.work, out);
      Path lockFile = preparation.work.resolve("lock");
      try (FileChannel channel =
              FileChannel.open(
                  lockFile,
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  LinkOption.NOFOLLOW_LINKS);
          FileLock lock = channel.tryLock()) {
        if (lock == null) {
          throw new DataException(
              out.toString(), "another process is preparing it", "one at a time");
        }
        return preparation.run(leftovers);
      } finally {
        if (Passport.isIn(out)) {
          preparation.clean();
        }
      }
    }
  }

  private Optional<Passport> run(PreparationLeftovers leftovers) throws IOException {
    try {
      return run();
    } catch (IOException | RuntimeException | Error e) {
      try {
        leftovers.remove(claimed ? files() : List.of());
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  private List<Path> files() {
    return all.stream()
        .flatMap(shard -> Stream.of(out.resolve(shard.file()), shard.sums(work)))
        .toList();
  }

  private Optional<Passport> run() throws IOException {
    String listing = listing();
    if (Passport.isIn(out)) {
      Passport passport = Passport.read(out);
      if (!passport.listing().equals(listing)) {
        throw new DataException(
            out.toString(), "holds other images, or prepared otherwise", "an empty folder");
      }
      return Optional.of(passport);
    }
    claim(listing);
    for (String part : List.of("train", "val")) {
      Files.createDirectories(out.resolve(part));
      removeTemporary(out.resolve(part));
    }
    removeTemporary(out);
    removeTemporary(work);
    resume();
    int total = source.train().entries().length + source.held().entries().length;
    listener.started(
        source.kind(),
        source.ids().size(),
        source.train().entries().length,
        source.held().entries().length,
        done);
    source.notes().forEach(listener::note);
    if (!open.isEmpty()) {
      pack(total);
    }
    if (listener.stopRequested()) {
      return Optional.empty();
    }
    return Optional.of(new PackedWriter(source, options, out, work, all).write(listing));
  }

  /** Refuses a folder in which something else was begun. */
  private void claim(String listing) throws IOException {
    Path request = work.resolve("request");
    if (Files.exists(request)) {
      boolean same = Files.readString(request).equals(listing);
      if (!same && PreparedNames.hasReport(work)) {
        throw new DataException(
            out.toString(),
            "another preparation was begun in it, of other images or with other options",
            "the same command again, or an empty folder");
      }
      if (!same) { // nothing of the other one is finished
        AtomicFile.writeText(request, listing);
      }
      claimed = true;
      return;
    }
    try (Stream<Path> there = Files.list(out)) {
      if (there.anyMatch(file -> !file.equals(work))) {
        throw new DataException(out.toString(), "the folder is not empty", "an empty folder");
      }
    }
    AtomicFile.writeText(request, listing);
    claimed = true;
  }

  /** A hash of all that decides about the result but the contents of the images. */
  private String listing() {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putInt(Passport.VERSION).putInt(options.side()).putBoolean(options.upright());
    hasher.putInt(options.shardImages()).putBoolean(options.canonical());
    for (FolderLayout layout : List.of(source.train(), source.held())) {
      hasher.putInt(layout.entries().length);
      for (int i = 0; i < layout.entries().length; i++) {
        String path = source.files().path(layout.entries()[i]);
        hasher.putInt(layout.labels()[i]).putInt(path.length());
        hasher.putString(path, StandardCharsets.UTF_8);
      }
    }
    return hasher.hash().toString();
  }

  private static void removeTemporary(Path folder) throws IOException {
    for (Path file : PreparedNames.temporary(folder)) {
      Files.delete(file);
    }
  }

  /** Finds the files that an earlier run has finished. */
  private void resume() throws IOException {
    for (ShardTask shard : all) {
      ShardReport report = ShardReport.read(shard.report(work));
      Path file = out.resolve(shard.file());
      boolean finished =
          report != null && Files.isRegularFile(file) && Files.isRegularFile(shard.sums(work));
      if (!finished) {
        open.add(shard);
        continue;
      }
      done += shard.images();
      if (options.damaged() == Damaged.FAIL && !report.skipped().isEmpty()) {
        Passport.Odd first = report.skipped().get(0);
        throw new DataException(first.name(), first.reason(), ImageDecoder.ALLOWED);
      }
    }
  }

  private void pack(int total) throws IOException {
    Thread[] threads = new Thread[options.threads()];
    for (int t = 0; t < threads.length; t++) {
      threads[t] = new Thread(() -> work(total), "alexnet-prepare-" + t);
      threads[t].setDaemon(true);
      threads[t].start();
    }
    ParallelPass.join(threads);
    for (ShardTask shard : open) {
      shard.abandon(); // does nothing to those that are finished
    }
    if (failure instanceof IOException e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException("preparing failed: " + failure, failure);
    }
  }

  private record Claim(ShardTask shard, int image, long place) {}

  private synchronized Claim take() throws IOException {
    if (failure != null || task == open.size() || listener.stopRequested()) {
      return null;
    }
    ShardTask shard = open.get(task);
    if (image == 0) {
      shard.open(out);
    }
    Claim claim = new Claim(shard, image, (long) task << 32 | image);
    if (++image == shard.images()) {
      image = 0;
      task++;
    }
    return claim;
  }

  private void work(int total) {
    ByteBuffer row = ByteBuffer.allocateDirect(3 * options.side() * options.side());
    long place = 0;
    try {
      for (Claim claim = take(); claim != null; claim = take()) {
        place = claim.place;
        pack(claim, row);
        if (claim.shard.countDown()) {
          claim.shard.finish(out, work);
        }
        synchronized (this) {
          listener.progress(++done, total);
        }
      }
    } catch (Throwable e) { // Whatever happened belongs to the caller, who waits for it.
      fail(place, e);
    }
  }

  private void pack(Claim claim, ByteBuffer row) throws IOException {
    try {
      claim.shard.pack(claim.image, row);
    } catch (DataException e) {
      if (options.damaged() == Damaged.FAIL) {
        throw e;
      }
      claim.shard.skip(claim.image, e);
      synchronized (this) {
        listener.skipped(e);
      }
    }
  }

  private synchronized void fail(long place, Throwable cause) {
    if (failure == null || place < failedAt) {
      failedAt = place;
      failure = cause;
    }
  }

  /** Removes what only an unfinished set needs; nothing that prepare did not write. */
  private void clean() throws IOException {
    if (!Files.exists(work)) {
      return;
    }
    PreparedNames.requireOwn(out, work);
    List<Path> files;
    try (Stream<Path> there = Files.list(work)) {
      files = there.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(work);
  }
}
