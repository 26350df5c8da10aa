package org.alexnet4j.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Numbers in two bytes: how they are rounded, and where they lie. */
class StoredFloatsTest {
  private static final float STEP = 0x1p-7f; // from 1 to the next one that two bytes hold

  private static float[] roundTrip(float... values) {
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Stream stream = device.newStream();
        Arena arena = device.newArena(Arena.Memory.DEVICE, 256);
        Buffer buffer = arena.buffer(0, 256)) {
      float[] read = new float[values.length];
      StoredFloats.write(buffer, stream, Short.BYTES, 3, values, values.length);
      StoredFloats.read(buffer, stream, Short.BYTES, 3, read, read.length);
      float[] behind = new float[1];
      StoredFloats.read(buffer, stream, Short.BYTES, 3 + values.length - 1, behind, 1);
      assertEquals(read[read.length - 1], behind[0]);
      return read;
    }
  }

  @Test
  void theNearestOfTwoTheEvenOne() {
    float half = STEP / 2;
    assertArrayEquals(
        new float[] {1, 1 + 2 * STEP, 1 + STEP, 1, -1, -1 - 2 * STEP},
        roundTrip(
            1 + half,
            1 + STEP + half,
            Math.nextUp(1 + half),
            Math.nextDown(1 + half),
            -1 - half,
            -1 - STEP - half));
  }

  @Test
  void whatIsNoUsualNumberStaysWhatItIs() {
    float infinity = Float.POSITIVE_INFINITY;
    float[] read =
        roundTrip(
            Float.NaN, Float.intBitsToFloat(0x7f800001), infinity, Float.MAX_VALUE, -0f, 0x1p-133f);
    float nan = Float.NaN;
    assertArrayEquals(new float[] {nan, nan, infinity, infinity, -0f, 0x1p-133f}, read);
  }
}
