package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.io.OutputFolder;

/** Takes back what a preparation made that failed before any of its files was finished. */
final class PreparationLeftovers {
  private final Path out;
  private final Path work;
  private final Path outermost; // null if nothing had to be made

  private PreparationLeftovers(Path out, Path work, Path outermost) {
    this.out = out;
    this.work = work;
    this.outermost = outermost;
  }

  /** Looks at what is there before the preparation makes anything. */
  static PreparationLeftovers of(Path out, Path work) {
    return new PreparationLeftovers(out, work, OutputFolder.outermostMissing(work));
  }

  /**
   * Removes it, if no file is finished. The lock is held.
   *
   * @param files of images, finished or not, if the folder is this preparation's own; else none
   */
  void remove(List<Path> files) throws IOException {
    if (PreparedNames.hasReport(work)) {
      return;
    }
    if (!files.isEmpty()) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      Files.deleteIfExists(work.resolve("request"));
      for (Path folder : List.of(out.resolve("train"), out.resolve("val"), out)) {
        if (Files.isDirectory(folder)) {
          deleteAll(PreparedNames.temporary(folder));
        }
      }
      deleteAll(PreparedNames.temporary(work));
      removeIfEmpty(out.resolve("train"));
      removeIfEmpty(out.resolve("val"));
    }
    if (outermost == null && files.isEmpty()) {
      return; // begun by an earlier call, which may go on
    }
    Files.deleteIfExists(work.resolve("lock"));
    removeIfEmpty(work);
    Path last = outermost == null ? work : outermost;
    for (Path at = work.toAbsolutePath(); !at.equals(last.toAbsolutePath()); ) {
      at = at.getParent();
      removeIfEmpty(at);
    }
  }

  private static void deleteAll(List<Path> files) throws IOException {
    for (Path file : files) {
      Files.delete(file);
    }
  }

  private static void removeIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Not ours to remove.
    }
  }
}
