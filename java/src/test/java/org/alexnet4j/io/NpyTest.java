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
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NpyTest {
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(DType.class)
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
      assertThrows(FormatException.class, read::readIntegers);
    }
    try (NpyWriter writer = NpyWriter.create(file, DType.UINT8, 2)) {
      writer.write(ByteBuffer.wrap(new byte[] {1, -1}));
      writer.commit();
    }
    try (Npy read = Npy.open(file)) {
      assertArrayEquals(new long[] {1, 255}, read.readIntegers());
      assertThrows(FormatException.class, read::readFloats);
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

  @Test
  void version2IsRead() throws IOException {
    Path file = folder.resolve("v2.npy");
    byte[] text =
        "{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}".getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + 2).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(NpyHeader.MAGIC).put((byte) 2).put((byte) 0).putInt(text.length).put(text);
    Files.write(file, bytes.put((byte) 8).put((byte) 9).array());
    try (Npy read = Npy.open(file)) {
      assertArrayEquals(new long[] {8, 9}, read.readIntegers());
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
          {'descr': '<f4', 'fortran_order': True, 'shape': (1,), }   | Fortran order is not read
          {'descr': '>f4', 'fortran_order': False, 'shape': (1,), }  | type '>f4' is not read; <f4
          {'descr': '<f2', 'fortran_order': False, 'shape': (2,), }  | type '<f2' is not read
          {'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), } | is not read
          {'descr': '<f4', 'fortran_order': False, 'shape': (-1,), } | no such shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (1e3,), } | no such shape
          {'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999,99999999999999), } | has -1 bytes
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
