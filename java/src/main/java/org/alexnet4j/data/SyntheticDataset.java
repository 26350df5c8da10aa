package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkElementIndex;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.data.DataOptions.Split;
import org.alexnet4j.data.message.DataException;

/**
 * The generated set: ten classes of drawings that differ in texture, colour and shape, so that a
 * first layer has oriented edges, frequencies and colours to learn.
 *
 * <p>Image i is a pure function of (seed, part, i, source); its class is i modulo 10. Nothing is
 * stored: every read draws the image again. {@link Drawing} has the classes.
 */
final class SyntheticDataset implements Dataset {
  static final int TRAIN = 4000;
  static final int HELD_OUT = 1000;

  private final int size;
  private final int source;
  private final long seed;
  private final Split split;

  SyntheticDataset(int size, int source, long seed, Split split) {
    this.size = size;
    this.source = source;
    this.seed = seed;
    this.split = split;
  }

  /**
   * Opens {@code synthetic:} or {@code synthetic:train=4000,test=1000,seed=0}, each part optional;
   * with {@code test=0} nothing is held out.
   *
   * @param settings what follows the colon
   */
  static SyntheticDataset parse(String settings, DataOptions options) throws DataException {
    long train = TRAIN;
    long test = HELD_OUT;
    long seed = 0;
    for (String setting : settings.isBlank() ? new String[0] : settings.split(",", -1)) {
      int equals = setting.indexOf('=');
      String key = equals < 0 ? setting : setting.substring(0, equals);
      String value = equals < 0 ? "" : setting.substring(equals + 1);
      switch (key.strip()) {
        case "train" -> train = number(settings, key, value, 1, Integer.MAX_VALUE);
        case "test" -> test = number(settings, key, value, 0, Integer.MAX_VALUE);
        case "seed" -> seed = number(settings, key, value, Long.MIN_VALUE, Long.MAX_VALUE);
        default ->
            throw new DataException(
                "synthetic:" + settings,
                "unknown setting '" + key.strip() + "'",
                "train=N, test=N, seed=N, separated by commas");
      }
    }
    if (options.resize() != DataOptions.Resize.CENTRE_SQUARE) {
      throw new DataException(
          "synthetic:" + settings, "draws squares, which nobody resizes", "images in files");
    }
    long size = options.split() == Split.TRAIN ? train : test;
    return new SyntheticDataset((int) size, options.source(), seed, options.split());
  }

  private static long number(String settings, String key, String value, long low, long high)
      throws DataException {
    try {
      long number = Long.parseLong(value.strip());
      if (number >= low && number <= high) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Reported below, as a number out of range is.
    }
    throw new DataException(
        "synthetic:" + settings,
        key.strip() + " is '" + value.strip() + "'",
        "a whole number from " + low + " to " + high);
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public List<String> classes() {
    return Drawing.CLASSES;
  }

  @Override
  public int label(int index) {
    checkElementIndex(index, size, "image");
    return index % Drawing.CLASSES.size();
  }

  @Override
  public String name(int index) {
    String part = split == Split.TRAIN ? "train" : "test";
    return String.format(
        Locale.ROOT, "synthetic/%s/%05d %s", part, index, classes().get(label(index)));
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public void read(int index, ByteBuffer to) {
    Drawing.draw(label(index), seed, split.ordinal(), index, source, to);
  }

  @Override
  public void close() {}
}
