package org.alexnet4j.foreign.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.foreign.file.ProtoText.Field;
import org.alexnet4j.foreign.file.ProtoText.Kind;
import org.alexnet4j.io.FormatException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Protobuf's text format, sign by sign as its description has it. */
class ProtoTextTest {
  @TempDir Path folder;

  private ProtoText read(String text) throws Exception {
    return ProtoTextReader.read(Files.writeString(folder.resolve("a.prototxt"), text));
  }

  /** Fields as {@code name=value} with their lines, messages in braces. */
  private static String shown(Iterable<Field> fields) {
    StringBuilder shown = new StringBuilder();
    for (Field field : fields) {
      boolean message = field.kind() == Kind.MESSAGE;
      String value = message ? "{" + shown(field.fields()) + "}" : field.text();
      shown.append(field.line()).append(field.name()).append('=').append(value).append(' ');
    }
    return shown.toString().stripTrailing();
  }

  @Test
  void fieldsMessagesAndLists() throws Exception {
    String text =
        """
        # a comment: { "
        name: "net" # behind a value
        a { b: 1; c { d: MAX } }
        e: < f: -2.5e-3, g: true >  h { }
        i: [1, 2,
            3] j: [] k: [{ l: 'm' }, { l: "n" }] o [{}] p []
        """;
    String expected =
        "2name=net 3a={3b=1 3c={3d=MAX}} 4e={4f=-2.5e-3 4g=true} 4h={} 5i=1 5i=2 6i=3"
            + " 6k={6l=m} 6k={6l=n} 6o={}";
    assertEquals(expected, shown(read(text).fields()));
  }

  @Test
  void textsInPiecesWithEscapes() throws Exception {
    String text = "a: \"it's \\\"\" # one\n  'two\\n\\x41\\101\\\\' b: '\u00e9\\t\\?'";
    assertEquals("1a=it's \"two\nAA\\ 2b=\u00e9\t?", shown(read(text).fields()));
  }

  @Test
  void numbers() throws Exception {
    ProtoText text = read("a: 0x1F b: 4294967295 c: 1e-4 d: .75f e: 3 f: t g: False");
    assertEquals(31, text.one("a").get().count());
    assertEquals(4294967295L, text.one("b").get().count());
    assertEquals(1e-4f, text.one("c").get().real());
    assertEquals(0.75f, text.one("d").get().real());
    assertEquals(3f, text.one("e").get().real());
    assertTrue(text.one("f").get().truth());
    assertTrue(!text.one("g").get().truth());
    for (String wrong :
        new String[] {"-1", "4294967296", "1.5", "1e3", "0x", "99999999999999999999"}) {
      Field field = read("a: 1\nb: " + wrong).one("b").orElseThrow();
      FormatException e = assertThrows(FormatException.class, field::count);
      assertTrue(
          e.getMessage()
              .endsWith(": line 2: b is " + wrong + "; allowed: a whole number, 0 to 4294967295"),
          e.getMessage());
    }
    for (String wrong : new String[] {"1e39", "0x10", "1.2.3", "-", "1d"}) {
      Field field = read("b: " + wrong).one("b").orElseThrow();
      assertThrows(FormatException.class, field::real, wrong);
    }
    assertThrows(FormatException.class, read("b: inf").one("b").orElseThrow()::real);
  }

  private void assertRefused(String text, String where) {
    FormatException e = assertThrows(FormatException.class, () -> read(text), text);
    assertTrue(e.getMessage().contains("a.prototxt: " + where), e.getMessage());
    assertEquals(1, e.getMessage().lines().count());
  }

  @Test
  void whatIsNoTextFormat() {
    assertRefused("a: 1\nb {\n c: 2\n", "line 4: the message of line 2 does not end");
    assertRefused("a }", "line 1: there is '}' after a; allowed: : or {");
    assertRefused("a 1", "line 1: there is '1' after a; allowed: : or {");
    assertRefused("\n}", "line 2: there is '}'; allowed: a field's name");
    assertRefused("a < b: 1 }", "line 1: there is '}'; allowed: a field's name");
    assertRefused("[x.y]: 1", "line 1: there is '['; allowed: a field's name");
    assertRefused("a: 'b\n'", "line 1: a text does not end in its line");
    assertRefused("a: 'b", "line 1: a text does not end in its line");
    assertRefused("a: '\\q'", "line 1: there is \\'q' in a text, which is no escape");
    assertRefused("a: '\\", "line 1: there is \\the end of the file in a text");
    assertRefused("a: '\\377'", "line 1: there is an escape of byte 255; allowed: 1 to 127");
    assertRefused("a: '\\x'", "line 1: there is an escape of byte 0");
    assertRefused("a: [1 2]", "line 1: there is '2'; allowed: , or ]");
    assertRefused("a [1]", "line 1: there is '1' after a; allowed: : or {");
    assertRefused("a:", "line 1: there is the end of the file; allowed: a value of a");
    assertRefused("a: ]", "line 1: there is ']'; allowed: a value of a");
  }

  /** The limits, at them and one past them. */
  @Test
  void sizeDepthAndLengthAreLimited() throws Exception {
    int depth = ProtoTextReader.MOST_DEPTH;
    assertEquals(1, read("a{".repeat(depth) + "}".repeat(depth)).fields().size());
    assertRefused("a{".repeat(depth + 1) + "}".repeat(depth + 1), "line 1: messages are nested");
    assertRefused("a{".repeat(200_000), "line 1: messages are nested deeper than 32");
    int letters = ProtoTextReader.MOST_LETTERS;
    String longest = "b".repeat(letters);
    assertEquals(longest, read("a: '" + longest + "'").fields().get(0).text());
    assertEquals(longest, read(longest + ": 1").fields().get(0).name());
    assertRefused("a: '" + longest + "b'", "line 1: a word or text has over 4096 letters");
    assertRefused("a: '" + longest + "' 'b'", "line 1: a word or text has over 4096 letters");
    assertRefused("a: " + longest + "b", "line 1: a word or text has over 4096 letters");
    assertRefused("a: " + "1".repeat(letters + 1), "line 1: a word or text has over 4096 letters");
    int bytes = ProtoTextReader.MOST_BYTES;
    assertEquals(0, read("#" + "c".repeat(bytes - 1)).fields().size());
    assertRefused("#" + "c".repeat(bytes), "the file: has 1048577 bytes; allowed: 1048576");
  }

  @Test
  void filesThatAreNone() throws Exception {
    Path latin = folder.resolve("a.prototxt");
    Files.write(latin, "name: '\u00e9'".getBytes(StandardCharsets.ISO_8859_1));
    FormatException e = assertThrows(FormatException.class, () -> ProtoTextReader.read(latin));
    assertTrue(e.getMessage().contains("is no UTF-8"), e.getMessage());
    FormatException none =
        assertThrows(
            FormatException.class, () -> ProtoTextReader.read(folder.resolve("none.prototxt")));
    assertTrue(none.getMessage().contains("there is no such file"), none.getMessage());
    assertThrows(FormatException.class, () -> ProtoTextReader.read(folder));
  }
}
