package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A picture of some images of a set, through their centre window, with two lines below each.
 *
 * @hidden
 */
public final class CaptionSheet {
  /** Small images are drawn larger, so that there is room for words. */
  private static final int LEAST_SIDE = 112;

  private static final int FIRST_COLOUR = 0x106010;
  private static final int SECOND_COLOUR = 0xa01010;

  private CaptionSheet() {}

  /**
   * An image and what stands below it; lines that are too long are cut.
   *
   * @param index of the image in its set
   * @param first first line of the caption
   * @param second second line of the caption
   * @hidden
   */
  public record Item(int index, String first, String second) {}

  /**
   * Draws images.
   *
   * @param images where they are read from
   * @param items which, with their captions
   * @param window side of the centre window, in pixels
   * @param out a picture file
   * @throws IOException if an image cannot be read or the picture not be written
   */
  public static void write(Dataset images, List<Item> items, int window, Path out)
      throws IOException {
    int times = Math.max(1, (LEAST_SIDE + window - 1) / window);
    int side = times * window;
    int letters = Math.max(1, side / 112);
    Sheet sheet = new Sheet(items.size(), side, 2 * letters * PixelLetters.LINE);
    ByteBuffer pixels = ByteBuffer.allocate(images.imageBytes());
    int border = (images.source() - window) / 2;
    for (int place = 0; place < items.size(); place++) {
      Item item = items.get(place);
      images.read(item.index(), pixels.clear());
      int left = sheet.left(place);
      int top = sheet.top(place);
      for (int y = 0; y < side; y++) {
        for (int x = 0; x < side; x++) {
          int at = 3 * ((border + y / times) * images.source() + border + x / times);
          int rgb =
              (pixels.get(at) & 255) << 16
                  | (pixels.get(at + 1) & 255) << 8
                  | pixels.get(at + 2) & 255;
          sheet.picture.setRGB(left + x, top + y, rgb);
        }
      }
      int line = top + side + letters;
      PixelLetters.draw(sheet.picture, item.first(), left, line, side, letters, FIRST_COLOUR);
      line += letters * PixelLetters.LINE;
      PixelLetters.draw(sheet.picture, item.second(), left, line, side, letters, SECOND_COLOUR);
    }
    sheet.write(out);
  }
}
