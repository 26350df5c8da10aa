package org.alexnet4j.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What must not stay behind when the process has to end at this moment, without unwinding:
 * temporary files, a folder in which nothing has been done yet. Whoever makes such a thing
 * {@linkplain #add(Removal) adds} it and closes the entry when it is whole or gone.
 *
 * <p>Threads: any. The order of removal is the opposite of the order of adding.
 */
public final class Unfinished implements AutoCloseable {
  private static final Deque<Unfinished> OPEN = new ArrayDeque<>(); // guarded by itself

  private final Removal removal;

  /** Takes something away. */
  public interface Removal {
    /**
     * Removes it; nothing happens if it is not there.
     *
     * @throws IOException if it cannot be removed
     */
    void run() throws IOException;
  }

  private Unfinished(Removal removal) {
    this.removal = removal;
  }

  /** Adds something that must go if the process ends before the entry is closed. */
  public static Unfinished add(Removal removal) {
    Unfinished entry = new Unfinished(removal);
    synchronized (OPEN) {
      OPEN.push(entry);
    }
    return entry;
  }

  /**
   * Removes all of it, because the process ends.
   *
   * @return what could not be removed
   */
  public static List<IOException> removeAll() {
    List<IOException> failures = new ArrayList<>();
    List<Unfinished> all;
    synchronized (OPEN) {
      all = List.copyOf(OPEN);
      OPEN.clear();
    }
    for (Unfinished entry : all) {
      try {
        entry.removal.run();
      } catch (IOException e) {
        failures.add(e);
      }
    }
    return failures;
  }

  /** Says that it is whole, or gone: it stays as it is. */
  @Override
  public void close() {
    synchronized (OPEN) {
      OPEN.remove(this);
    }
  }
}
