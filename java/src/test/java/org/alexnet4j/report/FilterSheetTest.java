package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.imageio.ImageIO;
import org.alexnet4j.io.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterSheetTest {
  @TempDir Path folder;

  private static BufferedImage image(String uri) throws IOException {
    byte[] bytes = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
    return ImageIO.read(new ByteArrayInputStream(bytes));
  }

  /** Two towers of two filters of 2 x 2, channel by channel. */
  private static final float[] WEIGHTS = {
    1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, // grey: equal in all channels
    2, 0, 0, 0, -2, 0, 0, 0, 0, 0, 0, 0, // red against green
    0, 0, 0, -4, 0, 0, 0, 0, 0, 0, 0, 0, // red, negative, last pixel
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  @Test
  void weightsBecomePixels() throws IOException {
    FilterSheet sheet = FilterSheet.of("conv1", WEIGHTS, 2, 2);
    BufferedImage a = image(sheet.towers().get(0).each());
    assertEquals(2 * (2 + FilterSheet.GAP) - FilterSheet.GAP, a.getWidth());
    assertEquals(2, a.getHeight());
    assertEquals(0xffffffff, a.getRGB(0, 0));
    assertEquals(0xff808080, a.getRGB(1, 0));
    assertEquals(0, a.getRGB(2, 0), "the gap is transparent");
    assertEquals(0xffff0080, a.getRGB(3, 0));
    BufferedImage b = image(sheet.towers().get(1).each());
    assertEquals(0xff008080, b.getRGB(1, 1));
    assertEquals(0xff808080, b.getRGB(3, 0), "a filter of zeros is grey");
    BufferedImage alike = image(sheet.towers().get(0).alike());
    assertEquals(0xffbfbf80 & 0xff0000, alike.getRGB(3, 0) & 0xff0000, "half of the largest, 4");
    assertArrayEquals(new float[] {4, 0}, sheet.towers().get(1).norms());
    assertEquals(0.5, sheet.towers().get(0).saturation(), 1e-12);
  }

  /** The picture of the paper's Figure 3: one tower grey, the other one of colours. */
  @Test
  void caffesTowersAreGreyAndColourful() throws Exception {
    Path archive =
        Path.of(System.getProperty("alexnet.data", "../../shared/data"), "alexnet-weights.tar.xz");
    assumeTrue(Files.isRegularFile(archive), "needs alexnet-weights.tar.xz in -Dalexnet.data=DIR");
    Process tar =
        new ProcessBuilder("tar", "-xJf", archive.toString(), "-C", folder.toString())
            .inheritIO()
            .start();
    assumeTrue(tar.waitFor() == 0, "needs tar with xz");
    Path file;
    try (var files = Files.walk(folder)) {
      file = files.filter(f -> f.endsWith("caffenet/conv1_w.npy")).findFirst().orElseThrow();
    }
    float[] weights;
    try (Npy npy = Npy.open(file)) {
      weights = npy.readFloats();
    }
    FilterSheet sheet = FilterSheet.of("conv1", redFirst(weights, 121), 11, 2);
    Path pictures = Files.createDirectories(Path.of("target/report-pictures"));
    for (int t = 0; t < 2; t++) {
      String uri = sheet.towers().get(t).each();
      Files.write(
          pictures.resolve("caffenet-conv1-" + "ab".charAt(t) + ".png"),
          Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1)));
    }
    double a = sheet.towers().get(0).saturation();
    double b = sheet.towers().get(1).saturation();
    assertTrue(a < 0.1 && b > 0.5, "colour share of tower a " + a + ", of tower b " + b);
  }

  /** Caffe's channels are blue, green, red. */
  private static float[] redFirst(float[] weights, int plane) {
    float[] turned = weights.clone();
    for (int k = 0; k < weights.length; k += 3 * plane) {
      System.arraycopy(weights, k, turned, k + 2 * plane, plane);
      System.arraycopy(weights, k + 2 * plane, turned, k, plane);
    }
    return turned;
  }
}
