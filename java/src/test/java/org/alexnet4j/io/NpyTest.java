package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class NpyTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BFLOAT16")
  void everyTypeIsReadBackRowByRow(DType dtype) throws IOException {
    Path file = folder.resolve("a.npy");
    byte[] data = new byte[3 * 2 * dtype.bytes()];
    for (int i = 0; i < data.length; i++) {
      data[i] = (byte) (i * 37);
    }
    try (NpyWriter writer = NpyWriter.create(file, dtype, 3, 2)) {
      writer.write(ByteBuffer.wrap(data, 0, 5));
      writer.write(ByteBuffer.wrap(data, 5, data.length - 5));
      writer.commit();
    }
    try (Npy read = Npy.open(file)) {
      assertEquals(dtype, read.dtype());
      assertEquals(List.of(3L, 2L), read.shape());
      assertEquals(ByteBuffer.wrap(data), read.rows(0, 3));
      int row = 2 * dtype.bytes();
      assertEquals(ByteBuffer.wrap(data, row, row), read.rows(1, 1));
      assertThrows(IndexOutOfBoundsException.class, () -> read.rows(2, 2));
      assertThrows(IndexOutOfBoundsException.class, () -> read.rows(-1, 1));
    }
  }

  @Test
  void headerIsWhatNumPyWrites() throws IOException {
    Path file = folder.resolve("a.npy");
    NpyWriter.writeFloats(file, new float[] {1, 2, 3}, 3);
    byte[] bytes = Files.readAllBytes(file);
    // numpy.save of arange(1, 4, dtype=float32), NumPy 1.24: 118 bytes of text end at byte 128.
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
    assertEquals(128 + 12, bytes.length);
    assertArrayEquals(
        new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 118, 0}, Arrays.copyOf(bytes, 10));
    assertEquals(text, new String(bytes, 10, 118, StandardCharsets.US_ASCII).strip());
    assertEquals('\n', bytes[127]);
  }

  @Test
  void wholeArraysAreRead() throws IOException {
    Path file = folder.resolve("a.npy");
    NpyWriter.writeFloats(file, new float[] {1, -2, Float.NaN}, 3, 1);
    try (Npy read = Npy.open(file)) {
      assertArrayEquals(new float[] {1, -2, Float.NaN}, read.readFloats());
      FormatException e = assertThrows(FormatException.class, read::readIntegers);
      assertTrue(e.getMessage().contains("element [2, 0]: is NaN, no whole number"));
    }
    try (NpyWriter writer = NpyWriter.create(file, DType.UINT8, 2)) {
      writer.write(ByteBuffer.wrap(new byte[] {1, -1}));
      writer.commit();
    }
    try (Npy read = Npy.open(file)) {
      assertArrayEquals(new long[] {1, 255}, read.readIntegers());
      assertArrayEquals(new float[] {1, 255}, read.readFloats());
    }
  }

  @Test
  void singleNumbersAndEmptyArraysHaveShapes() throws IOException {
    Path file = folder.resolve("a.npy");
    NpyWriter.writeFloats(file, new float[] {5});
    try (Npy read = Npy.open(file)) {
      assertEquals(List.of(), read.shape());
      assertArrayEquals(new float[] {5}, read.readFloats());
    }
    NpyWriter.writeFloats(file, new float[0], 0, 3);
    try (Npy read = Npy.open(file)) {
      assertEquals(List.of(0L, 3L), read.shape());
      assertArrayEquals(new float[0], read.readFloats());
    }
  }

  /** Makes a file as NumPy does. */
  private Path numpy(int version, String header, int... bytes) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(12 + text.length + bytes.length);
    file.order(ByteOrder.LITTLE_ENDIAN).put(NpyHeader.MAGIC).put((byte) version).put((byte) 0);
    if (version == 1) {
      file.putShort((short) text.length);
    } else {
      file.putInt(text.length);
    }
    file.put(text);
    for (int b : bytes) {
      file.put((byte) b);
    }
    return Files.write(folder.resolve("n.npy"), Arrays.copyOf(file.array(), file.position()));
  }

  private static String header(String descr, String fortran, String shape) {
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void allVersionsAreRead(int version) throws IOException {
    String text = "{\"shape\": (2L,), 'fortran_order': False, 'descr': '|u1'}  \n";
    try (Npy read = Npy.open(numpy(version, text, 8, 9))) {
      assertArrayEquals(new long[] {8, 9}, read.readIntegers());
    }
    FormatException e =
        assertThrows(FormatException.class, () -> Npy.open(numpy(4, text, 8, 9)).close());
    assertTrue(e.getMessage().contains("version 4.0 is not read"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({ // bytes of two elements in hexadecimal, and their values
    "<f4, 0000803f000000c0, 1, -2",
    ">f4, 3f800000c0000000, 1, -2",
    "=f4, 0000803f000000c0, 1, -2",
    ">f8, 3ff8000000000000c000000000000000, 1.5, -2",
    "<f8, 9a9999999999b93f000000000000f07f, 0.1, Infinity",
    "<f2, 003c00c0, 1, -2",
    ">f2, 3c000001, 1, 5.9604645e-8",
    "|b1, 0001, 0, 1",
    "|i1, ff7f, -1, 127",
    "|u1, ff7f, 255, 127",
    "<i2, ffff0100, -1, 1",
    ">u2, ffff0001, 65535, 1",
    ">i4, fffffffe00000003, -2, 3",
    "<u4, 000000ff03000000, 4278190080, 3",
    "<i8, feffffffffffffff0000000001000000, -2, 4294967296",
    ">u8, 00000000000000017000000000000000, 1, 8070450532247928832"
  })
  void allTypesAreReadExactly(String type, String hex, float first, float second)
      throws IOException {
    int[] bytes = new int[hex.length() / 2];
    Arrays.setAll(bytes, i -> Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16));
    try (Npy read = Npy.open(numpy(1, header(type, "False", "(2,)"), bytes))) {
      assertArrayEquals(new float[] {first, second}, read.readFloats());
    }
  }

  @Test
  void whatHasNoEqualIsRefusedWithItsPlace() throws IOException {
    int[] large = {0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 0xe0, 0, 0, 0, 0, 0, 0}; // 2^1023
    try (Npy read = Npy.open(numpy(1, header(">f8", "False", "(1, 2)"), large))) {
      FormatException e = assertThrows(FormatException.class, read::readFloats);
      assertTrue(
          e.getMessage().contains("element [0, 1]: is 8.98846567431158E307, over the range"));
    }
    int[] odd = {1, 0, 0, 1, 1, 0, 0, 0}; // 2^24 + 1
    try (Npy read = Npy.open(numpy(1, header("<i4", "False", "(2,)"), odd))) {
      FormatException e = assertThrows(FormatException.class, read::readFloats);
      assertTrue(e.getMessage().contains("element [0]: is 16777217, which is no 32-bit float"));
      assertArrayEquals(new long[] {16777217, 1}, read.readIntegers());
    }
    try (Npy read = Npy.open(numpy(1, header("<f2", "True", "(2, 1)"), 0, 0x3c, 0, 0x3e))) {
      FormatException e = assertThrows(FormatException.class, read::readIntegers);
      assertTrue(e.getMessage().contains("element [1, 0]: is 1.5, no whole number"));
    }
    int[] most = {0, 0, 0, 0, 0, 0, 0, 0x80};
    try (Npy read = Npy.open(numpy(1, header("<u8", "False", "()"), most))) {
      FormatException e = assertThrows(FormatException.class, read::readIntegers);
      assertTrue(e.getMessage().contains("element []: is 9223372036854775808, over 2^63 - 1"));
    }
  }

  @Test
  void fortranOrderIsTurned() throws IOException {
    int[] bytes = new int[24];
    for (int i = 0, at = 0; i < 4; i++) { // the last axis outermost
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 2; k++) {
          bytes[at++] = 100 * k + 10 * j + i;
        }
      }
    }
    long[] wanted = new long[24];
    Arrays.setAll(wanted, n -> 100L * (n / 12) + 10L * (n / 4 % 3) + n % 4);
    try (Npy read = Npy.open(numpy(1, header("|u1", "True", "(2, 3, 4)"), bytes))) {
      assertArrayEquals(wanted, read.readIntegers());
      FormatException e = assertThrows(FormatException.class, () -> read.rows(0, 1));
      assertTrue(e.getMessage().contains("Fortran order"), e.getMessage());
    }
    try (Npy read = Npy.open(numpy(1, header("|u1", "True", "(0, 3)")))) {
      assertArrayEquals(new long[0], read.readIntegers());
    }
    try (Npy read = Npy.open(numpy(1, header("|u1", "True", "()"), 7))) {
      assertArrayEquals(new long[] {7}, read.readIntegers());
    }
  }

  @Test
  void halfFloatsAreThoseOfTheFormula() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      double fraction = bits % 1024 / 1024.0;
      double size =
          exponent == 31
              ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
              : exponent == 0
                  ? fraction * Math.pow(2, -14)
                  : (1 + fraction) * Math.pow(2, exponent - 15);
      float wanted = (float) (bits < 1 << 15 ? size : -size);
      assertEquals(wanted, Elements.half((short) bits), "bits " + bits);
    }
  }

  /** A backtracking parser would take hours for this. */
  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void headersOfOneMegabyteAreReadInOnePass() throws IOException {
    String blanks = " ".repeat(1 << 19);
    for (String text :
        List.of(
            "{'a': x" + blanks + "y}",
            "{'shape': (" + blanks + "," + blanks,
            "{'descr':" + blanks + "x",
            "{" + "'descr': '<f4', ".repeat(1 << 15))) {
      FormatException e =
          assertThrows(FormatException.class, () -> Npy.open(numpy(2, text)).close());
      assertTrue(e.getMessage().length() < 1000, () -> "" + e.getMessage().length());
    }
    try (Npy read = Npy.open(numpy(2, header("|u1", "False", "(2,)") + blanks, 1, 2))) {
      assertArrayEquals(new long[] {1, 2}, read.readIntegers());
    }
  }

  @Test
  void rowsBeyondTwoGibibytesAreReached() throws IOException {
    Path file = folder.resolve("sparse.npy");
    int rows = 3 * 1024 + 1; // of 1 MiB each: the last lies beyond 3 GiB
    ByteBuffer header = NpyHeader.encode(DType.UINT8, List.of((long) rows, 1L << 20));
    long dataStart = header.remaining();
    try (var channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.SPARSE,
            StandardOpenOption.WRITE)) {
      channel.write(header);
      long last = dataStart + ((long) rows << 20) - 1;
      channel.write(ByteBuffer.wrap(new byte[] {42}), last);
    }
    try (Npy read = Npy.open(file)) {
      assertEquals(42, read.rows(rows - 1, 1).get((1 << 20) - 1));
      FormatException e = assertThrows(FormatException.class, () -> read.rows(0, rows));
      assertTrue(e.getMessage().contains("over 2 GiB"), e.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {'descr': '<c8', 'fortran_order': False, 'shape': (1,), }  | type '<c8' is not read; f4, f8, f2, b1
          {'descr': '<O', 'fortran_order': False, 'shape': (1,), }   | type '<O' is not read
          {'descr': 'f4', 'fortran_order': False, 'shape': (1,), }   | type 'f4' is not read
          {'descr': '', 'fortran_order': False, 'shape': (1,), }     | type '' is not read
          {'descr': '<U1', 'fortran_order': False, 'shape': (1,), }  | type '<U1' is not read
          {'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }      | cannot be understood
          {'descr': '<f4', 'fortran_order': False, 'shape': (1 1), } | no such shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (1,      | no such shape
          {'descr': '<f4', 'descr': '<f4', 'shape': ()}              | has the key descr twice
          {'descr': '<f4 , 'fortran_order': False}                   | cannot be understood
          {'descr': '<f4', 'fortran_order': False, 'shape': ()} x    | x follows it
          {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } | a type of several fields is not read
          {'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } | no such shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (1e3,), } | no such shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,99999999999999), } | has more than 2^63 bytes
          {'descr': '<f4', 'fortran_order': False, 'shape': (2,), }  | has 8 bytes, the file has 4; it was cut off
          {'descr': '<f4', 'fortran_order': False, 'shape': (), 'x': True} | unknown key x
          {'descr': '<f4', 'fortran_order': False}                   | needs descr
          {'descr': __import__('os'), 'fortran_order': False, 'shape': ()} | cannot be understood
          ['descr']                                                  | is not a Python dictionary
          """)
  void otherHeadersAreRefused(String text, String message) throws IOException {
    Path file = folder.resolve("bad.npy");
    byte[] header = text.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(10 + header.length + 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(NpyHeader.MAGIC).put((byte) 1).put((byte) 0).putShort((short) header.length);
    Files.write(file, bytes.put(header).array());
    FormatException e = assertThrows(FormatException.class, () -> Npy.open(file));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void everyTruncationAndEveryFlippedBitIsReadOrRefusedButNeverCrashes() throws IOException {
    Path file = folder.resolve("a.npy");
    NpyWriter.writeFloats(file, new float[] {1, 2}, 1, 2);
    byte[] bytes = Files.readAllBytes(file);
    for (int length = 0; length < bytes.length; length++) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThrows(FormatException.class, () -> Npy.open(file));
    }
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      Files.write(file, damaged);
      try (Npy read = Npy.open(file)) {
        read.rows(0, (int) read.rows());
      } catch (FormatException e) {
        assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
      }
    }
  }

  @Test
  void writerInsistsOnItsShape() throws IOException {
    Path file = folder.resolve("a.npy");
    try (NpyWriter writer = NpyWriter.create(file, DType.UINT8, 2)) {
      assertThrows(IllegalArgumentException.class, () -> writer.write(ByteBuffer.allocate(3)));
      assertThrows(IllegalArgumentException.class, writer::commit);
    }
    assertFalse(Files.exists(file));
    assertThrows(IllegalArgumentException.class, () -> NpyWriter.create(file, DType.UINT8, -1L));
  }
}
