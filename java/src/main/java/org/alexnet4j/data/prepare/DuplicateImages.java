package org.alexnet4j.data.prepare;

import com.google.common.hash.Hashing;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.io.Printable;

/**
 * Finds images with the same pixels by their hashes of 64 bits: among 1.3 million different images
 * two hashes are equal by accident once in twenty million sets.
 */
final class DuplicateImages {
  static final String ACROSS =
      "images have the pixels of one in the other part: train and val overlap";
  static final String WITHIN = "images have the pixels of another one in the same part";

  private static final int SHOWN = 20;

  private final List<String> parts = new ArrayList<>();
  private final List<long[]> hashes = new ArrayList<>();

  /** One image that has a double. */
  private record Place(String part, int label, String name) {}

  private final Map<Long, List<Place>> groups = new LinkedHashMap<>();
  private final List<IntUnaryOperator> labels = new ArrayList<>();
  private final List<IntFunction<String>> names = new ArrayList<>();

  /** Returns the hash of an image. */
  static long hash(byte[] rgb) {
    return Hashing.murmur3_128().hashBytes(rgb).asLong();
  }

  /** Adds the images of a part; labels and names are asked for while doubles are looked for. */
  void add(String part, long[] partHashes, IntUnaryOperator label, IntFunction<String> name) {
    parts.add(part);
    hashes.add(partHashes);
    labels.add(label);
    names.add(name);
  }

  /** Returns a line for each group of equal images, those in both parts first. */
  List<String> find() {
    group();
    return lines();
  }

  /** Returns how many images there are more than once. */
  List<FileNote> notes() {
    group();
    FileNote.Builder notes = new FileNote.Builder();
    for (List<Place> group : groups.values()) {
      boolean both = group.stream().map(Place::part).distinct().count() > 1;
      group.forEach(place -> notes.add(both ? ACROSS : WITHIN, place.name));
    }
    return notes.build();
  }

  private void group() {
    long[] all = hashes.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    Set<Long> twice = new HashSet<>();
    for (int i = 1; i < all.length; i++) {
      if (all[i] == all[i - 1]) {
        twice.add(all[i]);
      }
    }
    for (int p = 0; p < parts.size(); p++) {
      for (int i = 0; i < hashes.get(p).length; i++) {
        long hash = hashes.get(p)[i];
        if (twice.contains(hash)) {
          Place place = new Place(parts.get(p), labels.get(p).applyAsInt(i), names.get(p).apply(i));
          groups.computeIfAbsent(hash, key -> new ArrayList<>()).add(place);
        }
      }
    }
  }

  private List<String> lines() {
    List<String> across = new ArrayList<>();
    List<String> within = new ArrayList<>();
    for (List<Place> group : groups.values()) {
      boolean both = group.stream().map(Place::part).distinct().count() > 1;
      boolean sameLabel = group.stream().map(Place::label).distinct().count() == 1;
      String line =
          "duplicate"
              + (both ? " in train and val" : " within " + group.get(0).part)
              + (sameLabel ? ": " : ", with different labels: ")
              + Printable.names(group.stream().map(Place::name).toList());
      (both ? across : within).add(line);
    }
    List<String> lines = new ArrayList<>(across);
    lines.addAll(within.subList(0, Math.min(SHOWN, within.size())));
    if (within.size() > SHOWN) {
      lines.add((within.size() - SHOWN) + " more groups of duplicates within a part");
    }
    return lines;
  }
}
