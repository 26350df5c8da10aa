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
 *
 * @hidden
 */
public final class Unfinished implements AutoCloseable {
  private static final Deque<Unfinished> OPEN = new ArrayDeque<>(); // guarded by itself
  private static boolean ending; // guarded by OPEN

  private final Removal removal;

  /**
   * Takes something away.
   *
   * @hidden
   */
  public interface Removal {
    /**
     * Removes it; nothing happens if it is not there.
     *
     * @throws IOException if it cannot be removed
     */
    void run() throws IOException;
  }

  /**
   * Makes something.
   *
   * @hidden
   */
  public interface Creation {
    /**
     * Makes it, and waits for nothing.
     *
     * @throws IOException if it cannot be made; there is nothing to remove then
     */
    void run() throws IOException;
  }

  private Unfinished(Removal removal) {
    this.removal = removal;
  }

  /**
   * Adds something that must go if the process ends before the entry is closed.
   *
   * @param removal takes it away
   * @return the entry
   */
  public static Unfinished add(Removal removal) {
    synchronized (OPEN) {
      return added(removal);
    }
  }

  /**
   * Makes something and adds it, at once: it is never there without an entry, and nothing is made
   * any more once the process ends.
   *
   * @param creation makes it
   * @param removal takes it away
   * @return the entry
   * @throws IOException if it cannot be made
   */
  public static Unfinished make(Creation creation, Removal removal) throws IOException {
    synchronized (OPEN) {
      awaitNoEnd();
      creation.run();
      return added(removal);
    }
  }

  /**
   * Makes something in a place that goes as a whole, such as a file of a new run folder, unless the
   * process ends.
   *
   * @param creation makes it
   * @return whether it was made
   * @throws IOException if it cannot be made
   */
  public static boolean makeUnlessEnding(Creation creation) throws IOException {
    synchronized (OPEN) {
      if (!ending) {
        creation.run();
      }
      return !ending;
    }
  }

  /**
   * The same for who cannot go on without it: once the process ends, this does not return.
   *
   * @throws IOException if it cannot be made
   */
  static void makeInTime(Creation creation) throws IOException {
    synchronized (OPEN) {
      awaitNoEnd();
      creation.run();
    }
  }

  private static Unfinished added(Removal removal) {
    Unfinished entry = new Unfinished(removal);
    OPEN.push(entry);
    return entry;
  }

  /** Whoever comes while the process ends sees its end here. */
  private static void awaitNoEnd() {
    boolean interrupted = false;
    while (ending) {
      try {
        OPEN.wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Removes all of it, and lets nothing be made from now on, because the process ends.
   *
   * @return what could not be removed
   */
  public static List<IOException> end() {
    synchronized (OPEN) {
      ending = true;
      return removeAll();
    }
  }

  /** Says that the process has not ended after all. */
  public static void goOn() {
    synchronized (OPEN) {
      ending = false;
      OPEN.notifyAll();
    }
  }

  /**
   * Removes all of it.
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
