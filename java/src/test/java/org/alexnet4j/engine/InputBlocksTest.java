package org.alexnet4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.Random;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The input by blocks has the values of the plain one, each at its place, and zeros past them. */
class InputBlocksTest {
  private static final InputShape PLAIN = new InputShape(2, 16, 12, Mean.CHANNEL, 1);
  private static final InputShape BLOCKS = new InputShape(2, 16, 12, Mean.CHANNEL, 4, 4, 1);

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void blocksAreThePlainFormInAnotherOrder(String id) {
    try (Device device = Device.open(DeviceId.parse(id));
        Stream stream = device.newStream();
        KernelEngine engine = new KernelEngine();
        Arena arena = device.newArena(Arena.Memory.DEVICE, 1 << 20)) {
      float[] plain = run(engine, stream, arena, PLAIN);
      float[] blocks = run(engine, stream, arena, BLOCKS);
      float[] expected = new float[blocks.length];
      for (int i = 0; i < plain.length; i++) {
        int c = i % 3;
        int w = i / 3 % 12;
        int h = i / 36 % 12;
        int block = (i / 432 * 4 + h / 4) * 4 + w / 4;
        expected[block * 48 + (h % 4 * 4 + w % 4) * 3 + c] = plain[i];
      }
      assertArrayEquals(expected, blocks);
    }
  }

  private static float[] run(KernelEngine engine, Stream stream, Arena arena, InputShape shape) {
    try (Buffer settings = arena.buffer(0, 24);
        Buffer images = arena.buffer(4096, PLAIN.imageBytes());
        Buffer crops = arena.buffer(8192, 24);
        Buffer mean = arena.buffer(12288, 12);
        Buffer x = arena.buffer(16384, 4 * shape.xCount());
        SettingsSource source = new SettingsSource(stream.device())) {
      source.write(0, 0, 0, 0, 0);
      source.copyTo(stream, settings);
      byte[] pixels = new byte[(int) images.bytes()];
      new Random(3).nextBytes(pixels);
      images.copyIn(stream, 0, ByteBuffer.allocateDirect(pixels.length).put(pixels).flip());
      crops.copyIn(stream, new int[] {1, 2, 0, 4, 3, 1});
      mean.copyIn(stream, new float[] {10, 20, 30});
      engine.inputFprop(stream, shape, settings, images, crops, mean, null, x);
      return x.floats(stream, (int) shape.xCount());
    }
  }

  @Test
  void blocksMustCoverTheImage() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> new InputShape(2, 16, 12, Mean.CHANNEL, 4, 2, 1));
    assertEquals(
        "input has 2 blocks of side 4; allowed: both 0, or enough to cover the size 12",
        e.getMessage());
  }
}
