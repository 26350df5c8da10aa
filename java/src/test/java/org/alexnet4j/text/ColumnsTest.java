package org.alexnet4j.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ColumnsTest {
  @Test
  void ideographsAndEmojiTakeTwoColumnsMarksNone() {
    assertEquals(5, Columns.of("Käse "));
    assertEquals(4, Columns.of("図形"));
    assertEquals(2, Columns.of("\ud83d\ude80")); // a rocket
    assertEquals(1, Columns.of("e\u0301"));
    assertEquals(6, Columns.of("한국어"));
    assertEquals(0, Columns.of("\u200b\u200d"));
    assertEquals("図 |", Columns.padEnd("図", 3) + "|");
    assertEquals("|  図", "|" + Columns.padStart("図", 4));
  }

  @Test
  void textsAreCutAtWholeCharacters() {
    assertEquals("abc", Columns.cut("abc", 3));
    assertEquals("ab…", Columns.cut("abcd", 3));
    assertEquals("図…", Columns.cut("図形図", 4));
    assertEquals("\ud83d\ude80…", Columns.cut("\ud83d\ude80\ud83d\ude80", 3));
  }

  @Test
  void linesBreakAtBlanksOnly() {
    assertEquals(
        List.of("one", "two", "three/four", "5"), Columns.wrap("one two  three/four 5", 6));
    assertEquals(List.of("one two"), Columns.wrap("one two", 7));
    assertEquals(List.of(""), Columns.wrap("", 7));
  }
}
