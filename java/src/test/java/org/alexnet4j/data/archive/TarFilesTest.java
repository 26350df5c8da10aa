package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.message.DataException;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class TarFilesTest {
  private static final DataOptions TRAIN = DataOptions.train().withSource(8).withCacheBytes(0);
  private static final String LONG = "set/train/cat/" + "x".repeat(120) + ".png";

  @TempDir Path dir;

  private static byte[] picture(int red) {
    return Pictures.plain(8, red, 0, 0);
  }

  private static TarWriter set() {
    return new TarWriter()
        .folder("./set")
        .file("./set/train/ant/a.png", picture(1))
        .file("set/train/cat/b.png", picture(2))
        .paxFile(LONG, picture(3))
        .gnuFile(LONG.replace('x', 'y'), picture(4))
        .file("set/val/ant/c.png", picture(5))
        .file("set/val/cat/d.png", picture(6));
  }

  private static byte[] packed(byte[] tar, String packer) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (packer) {
          case "gz" -> new GZIPOutputStream(bytes);
          case "bz2" -> new BZip2CompressorOutputStream(bytes);
          case "xz" -> new XZOutputStream(bytes, new LZMA2Options(1));
          default -> bytes;
        }) {
      out.write(tar);
    }
    return bytes.toByteArray();
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(dir.resolve("archive"), content); // found out by content, not by name
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gz", "xz", "bz2"})
  void archivesAreReadLikeFolders(String packer) throws IOException {
    Path file = write(packed(set().bytes(), packer));
    try (Dataset set = Datasets.open(file, TRAIN)) {
      assertEquals(4, set.size());
      assertEquals("set/train/ant/a.png", set.name(0));
      assertEquals(LONG, set.name(2));
      int[] reds = new int[4];
      for (int i = 0; i < 4; i++) {
        ByteBuffer to = ByteBuffer.allocate(set.imageBytes());
        set.read(i, to);
        reds[i] = to.get(0);
      }
      assertArrayEquals(new int[] {1, 2, 3, 4}, reds);
    }
    try (Dataset set = Datasets.open(file, TRAIN.withSplit(DataOptions.Split.HELD_OUT))) {
      assertEquals("set/val/ant/c.png", set.name(0));
    }
  }

  @Test
  void damagedMembersAreNamedWithTheirArchive() throws IOException {
    Path file = write(set().file("set/train/ant/bad.jpg", Pictures.text()).bytes());
    try (Dataset set = Datasets.open(file, TRAIN)) {
      DataException e =
          assertThrows(
              DataException.class, () -> set.read(1, ByteBuffer.allocate(set.imageBytes())));
      assertEquals(file + "!/set/train/ant/bad.jpg", e.where());
    }
  }

  @Test
  void whatIsNoArchiveIsRefused() throws IOException {
    String allowed = "; allowed: " + ArchiveMembers.ALLOWED;
    Path file = write(Pictures.text());
    assertMessage(file + ": not a tar archive" + allowed, file);
    write(new byte[0]);
    assertMessage(file + ": not a tar archive" + allowed, file);
    write(Pictures.png());
    assertMessage(file + ": not a tar archive" + allowed, file);
  }

  @Test
  void truncatedArchivesAreRefused() throws IOException {
    byte[] tar = set().bytes();
    int content = 512 + 512; // folder, then the header of a.png
    Path file = write(Arrays.copyOf(tar, content + 10));
    assertReason("the archive ends inside ./set/train/ant/a.png, which starts at 1024", file);
    write(Arrays.copyOf(tar, content + 512 + 100));
    assertReason("the archive ends inside a header or member at byte 1636", file);
    write(Arrays.copyOf(packed(tar, "xz"), 200));
    assertReason("the file ends too early", file);
    write(Arrays.copyOf(packed(tar, "gz"), 200));
    assertReason("the file ends too early", file);
    byte[] damaged = packed(tar, "xz");
    damaged[7] ^= 0x55; // in the stream header
    write(damaged);
    DataException e = assertThrows(DataException.class, () -> Datasets.open(file, TRAIN));
    assertTrue(e.reason().startsWith("damaged xz data: "), e.reason());
  }

  @Test
  void damagedHeadersAreRefused() throws IOException {
    byte[] tar = set().bytes();
    tar[512 + 3] ^= 1;
    Path file = write(tar);
    assertReason("damaged tar header at byte 512", file);
  }

  private static void assertMessage(String want, Path file) {
    DataException e = assertThrows(DataException.class, () -> Datasets.open(file, TRAIN));
    assertEquals(want, e.getMessage());
  }

  private static void assertReason(String want, Path file) {
    DataException e = assertThrows(DataException.class, () -> Datasets.open(file, TRAIN));
    assertEquals(want, e.reason());
  }
}
