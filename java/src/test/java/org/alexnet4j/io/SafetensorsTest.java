package org.alexnet4j.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafetensorsTest {
  @TempDir Path folder;

  private static final List<TensorInfo> TENSORS =
      List.of(
          TensorInfo.float32("conv1.weight", 2, 3),
          TensorInfo.float32("none", 0, 7), // no elements: its range is empty
          new TensorInfo("labels", DType.UINT8, List.of(3L)), // 3 bytes: the next is unaligned
          new TensorInfo("step", DType.INT64, List.of()));

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    Path file = writeSample();
    try (Safetensors read = Safetensors.open(file)) {
      assertEquals(TENSORS, List.copyOf(read.tensors().values()));
      assertEquals(Map.of("preset", "paper-2012", "text", "ä \"\n"), read.metadata());
      float[] weights = new float[6];
      read.floats("conv1.weight").get(weights);
      assertArrayEquals(new float[] {0, 1, 2, 3, 4, Float.MIN_VALUE}, weights);
      assertEquals(0, read.floats("none").remaining());
      assertEquals(ByteBuffer.wrap(new byte[] {7, -1, 9}), read.bytes("labels"));
      assertEquals(1L << 40, read.bytes("step").getLong());
    }
  }

  @Test
  void dataBeginsAtAMultipleOfEight() throws IOException {
    byte[] bytes = Files.readAllBytes(writeSample());
    assertEquals(0, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  @Test
  void sameContentGivesSameBytes() throws IOException {
    byte[] first = Files.readAllBytes(writeSample());
    assertArrayEquals(first, Files.readAllBytes(writeSample()));
  }

  @Test
  void everyTruncationIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(writeSample());
    for (int length = 0; length < bytes.length; length++) {
      Path cut = folder.resolve("cut.safetensors");
      Files.write(cut, Arrays.copyOf(bytes, length));
      FormatException e = assertThrows(FormatException.class, () -> Safetensors.open(cut));
      assertTrue(e.getMessage().startsWith(cut + ": "), e.getMessage());
    }
  }

  @Test
  void everyFlippedBitOfTheHeaderIsReadOrRefusedButNeverCrashes() throws IOException {
    byte[] bytes = Files.readAllBytes(writeSample());
    int headerBytes = 8 + (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    int refused = 0;
    for (int bit = 0; bit < headerBytes * 8; bit++) {
      byte[] damaged = bytes.clone();
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      if (!readsCompletely(damaged)) {
        refused++;
      }
    }
    // A flip inside a name or a text cannot be seen; one in structure, types or ranges must be.
    assertTrue(refused > headerBytes * 8 / 2, refused + " of " + headerBytes * 8 + " refused");
  }

  private boolean readsCompletely(byte[] bytes) throws IOException {
    Path file = folder.resolve("damaged.safetensors");
    Files.write(file, bytes);
    try (Safetensors read = Safetensors.open(file)) {
      for (String name : read.tensors().keySet()) {
        read.bytes(name);
      }
      return true;
    } catch (FormatException e) {
      return false;
    }
  }

  @Test
  void trailingBytesAreRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(writeSample());
    Path file = folder.resolve("long.safetensors");
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertRefused(file, "byte " + bytes.length + ": 1 bytes follow the last tensor");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          # header                                                              | data | message
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                | 8 | tensor a: FLOAT32[2] has 8 bytes
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}} | 7 | tensor b, byte 117: overlaps
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}} | 9 | tensor b, byte 119: leaves a hole
          {"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}                 | 2 | leaves a hole
          {"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}}                | 4 | tensor a: FLOAT16[1] has 2 bytes
          {"a":{"dtype":"Q4","shape":[9],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[3,7]}} | 7 | tensor b, byte 116: overlaps
          {"a":{"dtype":"Q4","shape":[9],"data_offsets":[0,4]}}                 | 3 | needs 4 bytes
          {"__metadata__":[]}                                                   | 0 | is not the JSON
          {"__metadata__":{"a":"1","a":"2"}}                                    | 0 | metadata a is listed twice
          {"a\\u001b[31m":{"dtype":"F32"}}                                      | 0 | tensor a\\u001b[31m: needs dtype
          {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}               | 4 | -1 is not an extent
          {"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}              | 4 | 1.0 is not an extent
          {"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}              | 4 | other than a number
          {"a":{"dtype":"F32","shape":[3037000500,3037000500],"data_offsets":[0,4]}} | 4 | more than 2^63 bytes
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}                | 4 | is no range
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}              | 4 | is no range
          {"a":{"dtype":"F32","shape":[1]}}                                     | 4 | needs dtype, shape and data_offsets
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}          | 4 | unknown key x
          {"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}} | 2 | tensor a: is listed twice
          {"__metadata__":{"step":1}}                                           | 0 | metadata step is not a string
          {"a":[]}                                                              | 0 | is not the JSON
          {}{}                                                                  | 0 | is not the JSON
          []                                                                    | 0 | does not begin with '{'
          """)
  void damagedHeadersAreRefused(String header, int dataBytes, String message) throws IOException {
    assertRefused(file(header.getBytes(StandardCharsets.UTF_8), dataBytes), message);
  }

  /** One tensor called a, of two elements. */
  private Path two(String type, int... bytes) throws IOException {
    String header =
        "{\"a\":{\"dtype\":\""
            + type
            + "\",\"shape\":[2],\"data_offsets\":[0,"
            + bytes.length
            + "]}}";
    Path file = file(header.getBytes(StandardCharsets.UTF_8), bytes.length);
    byte[] all = Files.readAllBytes(file);
    for (int i = 0; i < bytes.length; i++) {
      all[all.length - bytes.length + i] = (byte) bytes[i];
    }
    return Files.write(file, all);
  }

  @Test
  void floatsOfOtherSizesAreConverted() throws IOException {
    try (Safetensors read = Safetensors.open(two("F16", 0, 0x3c, 1, 0x80))) {
      read.requireFloats("a", 2);
      assertEquals(FloatBuffer.wrap(new float[] {1, -0x1p-24f}), read.floats("a"));
    }
    try (Safetensors read = Safetensors.open(two("BF16", 0xc0, 0x3f, 0x80, 0xff))) {
      read.requireFloats("a", 2);
      assertEquals(FloatBuffer.wrap(new float[] {1.5f, Float.NEGATIVE_INFINITY}), read.floats("a"));
    }
    int[] third = {0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5, 0x3f}; // 1/3, rounded up to a float
    int[] large = {0, 0, 0, 0, 0, 0, 0xf0, 0x47}; // 2^128
    int[] tie = {0, 0, 0, 0x10, 0, 0, 0xf0, 0x3f}; // 1 + 2^-24, half way: to even, which is 1
    try (Safetensors read = Safetensors.open(two("F64", concat(third, tie)))) {
      assertEquals(FloatBuffer.wrap(new float[] {1f / 3, 1}), read.floats("a"));
    }
    try (Safetensors read = Safetensors.open(two("F64", concat(third, large)))) {
      FormatException e = assertThrows(FormatException.class, () -> read.floats("a"));
      assertTrue(e.getMessage().contains("element 1: is 3.4028236692093846E38, over the range"));
    }
    try (Safetensors read = Safetensors.open(two("I32", 1, 0, 0, 0, 2, 0, 0, 0))) {
      assertThrows(FormatException.class, () -> read.requireFloats("a", 2));
      assertThrows(FormatException.class, () -> read.floats("a"));
    }
  }

  private static int[] concat(int[] first, int[] second) {
    int[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  @Test
  void typesThatAreNotReadMatterOnlyToWhoAsks() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]},"
            + "\"b\":{\"dtype\":\"U64\",\"shape\":[],\"data_offsets\":[1,9]}}";
    try (Safetensors read = Safetensors.open(file(header.getBytes(StandardCharsets.UTF_8), 9))) {
      assertEquals(List.of("b"), List.copyOf(read.tensors().keySet()));
      FormatException e = assertThrows(FormatException.class, () -> read.bytes("a"));
      assertTrue(e.getMessage().endsWith("tensor a: type F4 is not read"), e.getMessage());
    }
  }

  @Test
  void headerThatIsNotUtf8IsRefused() throws IOException {
    assertRefused(file(new byte[] {'{', (byte) 0xff, '}'}, 0), "not UTF-8");
  }

  @Test
  void headerLengthsBeyondTheLimitAreRefused() throws IOException {
    for (long length : new long[] {0, 1, Safetensors.MAX_HEADER_BYTES + 1, -1, Long.MIN_VALUE}) {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      Path file = folder.resolve("length.safetensors");
      Files.write(file, bytes.array());
      assertRefused(file, "is outside 2 to 100000000");
    }
  }

  @Test
  void missingAndDifferentTensorsAreNamed() throws IOException {
    try (Safetensors read = Safetensors.open(writeSample())) {
      Exception missing = assertThrows(FormatException.class, () -> read.floats("fc9.bias"));
      assertTrue(missing.getMessage().contains("tensor fc9.bias: is missing; there are conv1"));
      Exception shape =
          assertThrows(
              FormatException.class, () -> read.require("conv1.weight", DType.FLOAT32, 3, 2));
      assertTrue(shape.getMessage().contains("is FLOAT32[2, 3], needed is FLOAT32[3, 2]"));
      assertThrows(FormatException.class, () -> read.floats("labels"));
      read.require("conv1.weight", DType.FLOAT32, 2, 3);
    }
  }

  @Test
  void closingWithoutCommitLeavesTheOldFile() throws IOException {
    Path file = writeSample();
    byte[] before = Files.readAllBytes(file);
    List<TensorInfo> other = List.of(TensorInfo.float32("w", 2));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, other, Map.of())) {
      writer.write("w", FloatBuffer.allocate(1));
      assertThrows(IllegalStateException.class, writer::commit);
    }
    assertArrayEquals(before, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @Test
  void writerRefusesWrongOrderSizeAndNames() throws IOException {
    Path file = folder.resolve("w.safetensors");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TENSORS, Map.of())) {
      FloatBuffer one = FloatBuffer.allocate(1);
      assertThrows(IllegalArgumentException.class, () -> writer.write("labels", one));
      FloatBuffer seven = FloatBuffer.allocate(7);
      assertThrows(IllegalArgumentException.class, () -> writer.write("conv1.weight", seven));
      writer.write("conv1.weight", FloatBuffer.allocate(6));
      assertThrows(IllegalArgumentException.class, () -> writer.write("labels", one));
    }
    List<TensorInfo> twice = List.of(TENSORS.get(0), TENSORS.get(0));
    assertThrows(
        IllegalArgumentException.class, () -> SafetensorsWriter.create(file, twice, Map.of()));
    assertThrows(IllegalArgumentException.class, () -> TensorInfo.float32("__metadata__", 1));
    assertFalse(Files.exists(file));
  }

  @Test
  void tensorsLongerThanTheStagingBufferArriveWhole() throws IOException {
    float[] values = new float[700_001]; // 2.7 MiB: two full pieces of 1 MiB and an odd rest
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path file = folder.resolve("big.safetensors");
    List<TensorInfo> info = List.of(TensorInfo.float32("w", values.length));
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, info, Map.of())) {
      writer.write("w", FloatBuffer.wrap(values));
      writer.commit();
    }
    try (Safetensors read = Safetensors.open(file)) {
      assertEquals(FloatBuffer.wrap(values), read.floats("w"));
    }
  }

  private Path writeSample() throws IOException {
    Path file = folder.resolve("sample.safetensors");
    Map<String, String> metadata = new TreeMap<>();
    metadata.put("preset", "paper-2012");
    metadata.put("text", "ä \"\n");
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, TENSORS, metadata)) {
      writer.write("conv1.weight", FloatBuffer.wrap(new float[] {0, 1, 2}));
      writer.write("conv1.weight", FloatBuffer.wrap(new float[] {3, 4, Float.MIN_VALUE}));
      writer.write("labels", ByteBuffer.wrap(new byte[] {7, -1, 9}));
      ByteBuffer step = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
      writer.write("step", step.putLong(1L << 40).flip());
      writer.commit();
    }
    return file;
  }

  private Path file(byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    Path file = folder.resolve("crafted.safetensors");
    Files.write(file, bytes.array());
    return file;
  }

  private static void assertRefused(Path file, String message) {
    FormatException e = assertThrows(FormatException.class, () -> Safetensors.open(file));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(file, e.file());
  }
}
