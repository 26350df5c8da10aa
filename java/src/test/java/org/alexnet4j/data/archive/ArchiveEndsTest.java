package org.alexnet4j.data.archive;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import org.alexnet4j.data.Draws;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Archives are read to their end: checksums hold, no member is missing, the rest is said. */
class ArchiveEndsTest {
  private static final int RECORD = 512;
  private static final int MARK = 2 * RECORD;

  @TempDir Path dir;

  private static byte[] tar() {
    byte[] noise = new byte[4000];
    Draws random = new Draws(7, 0, 0);
    for (int i = 0; i < noise.length; i++) {
      noise[i] = (byte) random.bits();
    }
    return new TarWriter().file("a/x.png", noise).file("b/y.png", new byte[] {2}).bytes();
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

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(dir.resolve("archive"), content);
  }

  private List<String> notes(byte[] archive) throws IOException {
    try (ImageFiles files = Archives.open(file(archive))) {
      return files.notes().stream().map(FileNote::line).toList();
    }
  }

  private String refusal(byte[] archive) {
    DataException e = assertThrows(DataException.class, () -> Archives.open(file(archive)).close());
    assertEquals(dir.resolve("archive").toString(), e.where());
    return e.reason();
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "xz"})
  void packedArchivesAreCheckedToTheirLastByte(String packer) throws IOException {
    byte[] whole = packed(Arrays.copyOf(tar(), 30_720), packer); // tar pads
    assertEquals(List.of(), notes(whole));
    for (int cut = 1; cut <= 8; cut++) {
      assertTrue(!refusal(Arrays.copyOf(whole, whole.length - cut)).isEmpty(), cut + " bytes cut");
    }
    // Noise is stored as it is or nearly so: a changed bit changes pixels and the checksum alone.
    byte[] changed = whole.clone();
    changed[whole.length / 2] ^= 0x10;
    assertTrue(refusal(changed).contains("damaged"), refusal(changed));
    byte[] sum = whole.clone();
    sum[whole.length - (packer.equals("gz") ? 8 : 2)] ^= 1;
    assertTrue(!refusal(sum).isEmpty(), "checksum");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gz", "bz2", "xz"})
  void packedStreamsBehindEachOtherAreOne(String packer) throws IOException {
    byte[] tar = tar();
    byte[] first = packed(Arrays.copyOf(tar, 1000), packer);
    byte[] second = packed(Arrays.copyOfRange(tar, 1000, tar.length), packer);
    assertEquals(List.of(), notes(joined(first, second)));
    refusal(joined(first, Arrays.copyOf(second, second.length - 5)));
    byte[] text = "garbage, and more of it".getBytes(StandardCharsets.US_ASCII);
    assertTrue(refusal(joined(packed(tar, packer), text)).contains("damaged"));
  }

  @Test
  void zerosBehindGzipArePadding() throws IOException {
    assertEquals(List.of(), notes(joined(packed(tar(), "gz"), new byte[1000])));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gz", "bz2", "xz"})
  void anArchiveWithoutTheMarkOfItsEndIsRefused(String packer) throws IOException {
    byte[] tar = tar();
    int end = tar.length - MARK;
    String want = "it ends at byte %d without the mark of its end, so members may be missing";
    assertEquals(
        String.format(Locale.ROOT, want, end), refusal(packed(Arrays.copyOf(tar, end), packer)));
    int border = end - 2 * RECORD; // the second member is gone
    assertEquals(
        String.format(Locale.ROOT, want, border),
        refusal(packed(Arrays.copyOf(tar, border), packer)));
    assertEquals(List.of(), notes(packed(Arrays.copyOf(tar, end + RECORD), packer)), "one record");
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "gz", "bz2", "xz"})
  void whatLiesBehindTheEndIsSaid(String packer) throws IOException {
    byte[] tar = tar();
    assertEquals(List.of(), notes(packed(Arrays.copyOf(tar, 100_000), packer)), "zeros");
    byte[] another = tar();
    assertEquals(
        List.of("6,656 bytes behind the end of the archive are not used"),
        notes(packed(joined(tar, another), packer)),
        another.length + " bytes");
    assertEquals(
        List.of("3 bytes behind the end of the archive are not used"),
        notes(packed(joined(tar, new byte[20_000], new byte[] {1, 0, 0}), packer)),
        "three");
    byte[] one = Arrays.copyOf(tar, tar.length - RECORD); // one record of zeros, then a member
    assertEquals(
        List.of("6,656 bytes behind the end of the archive are not used"),
        notes(packed(joined(one, another), packer)));
  }

  @Test
  void archivesInsideEndAsWell() throws IOException {
    byte[] inner = tar();
    byte[] longer = joined(inner, new byte[] {1});
    byte[] both = new TarWriter().file("cat.tar", longer).file("dog.TAR", inner).bytes();
    assertEquals(
        List.of("1 archives inside have bytes behind their end, which are not used: cat/"),
        notes(both));
    try (ImageFiles files = Archives.open(file(both))) {
      assertEquals("dog/a/x.png", files.path(4));
    }
    byte[] cut = Arrays.copyOf(inner, inner.length - MARK);
    Path file = file(new TarWriter().file("cat.tar", cut).bytes());
    DataException e = assertThrows(DataException.class, () -> Archives.open(file).close());
    assertEquals(file + "!/cat.tar", e.where());
  }

  @Test
  void whatLiesAroundAZipIsSaid() throws IOException {
    byte[] zip = ArchivesTest.zip("a/x.png", "b/y.png");
    assertEquals(List.of(), notes(zip));
    assertEquals(
        List.of("40 bytes behind the end of the archive are not used"),
        notes(Arrays.copyOf(zip, zip.length + 40)));
    assertEquals(
        List.of(zip.length + " bytes before the archive are not used"), notes(joined(zip, zip)));
  }
}
