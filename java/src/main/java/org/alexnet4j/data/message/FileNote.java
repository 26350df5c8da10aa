package org.alexnet4j.data.message;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.alexnet4j.io.Printable;

/**
 * Something a person should know about the files of a set: what was left out, converted or
 * enlarged.
 *
 * @param what the sentence behind the number, or all of it where the number is 0
 * @param count how many files
 * @param names the first of them, no more than {@link #SHOWN}
 */
public record FileNote(String what, int count, List<String> names) {
  /** Most names that a note has; the number tells how many there are. */
  public static final int SHOWN = 5;

  /**
   * Copies the names.
   *
   * @param what the sentence behind the number, or all of it where the number is 0
   * @param count how many files
   * @param names the first of them, no more than {@link #SHOWN}
   */
  public FileNote {
    what = what == null ? "" : what; // as a file written by hand may have it
    names = names == null ? List.of() : names.stream().filter(Objects::nonNull).toList();
  }

  /**
   * {@return a note that is about no files in particular}
   *
   * @param what one line
   */
  public static FileNote of(String what) {
    return new FileNote(what, 0, List.of());
  }

  /**
   * {@return the note as one line, such as {@code 7 hidden files are left out: a, b, c, d, e and 2
   * more}}
   */
  public String line() {
    if (count == 0) {
      return what;
    }
    String text = String.format(Locale.ROOT, "%,d %s", count, what);
    if (names.isEmpty()) {
      return text;
    }
    String rest =
        names.size() == count
            ? ""
            : String.format(Locale.ROOT, " and %,d more", count - names.size());
    return text + ": " + Printable.names(names) + rest;
  }

  /** Collects notes in the order in which their sorts first come. */
  public static final class Builder {
    /** Begins without notes. */
    public Builder() {}

    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final Map<String, List<String>> names = new LinkedHashMap<>();

    /**
     * Counts a file.
     *
     * @param what what is said of it
     * @param name of the file
     */
    public void add(String what, String name) {
      counts.merge(what, 1, Integer::sum);
      List<String> shown = names.computeIfAbsent(what, key -> new ArrayList<>());
      if (shown.size() < SHOWN) {
        shown.add(name);
      }
    }

    /**
     * Adds a note that is about no files in particular.
     *
     * @param what one line
     */
    public void say(String what) {
      counts.putIfAbsent(what, 0);
    }

    /** {@return the notes} */
    public List<FileNote> build() {
      List<FileNote> notes = new ArrayList<>();
      counts.forEach(
          (what, n) -> notes.add(new FileNote(what, n, names.getOrDefault(what, List.of()))));
      return List.copyOf(notes);
    }
  }
}
