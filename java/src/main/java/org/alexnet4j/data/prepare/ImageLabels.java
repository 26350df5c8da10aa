package org.alexnet4j.data.prepare;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.data.archive.FileSorts;

/**
 * What lines of a table say of images, by the images' names. A line may name an image with another
 * ending than the file has, or with none, where that can mean one image only.
 *
 * @param <T> what is said
 */
final class ImageLabels<T> {
  private final Set<String> images;
  private final Map<String, Integer> imagesOfStem = new HashMap<>();
  private final Map<String, T> byName = new LinkedHashMap<>();
  private final Map<String, String> firstOfStem = new HashMap<>(); // the first name in the table
  private final Set<String> taken = new HashSet<>();

  /** Begins a table without lines. */
  ImageLabels(List<String> images) {
    this.images = Set.copyOf(images);
    images.forEach(image -> imagesOfStem.merge(stem(image), 1, Integer::sum));
  }

  /** Adds a line; returns the earlier one that may be about the same image, or null. */
  T put(String name, T said) {
    T before = byName.putIfAbsent(name, said);
    if (before != null) {
      return before;
    }
    String first = firstOfStem.putIfAbsent(stem(name), name);
    boolean apart = first == null || images.contains(first) && images.contains(name);
    return apart ? null : byName.get(first);
  }

  /** Returns what is said of an image, once; null if nothing is, or it is not clear of which. */
  T take(String image) {
    String stem = stem(image);
    String name = byName.containsKey(image) ? image : firstOfStem.get(stem);
    boolean clear = image.equals(name) || imagesOfStem.get(stem) == 1;
    return name != null && clear && taken.add(name) ? byName.get(name) : null;
  }

  /** Says whether an image of this name was asked for before. */
  boolean isTwice(String image) {
    return taken.contains(image);
  }

  /** Returns the names of which nobody asked, sorted. */
  List<String> left() {
    return byName.keySet().stream().filter(name -> !taken.contains(name)).sorted().toList();
  }

  /** Returns a name without the ending of an image. */
  private static String stem(String name) {
    return FileSorts.isImageName(name) ? name.substring(0, name.lastIndexOf('.')) : name;
  }
}
