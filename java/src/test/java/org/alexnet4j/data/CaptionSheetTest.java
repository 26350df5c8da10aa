package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures with words below them. */
class CaptionSheetTest {
  private static final int WHITE = 0xffffff;

  @TempDir Path folder;

  private static String drawn(String text, int width) {
    BufferedImage picture = new BufferedImage(24, 8, BufferedImage.TYPE_INT_RGB);
    PixelLetters.draw(picture, text, 0, 0, width, 1, WHITE);
    StringBuilder rows = new StringBuilder();
    for (int y = 0; y < 7; y++) {
      for (int x = 0; x < 17; x++) {
        rows.append(picture.getRGB(x, y) << 8 == 0 ? '.' : '#');
      }
      rows.append('\n');
    }
    return rows.toString();
  }

  @Test
  void lettersLookLikeLetters() {
    assertEquals("#####\n#....\n#....\n####.\n#....\n#....\n#####\n", cut("E"));
    assertEquals("#....\n#....\n#....\n#....\n#....\n#....\n#####\n", cut("L"));
    assertEquals("#####\n#...#\n#...#\n#...#\n#...#\n#...#\n#####\n", cut("\u00e9"));
    assertEquals(".....\n.....\n.....\n.....\n.....\n.....\n.....\n", cut(" "));
  }

  private static String cut(String letter) {
    StringBuilder text = new StringBuilder();
    drawn(letter, 6).lines().forEach(line -> text.append(line, 0, 5).append('\n'));
    return text.toString();
  }

  @Test
  void longTextsEndInDots() {
    assertEquals(drawn("L..", 18), drawn("LLLL", 18));
    assertEquals(drawn("LLL", 18), drawn("LLL", 18));
  }

  @Test
  void imagesAreEnlargedInTheirPlacesWithWordsBelow() throws IOException {
    Dataset images = Datasets.open("synthetic:test=12", DataOptions.heldOut().withSource(32));
    List<CaptionSheet.Item> items = new java.util.ArrayList<>();
    for (int i = 0; i < 9; i++) {
      items.add(new CaptionSheet.Item(11 - i, "truth", "guess"));
    }
    Path file = folder.resolve("s.png");
    CaptionSheet.write(images, items, 28, file);
    BufferedImage sheet = ImageIO.read(file.toFile());
    assertEquals(2 + 8 * (4 * 28 + 2), sheet.getWidth());
    assertEquals(2 + 2 * (4 * 28 + 2 * PixelLetters.LINE + 2), sheet.getHeight());
    ByteBuffer pixels = ByteBuffer.allocate(images.imageBytes());
    images.read(10, pixels); // the second place; its window begins at 2,2
    int at = 3 * ((2 + 3) * 32 + 2 + 5);
    int wanted =
        (pixels.get(at) & 255) << 16 | (pixels.get(at + 1) & 255) << 8 | pixels.get(at + 2) & 255;
    for (int dy = 0; dy < 4; dy++) {
      assertEquals(
          wanted, sheet.getRGB(2 + 114 + 4 * 5 + 3, 2 + 4 * 3 + dy) & WHITE, "magnified by four");
    }
    boolean words = false;
    for (int x = 2; x < 100; x++) {
      for (int y = 2 + 112; y < 2 + 112 + PixelLetters.LINE; y++) {
        words |= (sheet.getRGB(x, y) & WHITE) != WHITE;
      }
    }
    assertTrue(words);
    images.close();
  }
}
