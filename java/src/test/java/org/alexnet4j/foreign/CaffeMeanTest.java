package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mean images of Caffe: one blob, planes B, G, R. */
class CaffeMeanTest {
  private static final int SIDE = 256;

  @TempDir Path folder;
  private Path model;

  @BeforeEach
  void write() throws IOException {
    model =
        SmallNetworks.caffeNetFile(
            folder.resolve("net.caffemodel"), true, SmallNetworks.caffeNet(3), 1e-4);
  }

  private static float[] planes(int count) {
    Random random = new Random(5);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = 90 + 40 * random.nextFloat();
    }
    return values;
  }

  private Cli take(byte[] mean, Path out) throws IOException {
    Path file = Files.write(folder.resolve("mean.binaryproto"), mean);
    return Cli.run("import", model + "", "--mean", file + "", "--out", out + "");
  }

  /** As Caffe wrote it in 2013, and with extents as of today. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void isSubtractedPixelByPixel(boolean old) throws Exception {
    float[] planes = planes(3 * SIDE * SIDE);
    Array array = old ? Array.of(planes, 3, SIDE, SIDE) : Array.of(planes, 1, 3, SIDE, SIDE);
    Path out = folder.resolve("out.safetensors");
    Cli cli = take(ForeignWriter.blob(old, array).toBytes(), out);
    assertEquals(0, cli.code(), cli.err());
    try (Safetensors open = Safetensors.open(out)) {
      FloatBuffer mean = open.floats("mean");
      assertEquals(planes.length, mean.remaining());
      for (int p = 0; p < SIDE * SIDE; p++) {
        for (int c = 0; c < 3; c++) { // pixels of R, G, B here, planes of B, G, R there
          assertEquals(planes[(2 - c) * SIDE * SIDE + p], mean.get(p * 3 + c));
        }
      }
    }
  }

  @Test
  void oneNumberForEachChannel() throws Exception {
    Path out = folder.resolve("out.safetensors");
    byte[] blob =
        ForeignWriter.blob(true, Array.of(new float[] {104, 117, 123}, 3, 1, 1)).toBytes();
    assertEquals(0, take(blob, out).code());
    try (Safetensors open = Safetensors.open(out)) {
      assertEquals(FloatBuffer.wrap(new float[] {123, 117, 104}), open.floats("mean"));
    }
  }

  private void assertRefused(String why, byte[] mean) throws Exception {
    Path out = folder.resolve("out.safetensors");
    Cli cli = take(mean, out);
    assertEquals(3, cli.code(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains("mean.binaryproto") && cli.err().contains(why), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
    assertTrue(Files.notExists(out));
  }

  @Test
  void badFiles() throws Exception {
    byte[] good = ForeignWriter.blob(true, Array.of(planes(3 * 8 * 8), 3, 8, 8)).toBytes();
    assertRefused("is no protobuf message, damaged or cut off", Arrays.copyOf(good, 200));
    assertRefused("tensor mean: has no elements", new byte[0]);
    Message lies = new Message().number(2, 3).number(3, 9).number(4, 8);
    assertRefused(
        "is [3, 9, 8] with 192 elements",
        lies.bytes(5, ForeignWriter.bytes(planes(3 * 8 * 8))).toBytes());
    Message wide = new Message().number(2, 1L << 40).number(3, 1L << 40).number(4, 1L << 40);
    assertRefused("with 1 elements", wide.bytes(5, new byte[4]).toBytes());
    assertRefused(
        "the shape is [3, 8, 4]; allowed: [3, S, S]",
        ForeignWriter.blob(true, Array.of(planes(3 * 8 * 4), 3, 8, 4)).toBytes());
    float[] odd = planes(3 * 8 * 8);
    odd[17] = Float.NaN;
    assertRefused("value 17 is NaN", ForeignWriter.blob(true, Array.of(odd, 3, 8, 8)).toBytes());
    assertRefused("has 64-bit elements", new Message().bytes(8, new byte[24]).toBytes());
  }
}
