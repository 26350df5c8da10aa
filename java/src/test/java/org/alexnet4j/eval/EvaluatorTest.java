package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.shape.SoftmaxShape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Evaluation in Java and the metrics kernel of training count the same, ties and NaN included. */
class EvaluatorTest {
  private static final int ROWS = 40;

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 5, 10, 1000})
  void sharesAndLossAreThoseOfTheKernel(int classes) {
    float[] probabilities = new float[ROWS * classes];
    int[] labels = new int[ROWS];
    Random random = new Random(classes);
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = (1 + random.nextInt(8)) / 8f; // few values: many ties
    }
    for (int i = 0; i < ROWS; i++) {
      labels[i] = random.nextInt(classes);
    }
    probabilities[labels[0]] = Float.NaN;
    float[] metrics = kernel(classes, probabilities, labels);
    assertTrue(Double.isNaN(Evaluator.share(row(probabilities, 0, classes), labels[0], 1)));
    for (int i = 0; i < ROWS; i++) {
      float[] row = row(probabilities, i, classes);
      assertEquals(metrics[3 * i], -Math.log(row[labels[i]]), 1e-6);
      assertEquals(metrics[3 * i + 1], Evaluator.share(row, labels[i], 1), 1e-6);
      assertEquals(metrics[3 * i + 2], Evaluator.share(row, labels[i], Math.min(5, classes)), 1e-6);
    }
  }

  private static float[] row(float[] values, int row, int width) {
    float[] result = new float[width];
    System.arraycopy(values, row * width, result, 0, width);
    return result;
  }

  private static float[] kernel(int classes, float[] probabilities, int[] labels) {
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Stream stream = device.newStream();
        Engine engine = Engines.open(device, 1);
        Arena arena = device.newArena(Arena.Memory.DEVICE, 1 << 20);
        Buffer p = arena.buffer(0, 4L * probabilities.length);
        Buffer l = arena.buffer(1 << 19, 4L * labels.length);
        Buffer m = arena.buffer(3 << 18, 12L * labels.length)) {
      p.copyIn(stream, probabilities);
      l.copyIn(stream, labels);
      engine.softmaxMetrics(stream, new SoftmaxShape(labels.length, classes), p, l, m);
      return m.floats(stream, 3 * labels.length);
    }
  }
}
