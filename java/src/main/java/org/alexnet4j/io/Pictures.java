package org.alexnet4j.io;

import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.Base64;

/**
 * Pictures as texts that stand in a page: data URIs.
 *
 * @hidden
 */
public final class Pictures {
  /** Up to this side PNG is small enough, and shows every pixel as it is. */
  private static final int EXACT_SIDE = 64;

  private Pictures() {}

  /**
   * {@return a square picture}
   *
   * @param rgb {@code [side,side,3]}
   * @param side its rows and columns
   * @param most side above which it is made smaller
   * @throws IOException if it cannot be encoded
   */
  public static String square(byte[] rgb, int side, int most) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      int red = rgb[3 * i] & 255;
      int green = rgb[3 * i + 1] & 255;
      int blue = rgb[3 * i + 2] & 255;
      image.setRGB(i % side, i / side, red << 16 | green << 8 | blue);
    }
    return side <= EXACT_SIDE
        ? uri(image, "png")
        : uri(scaled(image, Math.min(side, most)), "jpeg");
  }

  private static BufferedImage scaled(BufferedImage image, int side) {
    BufferedImage current = image;
    // Halving first: a bilinear step over more than two pixels would skip some.
    while (current.getWidth() >= 2 * side) {
      current = resized(current, current.getWidth() / 2);
    }
    return current.getWidth() == side ? current : resized(current, side);
  }

  private static BufferedImage resized(BufferedImage image, int side) {
    BufferedImage result = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = result.createGraphics();
    graphics.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    graphics.drawImage(image, 0, 0, side, side, null);
    graphics.dispose();
    return result;
  }

  /**
   * {@return an image in a format that ImageIO writes: png, jpeg}
   *
   * @param image of a kind that the format can hold
   * @param format its name
   * @throws IOException if it cannot be encoded
   */
  public static String uri(BufferedImage image, String format) throws IOException {
    byte[] bytes =
        EncodedImage.of(image, format)
            .orElseThrow(() -> new IOException("this Java cannot write " + format));
    return "data:image/" + format + ";base64," + Base64.getEncoder().encodeToString(bytes);
  }
}
