package org.alexnet4j.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.EncodedImage;
import org.alexnet4j.io.Printable;

/** A white picture with places for square ones, eight in a row. */
final class Sheet {
  private static final int COLUMNS = 8;
  private static final int GAP = 2;

  final BufferedImage picture;
  private final int width;
  private final int height;

  /**
   * Makes a sheet.
   *
   * @param images how many places
   * @param side of a square
   * @param below pixels that are free below each
   */
  Sheet(int images, int side, int below) {
    width = side + GAP;
    height = side + below + GAP;
    int rows = (images + COLUMNS - 1) / COLUMNS;
    picture =
        new BufferedImage(
            GAP + Math.min(images, COLUMNS) * width,
            GAP + rows * height,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = picture.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    graphics.dispose();
  }

  /** Returns the left end of a place. */
  int left(int place) {
    return GAP + place % COLUMNS * width;
  }

  /** Returns the upper end of a place. */
  int top(int place) {
    return GAP + place / COLUMNS * height;
  }

  /** Writes the picture; it appears whole. */
  void write(Path out) throws IOException {
    String format = format(out);
    byte[] bytes =
        EncodedImage.of(picture, format)
            .orElseThrow(() -> new IllegalStateException("this Java cannot write " + format));
    try (AtomicFile file = AtomicFile.create(out)) {
      file.write(ByteBuffer.wrap(bytes));
      file.commit();
    }
  }

  /**
   * Returns the format that the ending of a file's name asks for.
   *
   * @throws IllegalArgumentException if it is another one than .png, .jpg or .jpeg
   */
  static String format(Path out) {
    String name = out.getFileName() == null ? "" : out.getFileName().toString();
    String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    return switch (name.contains(".") ? ending : "") {
      case "png" -> "png";
      case "jpg", "jpeg" -> "jpeg";
      default ->
          throw new IllegalArgumentException(
              Printable.path(out) + ": no picture's name; allowed: .png, .jpg or .jpeg at its end");
    };
  }
}
