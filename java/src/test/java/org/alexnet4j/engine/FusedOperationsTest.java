package org.alexnet4j.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.LrnPoolShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SoftmaxShape;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An operation that does several passes in one gives what the passes give one after the other. */
class FusedOperationsTest {
  private static final float TOLERANCE = 4e-6f; // powers are off by at most 2^-20
  private static final LrnShape LRN = new LrnShape(2, 7, 6, 8, 5, 2f, 0.1f, 0.75f);
  private static final PoolShape POOL =
      new PoolShape(2, 7, 6, 8, 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.FIRST);

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final Random random = new Random(5);
  private Device device;
  private Stream stream;
  private KernelEngine engine;

  private void open(String id) {
    device = keep(Device.open(DeviceId.parse(id)));
    stream = keep(device.newStream());
    engine = keep(new KernelEngine());
  }

  @AfterEach
  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
  }

  private <T extends AutoCloseable> T keep(T resource) {
    opened.add(resource);
    return resource;
  }

  private Buffer buffer(long count) {
    return keep(keep(device.newArena(Arena.Memory.DEVICE, 4 * count)).buffer(0, 4 * count));
  }

  private Buffer filled(long count) {
    float[] values = new float[(int) count];
    for (int i = 0; i < values.length; i++) {
      values[i] = 2 * random.nextFloat() - 1;
    }
    Buffer result = buffer(count);
    result.copyIn(stream, values);
    return result;
  }

  private float[] floats(Buffer buffer) {
    return buffer.floats(stream, (int) (buffer.bytes() / 4));
  }

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void lrnPoolIsReluLrnAndPool(String id) {
    open(id);
    long xs = POOL.xCount();
    Buffer x = filled(xs);
    Buffer dy = filled(POOL.yCount());
    Buffer a = buffer(xs);
    Buffer z = buffer(xs);
    Buffer y = buffer(POOL.yCount());
    Buffer gradient = buffer(xs);
    Buffer dx = buffer(xs);
    engine.reluFprop(stream, xs, x, a);
    engine.lrnFprop(stream, LRN, a, z);
    engine.poolFprop(stream, POOL, z, y);
    engine.poolBprop(stream, POOL, z, y, dy, gradient);
    engine.lrnBprop(stream, LRN, a, gradient, dx);
    engine.reluBprop(stream, xs, a, dx, dx);

    Buffer fused = buffer(POOL.yCount());
    Buffer fusedDx = buffer(xs);
    LrnPoolShape shape = new LrnPoolShape(LRN, POOL, true);
    engine.lrnPoolFprop(stream, shape, x, fused, null);
    engine.lrnPoolBprop(stream, shape, x, dy, fusedDx);
    assertArrayEquals(floats(y), floats(fused), TOLERANCE);
    assertArrayEquals(floats(dx), floats(fusedDx), TOLERANCE);

    engine.lrnPoolBprop(stream, shape, a, dy, fusedDx);
    assertArrayEquals(floats(dx), floats(fusedDx), TOLERANCE, "from the output of the ReLU");

    engine.poolFprop(stream, POOL, x, y);
    engine.lrnPoolFprop(stream, new LrnPoolShape(null, POOL, false), x, fused, null);
    assertArrayEquals(floats(y), floats(fused), "pooling alone");
  }

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void softmaxLossIsThreePasses(String id) {
    open(id);
    SoftmaxShape shape = new SoftmaxShape(3, 11);
    Buffer logits = filled(33);
    Buffer labels = buffer(3);
    labels.copyIn(stream, new int[] {10, 0, 4});
    Buffer p = buffer(33);
    Buffer metrics = buffer(9);
    Buffer dlogits = buffer(33);
    engine.softmaxFprop(stream, shape, logits, p);
    engine.softmaxMetrics(stream, shape, p, labels, metrics);
    engine.softmaxBprop(stream, shape, p, labels, 0.25f, dlogits);

    Buffer fusedP = buffer(33);
    Buffer fusedMetrics = buffer(9);
    Buffer fusedDlogits = buffer(33);
    engine.softmaxLoss(stream, shape, logits, labels, 0.25f, fusedP, fusedMetrics, fusedDlogits);
    assertArrayEquals(floats(p), floats(fusedP), TOLERANCE);
    assertArrayEquals(floats(metrics), floats(fusedMetrics), TOLERANCE);
    assertArrayEquals(floats(dlogits), floats(fusedDlogits), TOLERANCE);

    engine.softmaxLoss(stream, shape, logits, labels, 0.25f, logits, fusedMetrics, null);
    assertArrayEquals(floats(fusedP), floats(logits), "without a gradient, in place");
  }

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "cpu:0"})
  void addMasks(String id) {
    open(id);
    Buffer a = filled(5);
    Buffer b = filled(5);
    Buffer mask = buffer(5);
    mask.copyIn(stream, new float[] {1, 0, -1, 2, -0f});
    Buffer y = buffer(5);
    engine.add(stream, 5, a, b, null, y);
    float[] sum = floats(y);
    engine.add(stream, 5, a, b, mask, y);
    assertArrayEquals(new float[] {sum[0], 0, 0, sum[3], 0}, floats(y));
  }

  @Test
  void lrnPoolRefusesShapesThatDoNotFit() {
    PoolShape average = new PoolShape(2, 7, 6, 8, 3, 2, PoolShape.Mode.AVERAGE, PoolShape.Ties.ALL);
    assertEquals(
        "lrn_pool pools with mode AVERAGE; allowed: MAX",
        assertThrows(IllegalArgumentException.class, () -> new LrnPoolShape(LRN, average, true))
            .getMessage());
    LrnShape other = new LrnShape(2, 7, 6, 9, 5, 2f, 0.1f, 0.75f);
    assertThrows(IllegalArgumentException.class, () -> new LrnPoolShape(other, POOL, true));
  }
}
