package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodedImageTest {
  private static BufferedImage image() {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(2, 1, 0x102030);
    return image;
  }

  @Test
  void anEncodedImageIsThatImage() throws IOException {
    byte[] png = EncodedImage.of(image(), "png").orElseThrow();
    BufferedImage read = ImageIO.read(new ByteArrayInputStream(png));
    assertEquals(3, read.getWidth());
    assertEquals(2, read.getHeight());
    assertEquals(0xFF102030, read.getRGB(2, 1));
    assertEquals(Optional.empty(), EncodedImage.of(image(), "no-such-format"));
    assertTrue(ImageIO.getUseCache(), "as Java has it");
  }

  /** Where there is no folder for temporary files, nothing misses it. */
  @Test
  void noTemporaryFileIsWritten(@TempDir Path folder) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.awt.headless=true",
                "-Djava.io.tmpdir=" + folder.resolve("none"),
                "-cp",
                System.getProperty("java.class.path"),
                EncodedImageTest.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), said);
  }

  /** Encodes an image, in a process of its own. */
  public static void main(String[] arguments) throws IOException {
    EncodedImage.of(image(), "png").orElseThrow();
  }
}
