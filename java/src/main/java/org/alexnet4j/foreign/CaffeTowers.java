package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.foreign.file.CaffeFeed;
import org.alexnet4j.foreign.file.CaffeLayer;

/**
 * Normalisation inside of towers as Caffe has it: a Slice, an LRN for each part, and a Concat. They
 * are joined to one layer of the type LRN that states how many towers it has.
 */
final class CaffeTowers {
  /** How many parts a joined layer has. */
  static final String TOWERS = "towers";

  /** Where the second of two parts begins, if the file states it. */
  static final String SECOND = "slice_point";

  private CaffeTowers() {}

  /** Returns the layers with those that are one here joined; all others as they are. */
  static List<CaffeLayer> joined(List<CaffeLayer> layers) {
    List<CaffeLayer> joined = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      int parts = layers.get(i).tops().size();
      boolean slice = layers.get(i).type().equals("Slice") && i + parts + 1 < layers.size();
      Optional<CaffeLayer> one =
          slice ? join(layers.subList(i, i + parts + 2)) : Optional.<CaffeLayer>empty();
      joined.add(one.orElse(layers.get(i)));
      i += one.isPresent() ? parts + 1 : 0;
    }
    return joined;
  }

  private static Optional<CaffeLayer> join(List<CaffeLayer> some) {
    CaffeLayer slice = some.get(0);
    List<CaffeLayer> norms = some.subList(1, some.size() - 1);
    CaffeLayer concat = some.get(some.size() - 1);
    List<String> made = new ArrayList<>();
    boolean same = norms.size() > 1 && isOverChannels(slice) && isOverChannels(concat);
    for (int t = 0; same && t < norms.size(); t++) {
      CaffeLayer norm = norms.get(t);
      same =
          norm.type().equals("LRN")
              && norm.bottoms().equals(List.of(slice.tops().get(t)))
              && norm.tops().size() == 1
              && norm.numbers().equals(norms.get(0).numbers());
      made.addAll(norm.tops());
    }
    if (!same || !concat.type().equals("Concat") || !concat.bottoms().equals(made)) {
      return Optional.empty();
    }
    ImmutableMap.Builder<String, Double> numbers = ImmutableMap.builder();
    numbers.putAll(norms.get(0).numbers());
    numbers.put(TOWERS, (double) norms.size());
    slice.numbers().forEach((name, value) -> putPoint(numbers, name, value));
    return Optional.of(
        new CaffeLayer(
            concat.name(),
            "LRN",
            slice.bottoms(),
            concat.tops(),
            numbers.buildOrThrow(),
            CaffeFeed.NONE,
            slice.place()));
  }

  /** Of more than two parts, that some begins are stated is kept under a name of its own. */
  private static void putPoint(
      ImmutableMap.Builder<String, Double> numbers, String name, double value) {
    if (name.startsWith(SECOND)) {
      numbers.put(name, value);
    }
  }

  private static boolean isOverChannels(CaffeLayer layer) {
    boolean slice = layer.type().equals("Slice");
    return layer.number("axis", 1) == 1 && layer.number(slice ? "slice_dim" : "concat_dim", 1) == 1;
  }
}
