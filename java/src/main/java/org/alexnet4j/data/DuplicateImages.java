package org.alexnet4j.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds images with the same pixels by their hashes of 64 bits: among 1.3 million different images
 * two hashes are equal by accident once in twenty million sets.
 */
final class DuplicateImages {
  private static final int SHOWN = 20;

  private final List<String> parts = new ArrayList<>();
  private final List<long[]> hashes = new ArrayList<>();

  /** One image that has a double. */
  private record Place(String part, int label, String name) {}

  private final Map<Long, List<Place>> groups = new LinkedHashMap<>();
  private final List<Dataset> sets = new ArrayList<>();

  /** Adds the images of a part; its labels and names are looked up while the set is open. */
  void add(String part, long[] partHashes, Dataset set) {
    parts.add(part);
    hashes.add(partHashes);
    sets.add(set);
  }

  /** Returns a line for each group of equal images, those in both parts first. */
  List<String> find() {
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
          Place place = new Place(parts.get(p), sets.get(p).label(i), sets.get(p).name(i));
          groups.computeIfAbsent(hash, key -> new ArrayList<>()).add(place);
        }
      }
    }
    return lines();
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
              + String.join(", ", group.stream().map(Place::name).toList());
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
