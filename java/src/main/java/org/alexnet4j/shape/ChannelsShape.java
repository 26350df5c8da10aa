package org.alexnet4j.shape;

/**
 * Describes a copy of neighbouring channels: {@code xFirst} to {@code xFirst + count - 1} of {@code
 * x[rows,xChannels]} into {@code y[rows,yChannels]} from {@code yFirst} on.
 *
 * @param rows pixels of all images
 * @param xChannels channels of {@code x}
 * @param xFirst the first one that is copied
 * @param yChannels channels of {@code y}
 * @param yFirst where it goes
 * @param count how many
 * @hidden
 */
public record ChannelsShape(
    long rows, int xChannels, int xFirst, int yChannels, int yFirst, int count) {

  /**
   * Checks that the channels lie in both.
   *
   * @param rows pixels of all images
   * @param xChannels channels of {@code x}
   * @param xFirst the first one that is copied
   * @param yChannels channels of {@code y}
   * @param yFirst where it goes
   * @param count how many
   */
  public ChannelsShape {
    if (rows < 1) {
      throw new IllegalArgumentException("channels rows are " + rows + "; allowed: 1 or more");
    }
    inside("x", xFirst, count, xChannels);
    inside("y", yFirst, count, yChannels);
  }

  private static void inside(String plane, int first, int count, int channels) {
    if (count < 1 || first < 0 || first > channels - count) {
      throw new IllegalArgumentException(
          count + " channels from " + first + " on do not lie in the " + channels + " of " + plane);
    }
  }

  /** {@return how many values are copied} */
  public long values() {
    return Shapes.count("channels", rows, count);
  }
}
