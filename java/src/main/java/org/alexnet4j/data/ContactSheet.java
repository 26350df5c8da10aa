package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A picture of training images after crop, mirroring and colour noise.
 *
 * @hidden
 */
public final class ContactSheet {
  private static final int MAX_IMAGES = 400;

  private ContactSheet() {}

  /**
   * Draws the first images of an epoch.
   *
   * @param train images
   * @param windows how they are cut
   * @param seed of the run
   * @param epoch from 0
   * @param count how many images; fewer if there are not so many
   * @param out a picture file, replaced if it is there
   * @throws IOException if an image cannot be read or the picture not be written
   */
  public static void write(
      Dataset train, Augmentation windows, long seed, int epoch, int count, Path out)
      throws IOException {
    checkArgument(count >= 1 && count <= MAX_IMAGES, "%s images; allowed: 1 to 400", count);
    checkArgument(epoch >= 0, "epoch %s; allowed: 1 or more", epoch + 1);
    format(out);
    int images = Math.min(count, train.size());
    Sheet sheet = new Sheet(images, windows.size(), 0);
    try (BatchLoader loader =
        BatchLoader.of(train, images)
            .seed(seed)
            .augmentation(windows)
            .epochs(epoch + 1)
            .startAt(epoch, 0)) {
      Batch batch = loader.next();
      for (int i = 0; i < images; i++) {
        draw(batch, i, windows.size(), sheet.picture, sheet.left(i), sheet.top(i));
      }
    }
    sheet.write(out);
  }

  /**
   * {@return the format that the ending of a file's name asks for}
   *
   * @param out a picture file
   * @throws IllegalArgumentException if it is another one than .png, .jpg or .jpeg
   */
  public static String format(Path out) {
    return Sheet.format(out);
  }

  /**
   * The arithmetic of the input operation, but for the mean and the factor, which would only
   * darken.
   */
  private static void draw(Batch batch, int i, int size, BufferedImage sheet, int x, int y) {
    int source = batch.source();
    int top = batch.crops()[3 * i];
    int left = batch.crops()[3 * i + 1];
    boolean flip = batch.crops()[3 * i + 2] != 0;
    for (int r = 0; r < size; r++) {
      for (int q = 0; q < size; q++) {
        int column = left + (flip ? size - 1 - q : q);
        int at = 3 * ((i * source + top + r) * source + column);
        int rgb = 0;
        for (int c = 0; c < 3; c++) {
          float noise = batch.noise() == null ? 0 : batch.noise()[ColourNoise.VALUES * i + c];
          int value = Math.round((batch.images().get(at + c) & 255) + noise);
          rgb = rgb << 8 | Math.max(0, Math.min(255, value));
        }
        sheet.setRGB(x + q, y + r, rgb);
      }
    }
  }
}
