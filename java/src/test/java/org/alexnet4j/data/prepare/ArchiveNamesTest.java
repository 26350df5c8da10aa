package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.archive.ArchivesTest;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Names of members that would be taken for others, and archives in which images hide. */
class ArchiveNamesTest {
  private static final byte[] ONE = {1};

  @TempDir Path dir;

  private DataException refused(byte[] archive) {
    Path file = dir.resolve("archive");
    DataException e =
        assertThrows(
            DataException.class, () -> ImageFiles.open(Files.write(file, archive)).close());
    assertEquals(file.toString(), e.where());
    return e;
  }

  private List<String> paths(byte[] archive) throws IOException {
    try (ImageFiles files = ImageFiles.open(Files.write(dir.resolve("archive"), archive))) {
      return IntStream.range(0, files.count()).mapToObj(files::path).toList();
    }
  }

  /** Replaces a letter that occurs in names only; a tar's checksum is set anew. */
  private static byte[] with(byte[] archive, char letter, int value, boolean tar) {
    byte[] changed = archive.clone();
    for (int i = 0; i < changed.length; i++) {
      changed[i] = changed[i] == letter ? (byte) value : changed[i];
    }
    for (int at = 0; tar && at < changed.length && changed[at] != 0; at += 1024) {
      int sum = 8 * ' ';
      for (int i = at; i < at + 512; i++) {
        sum += i >= at + 148 && i < at + 156 ? 0 : changed[i] & 255;
      }
      byte[] digits = String.format(Locale.ROOT, "%06o", sum).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, changed, at + 148, 6);
    }
    return changed;
  }

  @Test
  void aTarsNamesAreTextInUtf8() throws IOException {
    byte[] tar = new TarWriter().file("a/x.png", ONE).file("k~se/y.png", ONE).bytes();
    DataException e = refused(with(tar, '~', 0xE4, true));
    String reason = "member k\\xe4se/y.png (byte 1024) has a name whose bytes are no text in UTF-8";
    assertEquals(reason, e.reason());
    assertTrue(e.allowed().startsWith("names in UTF-8: unpack it, rename the files"), e.allowed());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(with(tar, '~', 0xE4, true));
    }
    assertEquals(reason, refused(packed.toByteArray()).reason());
    byte[] good = new TarWriter().file("käse/日本.png", ONE).bytes();
    assertEquals(List.of("käse/日本.png"), paths(good));
    byte[] named = new TarWriter().gnuFile("~".repeat(120), ONE).bytes();
    for (int i = 512; i < 632; i++) {
      named[i] = (byte) 0xE4;
    }
    assertTrue(refused(named).reason().contains("no text in UTF-8"));
  }

  /** The header of a member has a stand-in for the name, which may be the end of it. */
  @Test
  void namesOfPaxAreText() throws IOException {
    TarWriter tar = new TarWriter();
    for (String path : List.of("käse/x.png", "日本/x.png", "a/x.png")) {
      byte[] record = (" path=" + path + "\n").getBytes(StandardCharsets.UTF_8);
      byte[] counted =
          ((record.length + 2) + " path=" + path + "\n").getBytes(StandardCharsets.UTF_8);
      tar.member("PaxHeaders/x", 'x', counted).member("x.png", '0', ONE);
    }
    tar.member("PaxHeaders/x", 'x', "12 comment=\n".getBytes(StandardCharsets.UTF_8));
    byte[] all = tar.file("öl/x.png", ONE).bytes(); // in the header, in UTF-8
    assertEquals(List.of("käse/x.png", "日本/x.png", "a/x.png", "öl/x.png"), paths(all));
  }

  private static byte[] zip(Charset names, String... paths) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes, names)) {
      for (String path : paths) {
        out.putNextEntry(new ZipEntry(path));
        out.write(1);
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void aZipsNamesAreTextInUtf8() throws IOException {
    assertEquals(List.of("a/ä.png"), paths(zip(StandardCharsets.UTF_8, "a/ä.png")));
    byte[] unsaid = with(zip(StandardCharsets.US_ASCII, "a/~^.png"), '~', 0xC3, false);
    assertEquals(List.of("a/ä.png"), paths(with(unsaid, '^', 0xA4, false)), "without the flag");
    byte[] old = zip(Charset.forName("IBM437"), "a/x.png", "käse/y.png");
    assertEquals(
        "member k\\x84se/y.png has a name whose bytes are no text in UTF-8", refused(old).reason());
  }

  @Test
  void backslashesAreNoFolders() throws IOException {
    byte[] zip = ArchivesTest.zip("train\\cat\\1.png", "train\\dog\\1.png");
    int directory = 0;
    while (zip[directory] != 'P' || zip[directory + 2] != 1) {
      directory++;
    }
    for (int at = directory; at + 5 < zip.length; at++) {
      if (zip[at] == 'P' && zip[at + 1] == 'K' && zip[at + 2] == 1) {
        zip[at + 5] = 3; // made by Unix, where a backslash is a letter
      }
    }
    String want = "its members name folders with backslashes only, such as train\\cat\\1.png";
    assertEquals(want, refused(zip).reason());
    byte[] tar = new TarWriter().file("train\\cat\\1.png", ONE).bytes();
    assertEquals(want, refused(tar).reason());
  }

  private DataException notPrepared(Path source) {
    PrepareOptions options =
        new PrepareOptions(8, 0, false, Damaged.FAIL, false, Optional.empty(), 16, 1);
    return assertThrows(
        DataException.class, () -> PrepareSource.open(source, options).close(), source.toString());
  }

  @Test
  void archivesInPlaceOfImagesAreNamed() throws IOException {
    byte[] inner = new TarWriter().file("1.png", Pictures.plain(8, 1, 2, 3)).bytes();
    Path folder = Files.createDirectories(dir.resolve("train"));
    Files.write(folder.resolve("n01440764.tar"), inner);
    Files.write(folder.resolve("n01443537.tar"), inner);
    DataException e = notPrepared(folder);
    assertEquals("no image in it, only archives: n01440764.tar, n01443537.tar", e.reason());
    assertTrue(e.allowed().startsWith("each of them unpacked into a folder of its name"));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(new TarWriter().file("cat.tar", inner).file("dog.zip", ONE).bytes());
    }
    Path file = Files.write(dir.resolve("set.tar.gz"), packed.toByteArray());
    assertEquals("no image in it, only archives: cat.tar, dog.zip", notPrepared(file).reason());
  }

  @Test
  void archivesBesideImagesAreLeftOutByTheirName() throws IOException {
    byte[] png = Pictures.plain(8, 1, 2, 3);
    byte[] tar =
        new TarWriter()
            .file("a/1.png", png)
            .file("b/1.png", png)
            .file("c.tar.gz", new byte[] {0x1F, (byte) 0x8B})
            .bytes();
    try (ImageFiles files = ImageFiles.open(Files.write(dir.resolve("archive"), tar))) {
      FileNote note = files.sorts().notes().get(0);
      assertEquals("archives are left out", note.what().split(";")[0]);
      assertEquals(List.of("c.tar.gz"), note.names());
    }
  }

  @Test
  void aListByAnotherEndingIsTold() throws IOException {
    for (String name : List.of("x.csv", "x.json", "x")) {
      Path file = Files.writeString(dir.resolve(name), "a.png,cat\nb.png,käse\n");
      DataException e = notPrepared(file);
      assertEquals(file.toString(), e.where());
      assertEquals("a text, but no list by its ending", e.reason());
      assertTrue(e.allowed().contains("named .txt, .tsv, .lst or .list"), e.allowed());
    }
    byte[] tar = new TarWriter().file("x".repeat(100), ONE).bytes(); // a name without an end
    assertEquals("no image in it", notPrepared(Files.write(dir.resolve("x.tar"), tar)).reason());
  }
}
