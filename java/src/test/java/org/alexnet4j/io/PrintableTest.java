package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Foreign names in messages steer no terminal and fill no screen. */
class PrintableTest {
  @ParameterizedTest
  @CsvSource({
    "0000", // C0
    "0007", // bell
    "001b", // escape
    "007f", // delete
    "009b", // C1: the control sequence introducer in one character
    "0085", // next line
    "2028", // line separator
    "2029", // paragraph separator
    "202e", // right-to-left override
    "2066", // left-to-right isolate
    "200f", // right-to-left mark
    "061c", // Arabic letter mark
    "feff", // byte order mark
    "d800", // a lone high surrogate
    "dfff", // a lone low surrogate
  })
  void isEscaped(String hex) {
    char unit = (char) Integer.parseInt(hex, 16);
    assertEquals("a\\u" + hex + "b", Printable.name("a" + unit + "b"));
  }

  @Test
  void lineFeedsAndTabsAreEscapedAsInJava() {
    assertEquals("a\\nb\\rc\\td", Printable.name("a\nb\rc\td"));
  }

  @Test
  void namesOfAllScriptsStay() {
    String name = "Käse ภาพ 猫 ۱۲ \ud83d\ude00 \ud83d\udc68\u200d\ud83d\udc69 a'b\"c\\";
    assertEquals(name, Printable.name(name));
  }

  @Test
  void aLongNameIsCutAndCounted() {
    assertEquals("x".repeat(120), Printable.name("x".repeat(120)));
    assertEquals(
        "x".repeat(120) + "…(2,600,000 characters)", Printable.name("x".repeat(2_600_000)));
  }

  @Test
  void aCutLeavesNoHalfCharacter() {
    String name = "x".repeat(119) + "\ud83d\ude00".repeat(2);
    assertEquals("x".repeat(119) + "…(123 characters)", Printable.name(name));
  }

  @Test
  void pathsMayBeLonger() {
    Path path = Path.of("/data/" + "d".repeat(200) + "/name\u001b.jpg");
    assertTrue(Printable.path(path).endsWith("/name\\u001b.jpg"), Printable.path(path));
  }

  @Test
  void fiveNamesAndACount() {
    List<String> many = IntStream.range(0, 2005).mapToObj(i -> "n\n" + i).toList();
    assertEquals("n\\n0, n\\n1, n\\n2, n\\n3, n\\n4 and 2,000 more", Printable.names(many));
    assertEquals("a, b, c, d, e", Printable.names(List.of("a", "b", "c", "d", "e")));
    assertEquals("", Printable.names(List.of()));
  }
}
