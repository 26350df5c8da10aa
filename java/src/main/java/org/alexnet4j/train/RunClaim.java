package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Unfinished;
import org.alexnet4j.run.RunFolder;

/**
 * A run folder that this process writes: made if it is missing, locked, and taken back if not one
 * step was done in it. Threads: one caller.
 */
final class RunClaim implements AutoCloseable {
  private static final String NONE_EVER =
      ", but the run ended before its first checkpoint was written";
  private static final String NONE_LEFT = ", but no checkpoint is left in checkpoints/";

  private final RunFolder folder;
  private final RunListener listener;
  private final Path outermost; // that did not exist, or null
  private RunLock lock;
  private Unfinished unfinished; // null once there is something to keep
  private boolean left; // there are logs of steps that are lost

  private RunClaim(RunFolder folder, RunListener listener, Path outermost) {
    this.folder = folder;
    this.listener = listener;
    this.outermost = outermost;
  }

  /**
   * Creates the folder, or finds the one to resume, and keeps others out of it.
   *
   * @param again whether steps of which there never was a checkpoint may be done again
   * @throws FormatException if there is nothing to resume
   * @throws IllegalArgumentException if there is a run in the way, or somebody else writes there
   * @throws IOException if the folder cannot be written
   */
  static RunClaim take(RunFolder folder, boolean resume, boolean again, RunListener listener)
      throws IOException {
    folder.requireOwn();
    boolean empty = folder.isEmpty();
    boolean left = again && !resume && !empty && !folder.isResumable();
    if (resume && folder.checkpoints().isEmpty()) {
      throw new FormatException(folder.path(), "--resume", missing(folder, empty));
    }
    if (!resume && !empty && !left) {
      throw new IllegalArgumentException(occupied(folder));
    }
    RunClaim claim = new RunClaim(folder, listener, OutputFolder.outermostMissing(folder.path()));
    if (resume || left) {
      claim.lock = RunLock.acquire(folder);
      claim.left = left;
    } else {
      claim.unfinished = Unfinished.make(claim::begin, claim::discard);
    }
    try {
      claim.lock.takenOver().ifPresent(listener::note);
      claim.lock.removeUnfinished();
      if (left) {
        listener.note(steps(folder) + NONE_EVER + "; it begins again");
      }
      listener.opened(folder.path());
      return claim;
    } catch (IOException | RuntimeException e) {
      claim.close();
      throw e;
    }
  }

  /**
   * Makes the folder and locks it: no end of the process falls between the two. If another process
   * was quicker, it is that one's folder.
   */
  private void begin() throws IOException {
    try {
      RunFolder.create(folder.path());
      lock = RunLock.acquire(folder);
    } catch (IOException | RuntimeException e) {
      if (outermost != null && !Files.exists(folder.lock())) {
        discard();
      }
      throw e;
    }
  }

  private static String missing(RunFolder folder, boolean empty) throws IOException {
    if (!Files.exists(folder.path())) {
      return "there is no such run folder";
    }
    return empty
        ? "there is no checkpoint in this run folder"
        : steps(folder) + NONE_LEFT + "; put one back, or begin a new run in another folder";
  }

  private static String occupied(RunFolder folder) throws IOException {
    return folder.checkpoints().isEmpty()
        ? "run folder "
            + folder.path()
            + " has a run in it: "
            + steps(folder)
            + NONE_LEFT
            + "; name another"
        : "run folder " + folder.path() + " has a run in it; add --resume or name another folder";
  }

  /** Says how far a run came of which no checkpoint is there, as far as its log can be read. */
  private static String steps(RunFolder folder) throws IOException {
    long[] steps = new long[1];
    try {
      JsonLines.forEach(
          folder.metrics(),
          line -> steps[0] += line.optionalText("kind").orElse("").equals("train") ? 1 : 0);
    } catch (FormatException e) {
      return steps[0] + " steps or more are in metrics.jsonl (" + e.getMessage() + ")";
    }
    return steps[0] + " steps are in metrics.jsonl";
  }

  /** Says that a new run begins: logs of steps that are lost go. */
  void begins() throws IOException {
    if (left) {
      folder.removeLogs();
    }
  }

  /** Says that a step is done: the folder stays from now on. */
  void keep() {
    if (unfinished != null) {
      unfinished.close();
      unfinished = null;
    }
  }

  private void discard() throws IOException {
    folder.discard();
    Path at = folder.path().toAbsolutePath();
    while (outermost != null && !at.equals(outermost)) {
      at = at.getParent();
      RunFolder.removeIfEmpty(at);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (unfinished != null) {
        listener.discarded(folder.path());
        keep();
        discard();
      }
    } finally {
      lock.close();
    }
  }
}
