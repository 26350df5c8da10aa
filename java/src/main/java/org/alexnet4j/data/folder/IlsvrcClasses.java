package org.alexnet4j.data.folder;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The 1,000 classes of ILSVRC-2012 in their canonical order: synset ids, sorted. Two other orders
 * are about, and a set labelled by one of them trains well and compares with nothing: the
 * development kit counts its ILSVRC2012_ID from 1 in an order of its own, and some tools count the
 * canonical order from 1.
 */
public final class IlsvrcClasses {
  /** A synset id at the beginning of a name, such as n01440764_10026.JPEG. */
  private static final Pattern ID = Pattern.compile("(n[0-9]{8})(?:[._].*)?");

  private static final List<String> IDS = read();

  private IlsvrcClasses() {}

  /** Returns the synset ids by label. */
  public static List<String> ids() {
    return IDS;
  }

  /** Returns the synset id that a file or folder name begins with, if it does. */
  public static Optional<String> idOf(String name) {
    Matcher matcher = ID.matcher(name);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Says whether all of these are among the 1,000. */
  public static boolean areAll(Iterable<String> ids) {
    for (String id : ids) {
      if (rank(id) < 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the canonical label of a synset, or -1. */
  public static int rank(String id) {
    int at = Collections.binarySearch(IDS, id);
    return at < 0 ? -1 : at;
  }

  /**
   * Compares labels with the canonical order and names the mistake, if there is one.
   *
   * @param labelled synset ids by label; not all labels need to be there
   */
  public static Optional<String> orderFault(Map<Integer, String> labelled) {
    boolean fromOne = true;
    boolean sorted = true;
    String before = "";
    for (Map.Entry<Integer, String> entry : new TreeMap<>(labelled).entrySet()) {
      int rank = rank(entry.getValue());
      if (rank < 0) {
        return Optional.of(entry.getValue() + " is not a class of ILSVRC-2012");
      }
      fromOne &= entry.getKey() == rank + 1;
      sorted &= before.compareTo(entry.getValue()) < 0;
      before = entry.getValue();
    }
    if (fromOne && !labelled.isEmpty()) {
      return Optional.of(
          "labels count from 1: " + example(labelled) + "; the canonical labels are 0 to 999");
    }
    if (!sorted) {
      return Optional.of(
          "labels do not follow the sorted synset ids: "
              + example(labelled)
              + "; the development kit's ILSVRC2012_ID has such an order");
    }
    return Optional.empty();
  }

  private static String example(Map<Integer, String> labelled) {
    for (Map.Entry<Integer, String> entry : labelled.entrySet()) {
      int rank = rank(entry.getValue());
      if (rank != entry.getKey()) {
        return entry.getValue() + " is labelled " + entry.getKey() + " and is class " + rank;
      }
    }
    return "";
  }

  private static List<String> read() {
    String resource = "ilsvrc2012-synsets.txt";
    try (InputStream in = IlsvrcClasses.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }
}
