package org.alexnet4j.data;

import java.io.IOException;

/** Opens data sets. */
public final class Datasets {
  private static final String SYNTHETIC = "synthetic:";

  private Datasets() {}

  /**
   * Opens what the text names: {@code synthetic:} for the generated set.
   *
   * @throws DataException if there is no such data or they are not usable
   */
  public static Dataset open(String spec, DataOptions options) throws IOException {
    if (spec.startsWith(SYNTHETIC)) {
      return SyntheticDataset.parse(spec.substring(SYNTHETIC.length()), options);
    }
    throw new DataException(spec, "no such data", "synthetic:");
  }
}
