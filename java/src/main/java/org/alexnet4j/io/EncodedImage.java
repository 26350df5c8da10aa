package org.alexnet4j.io;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Images as the bytes of a file, written in memory: ImageIO's own way takes a temporary file.
 *
 * @hidden
 */
public final class EncodedImage {
  private EncodedImage() {}

  /**
   * Encodes an image.
   *
   * @param image of a kind that the format can hold
   * @param format as ImageIO names it: png, jpeg
   * @return nothing if this Java cannot write such an image in this format
   * @throws IOException if the encoder fails
   */
  public static Optional<byte[]> of(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      if (!ImageIO.write(image, format, out)) {
        return Optional.empty();
      }
    }
    return Optional.of(bytes.toByteArray());
  }
}
