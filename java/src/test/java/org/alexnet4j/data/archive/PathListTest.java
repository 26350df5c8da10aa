package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;

class PathListTest {
  private static final String[] PARTS = {"train/", "a", "é", "😀", "~/", "x".repeat(200), ""};

  /** Any order, equal neighbours, prefixes of each other, parts of a character in common. */
  @Test
  void pathsComeBackAsTheyWereAdded() throws DataException {
    Random random = new Random(7);
    for (int size : new int[] {0, 1, 15, 16, 17, 32, 1000}) { // around one block and two
      List<String> paths = new ArrayList<>();
      PathList.Builder builder = new PathList.Builder();
      for (int i = 0; i < size; i++) {
        StringBuilder path = new StringBuilder();
        for (int part = random.nextInt(6); part > 0; part--) {
          path.append(PARTS[random.nextInt(PARTS.length)]);
        }
        paths.add(path.toString());
        builder.add(path.toString(), path.length() % 3 == 0);
        assertEquals(i + 1, builder.size());
      }
      PathList list = builder.build();
      assertEquals(size, list.size());
      for (int i = size - 1; i >= 0; i--) {
        assertEquals(paths.get(i), list.get(i));
        assertEquals(paths.get(i).length() % 3 == 0, list.isFolder(i));
      }
    }
  }

  @Test
  void halfACharacterIsRefused() {
    PathList.Builder builder = new PathList.Builder();
    DataException e = assertThrows(DataException.class, () -> builder.add("a\uD83D.png", false));
    assertEquals("a name that is no text in Unicode", e.reason());
  }
}
