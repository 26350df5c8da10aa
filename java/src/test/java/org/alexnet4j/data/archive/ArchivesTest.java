package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as people have them: members twice, harmless and strange ones, hostile paths, zips. */
public class ArchivesTest {
  private static final byte[] ONE = {1};
  private static final byte[] TWO = {2};

  @TempDir Path dir;

  /** Makes a zip archive of files whose only byte is their number from 1. */
  public static byte[] zip(String... paths) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes, StandardCharsets.UTF_8)) {
      for (int i = 0; i < paths.length; i++) {
        out.putNextEntry(new ZipEntry(paths[i]));
        if (!paths[i].endsWith("/")) {
          out.write(i + 1);
        }
        out.closeEntry();
      }
    }
    return bytes.toByteArray();
  }

  private ImageFiles open(byte[] archive) throws IOException {
    return Archives.open(Files.write(dir.resolve("archive"), archive));
  }

  private static List<String> files(ImageFiles files) throws IOException {
    List<String> list = new ArrayList<>();
    for (int i = 0; i < files.count(); i++) {
      list.add(files.path(i) + (files.isFolder(i) ? "/" : "=" + Arrays.toString(files.read(i))));
    }
    return list;
  }

  private static List<String> names(ImageFiles files) {
    return files.notes().stream().flatMap(note -> note.names().stream()).toList();
  }

  private void refused(byte[] archive, String reason) {
    DataException e = assertThrows(DataException.class, () -> open(archive).close());
    assertEquals(dir.resolve("archive").toString(), e.where());
    assertTrue(e.reason().contains(reason), e.reason());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofMembersWithOnePathTheLastCounts(boolean packed) throws IOException {
    byte[] tar =
        new TarWriter()
            .folder("a")
            .file("a/x.png", ONE)
            .file("a/y.png", ONE)
            .folder("a")
            .file("./a//x.png", TWO)
            .bytes();
    try (ImageFiles files = open(packed ? gzip(tar) : tar)) {
      assertEquals(List.of("a/y.png=[1]", "a/", "a/x.png=[2]"), files(files));
      assertEquals(List.of("a/x.png"), names(files));
    }
  }

  @Test
  void ofOneThousandMembersWithOnePathOneCounts() throws IOException {
    TarWriter tar = new TarWriter();
    for (int i = 0; i < 1000; i++) {
      tar.file("a/x.png", new byte[] {(byte) i});
    }
    try (ImageFiles files = open(tar.bytes())) {
      assertEquals(List.of("a/x.png=[" + (byte) 999 + "]"), files(files));
      assertEquals(999, files.notes().get(0).count());
    }
  }

  @Test
  void whatCarriesNoFileIsPassedOverAndNoted() throws IOException {
    byte[] comment = "19 comment=by hand\n".getBytes(StandardCharsets.UTF_8);
    byte[] names = new byte[700]; // as long as more than one record
    byte[] tar =
        new TarWriter()
            .member("backup", 'V', new byte[0])
            .member("pax_global_header", 'g', comment)
            .member("a/", 'D', names)
            .gnuFile("a/" + "x".repeat(120), ONE)
            .member("a/y", '7', TWO)
            .bytes();
    try (ImageFiles files = open(tar)) {
      assertEquals(List.of("a/", "a/" + "x".repeat(120) + "=[1]", "a/y=[2]"), files(files));
      assertEquals(List.of("backup", "a"), names(files));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, is a link to",
    "2, is a link to",
    "3, is a device or pipe",
    "4, is a device or pipe",
    "6, is a device or pipe",
    "S, is stored with holes",
    "M, begins in another volume",
    "Q, is neither file nor folder"
  })
  void otherMembersAreRefusedByName(char type, String what) {
    byte[] member = new TarWriter().file("a/x", ONE).member("a/odd", type, new byte[0]).bytes();
    refused(member, "member a/odd " + what);
    refused(member, "(type " + type + ", byte 1024)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/x.png", "../x.png", "a/../../x.png", "a/.."})
  void pathsThatLeadOutAreRefused(String path) throws IOException {
    refused(new TarWriter().file(path, ONE).bytes(), "member " + path + " ");
    refused(zip(path), "member " + path + " ");
    if (path.startsWith("/")) { // pax paths lose their first slash, as tar does it
      return;
    }
    refused(new TarWriter().paxFile(path, ONE).bytes(), "member " + path + " ");
  }

  @Test
  void aZeroByteInAPathIsRefused() {
    refused(new TarWriter().paxFile("a/x\0.png", ONE).bytes(), "has a zero byte in its name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"77777777777", "-0000000001", "9999999999x"})
  void impossibleSizesAreRefused(String size) {
    refused(sized(size.getBytes(StandardCharsets.UTF_8)), "a");
    byte[] binary = new byte[12];
    Arrays.fill(binary, (byte) 0xff); // -1 to base 256
    refused(sized(binary), "byte 512");
    binary[0] = (byte) 0x80; // 2^88 - 1
    refused(sized(binary), "byte 512");
  }

  /** Makes an archive whose second member claims a size, with a checksum that holds. */
  private static byte[] sized(byte[] size) {
    byte[] tar = new TarWriter().folder("a").file("a/x.png", ONE).bytes();
    System.arraycopy(size, 0, tar, 512 + 124, size.length);
    Arrays.fill(tar, 512 + 148, 512 + 156, (byte) ' ');
    int sum = 0;
    for (int i = 512; i < 1024; i++) {
      sum += tar[i] & 255;
    }
    byte[] digits = String.format(Locale.ROOT, "%06o", sum).getBytes(StandardCharsets.UTF_8);
    System.arraycopy(digits, 0, tar, 512 + 148, digits.length);
    tar[512 + 154] = 0;
    return tar;
  }

  @Test
  void namesOfManyMegabytesAreRefused() {
    refused(
        new TarWriter().gnuFile("x".repeat(3 << 20), ONE).bytes(),
        "not a tar archive"); // the first member
    refused(
        new TarWriter().folder("a").gnuFile("x".repeat(3 << 20), ONE).bytes(),
        "names and settings of more than 1048576 bytes");
  }

  @Test
  void zipsAreReadLikeFolders() throws IOException {
    try (ImageFiles files = open(zip("a/", "a/x.png", "b/ü.png", "./a//x.png"))) {
      assertEquals(List.of("a/", "b/ü.png=[3]", "a/x.png=[4]"), files(files));
      assertEquals(List.of("a/x.png"), names(files));
    }
    assertArrayEquals(new byte[] {1}, read(zip("a")));
  }

  private byte[] read(byte[] zip) throws IOException {
    try (ImageFiles files = open(zip)) {
      return files.read(0);
    }
  }

  @Test
  void damagedZipsAreRefused() throws IOException {
    byte[] good = zip("a/x.png", "a/y.png");
    refused(Arrays.copyOf(good, good.length - 30), "damaged zip");
    int content = 30 + "a/x.png".length();
    byte[] changed = good.clone();
    changed[content] ^= 0x40;
    DataException e = assertThrows(DataException.class, () -> read(changed));
    assertEquals(dir.resolve("archive") + "!/a/x.png", e.where());
    byte[] encrypted = good.clone();
    int directory = find(good, new byte[] {'P', 'K', 1, 2});
    encrypted[directory + 8] |= 1;
    refused(encrypted, "member a/x.png is encrypted");
  }

  private static int find(byte[] in, byte[] what) {
    int at = 0;
    while (!Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
      at++;
    }
    return at;
  }

  @Test
  void otherPackersAreNamed() {
    refused(new byte[] {0x28, (byte) 0xB5, 0x2F, (byte) 0xFD, 0, 0}, "packed by zstd");
    refused(new byte[] {'R', 'a', 'r', '!', 0x1A, 7}, "packed by rar");
    refused(new byte[] {'7', 'z', (byte) 0xBC, (byte) 0xAF, 0x27, 0x1C}, "packed by 7z");
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
