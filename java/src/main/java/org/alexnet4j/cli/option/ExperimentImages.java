package org.alexnet4j.cli.option;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;

/**
 * The images of an experiment's variants: what names them, and which they are now. Each set is
 * opened once for that. Threads: any.
 */
public final class ExperimentImages {
  private final ExperimentSpec spec;
  private final String data;
  private final Function<Dataset, String> sum;
  private final Map<String, String> names = new HashMap<>(); // by variant; guarded by this
  private final Map<String, Names> known = new HashMap<>(); // by images; guarded by this

  /**
   * Opens nothing yet.
   *
   * @param data names the images of the whole experiment
   * @param sum of a part, over labels and names
   */
  public ExperimentImages(ExperimentSpec spec, String data, Function<Dataset, String> sum) {
    this.spec = spec;
    this.data = data;
    this.sum = sum;
  }

  /** Returns what names the images of a variant. */
  public synchronized String of(Variant variant) throws IOException {
    String name = names.get(variant.name());
    if (name == null) {
      name = name(variant);
      names.put(variant.name(), name);
    }
    return name;
  }

  private String name(Variant variant) throws IOException {
    int classes = spec.scale().classes();
    if (variant.part().isEmpty()) {
      return classes == 0 ? data : Datasets.firstClasses(data, classes);
    }
    if (classes == 0) {
      int source = variant.configuration().network().sourceSize();
      try (Dataset all = Datasets.open(data, DataOptions.train().withSource(source))) {
        classes = all.classes().size();
      }
    }
    return Datasets.classes(data, variant.part().get().classes(classes));
  }

  /** The sums of both parts, as {@code env.json} has them. */
  public record Names(String train, String heldOut) {}

  /**
   * Returns which images there are now.
   *
   * @param images names them
   * @param side to which they are brought
   */
  public synchronized Names now(String images, int side) throws IOException {
    String key = images + " " + side;
    Names now = known.get(key);
    if (now == null) {
      DataOptions train = DataOptions.train().withSource(side);
      now = new Names(sum(images, train), sum(images, train.withSplit(DataOptions.Split.HELD_OUT)));
      known.put(key, now);
    }
    return now;
  }

  private String sum(String images, DataOptions options) throws IOException {
    try (Dataset part = Datasets.open(images, options)) {
      return sum.apply(part);
    }
  }
}
