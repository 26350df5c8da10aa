package org.alexnet4j.cli.option;

import java.io.IOException;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;

/** Opens one part of some data, for commands of which a person chooses the part. */
public final class SplitData {
  private SplitData() {}

  /**
   * Opens the part.
   *
   * @throws DataException if there are no such data, or no image in this part
   */
  public static Dataset open(String data, DataOptions options) throws IOException {
    Dataset images = Datasets.open(data, options);
    if (images.size() == 0) {
      images.close();
      throw noHeldOut(data, "--split train, or data that hold out some");
    }
    return images;
  }

  /** Says that nothing is held out, and what would do. */
  public static DataException noHeldOut(String data, String allowed) {
    return new DataException(data, "has no held-out images", allowed);
  }
}
