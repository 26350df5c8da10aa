package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The two towers against one network as the world writes it: grouped convolutions, channels before
 * pixels, weights in the order of weights files, all in double precision and in plain loops.
 */
class WholeNetworkTest {
  /** Sums of up to 1,152 products in float, through eight layers. */
  private static final double TOLERANCE = 1e-5;

  private static final String ACTIVATIONS = "activations.safetensors";

  private final Map<String, float[]> weights = new HashMap<>();

  @TempDir Path folder;

  /** One image's plane, {@code [c][h][w]}. */
  private record Plane(int c, int h, int w, double[] values) {
    double at(int channel, int row, int column) {
      boolean inside = row >= 0 && row < h && column >= 0 && column < w;
      return inside ? values[(channel * h + row) * w + column] : 0;
    }
  }

  private Plane conv(Plane x, String name, int k, int kernel, int stride, int pad, int groups) {
    int p = 1 + (x.h + 2 * pad - kernel + stride - 1) / stride;
    return conv(x, name, k, p, kernel, stride, pad, groups);
  }

  /** With {@code p} windows along each side. */
  private Plane conv(
      Plane x, String name, int k, int p, int kernel, int stride, int pad, int groups) {
    int perGroup = x.c / groups;
    float[] w = weights.get(name + ".weight");
    float[] b = weights.get(name + ".bias");
    double[] y = new double[k * p * p];
    for (int f = 0; f < k; f++) {
      int first = f / (k / groups) * perGroup;
      for (int i = 0; i < p * p; i++) {
        double sum = b[f];
        for (int c = 0; c < perGroup; c++) {
          for (int rs = 0; rs < kernel * kernel; rs++) {
            int row = i / p * stride - pad + rs / kernel;
            int column = i % p * stride - pad + rs % kernel;
            sum += x.at(first + c, row, column) * w[(f * perGroup + c) * kernel * kernel + rs];
          }
        }
        y[f * p * p + i] = sum;
      }
    }
    return new Plane(k, p, p, y);
  }

  private Plane fc(Plane x, String name, int k) {
    float[] w = weights.get(name + ".weight");
    float[] b = weights.get(name + ".bias");
    int inputs = x.values.length;
    double[] y = new double[k];
    for (int f = 0; f < k; f++) {
      y[f] = b[f];
      for (int i = 0; i < inputs; i++) {
        y[f] += x.values[i] * w[f * inputs + i];
      }
    }
    return new Plane(k, 1, 1, y);
  }

  private static Plane relu(Plane x) {
    double[] y = new double[x.values.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(0, x.values[i]);
    }
    return new Plane(x.c, x.h, x.w, y);
  }

  private static Plane halved(Plane x) {
    double[] y = new double[x.values.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x.values[i] / 2;
    }
    return new Plane(x.c, x.h, x.w, y);
  }

  /** The paper's constants, windows that stay inside their half of the maps. */
  private static Plane lrn(Plane x) {
    return lrn(x, x.c / 2, 2, 1e-4);
  }

  /** Caffe's, over all maps. */
  private static Plane caffeLrn(Plane x) {
    return lrn(x, x.c, 1, 1e-4 / 5);
  }

  /** Windows of five maps that stay inside their {@code half} of the maps. */
  private static Plane lrn(Plane x, int half, double k, double alpha) {
    int pixels = x.h * x.w;
    double[] y = new double[x.values.length];
    for (int i = 0; i < y.length; i++) {
      int c = i / pixels;
      int low = Math.max(c / half * half, c - 2);
      int high = Math.min(c / half * half + half - 1, c + 2);
      double sum = 0;
      for (int j = low; j <= high; j++) {
        sum += Math.pow(x.values[j * pixels + i % pixels], 2);
      }
      y[i] = x.values[i] * Math.pow(k + alpha * sum, -0.75);
    }
    return new Plane(x.c, x.h, x.w, y);
  }

  private static Plane pool(Plane x) {
    int p = 1 + (x.h - 3 + 1) / 2;
    double[] y = new double[x.c * p * p];
    for (int i = 0; i < y.length; i++) {
      int row = i / p % p * 2;
      int column = i % p * 2;
      y[i] = Double.NEGATIVE_INFINITY;
      for (int r = row; r < Math.min(row + 3, x.h); r++) {
        for (int s = column; s < Math.min(column + 3, x.w); s++) {
          y[i] = Math.max(y[i], x.at(i / (p * p), r, s));
        }
      }
    }
    return new Plane(x.c, p, p, y);
  }

  /** What follows a convolution and its rectifier in each network. */
  private static Plane normalised(String preset, Plane x) {
    return switch (preset) {
      case "caffe-alexnet" -> pool(caffeLrn(x));
      case "caffenet" -> caffeLrn(pool(x));
      default -> pool(lrn(x));
    };
  }

  private Map<String, Plane> forward(String preset, Plane input) {
    Map<String, Plane> all = new HashMap<>();
    Plane conv1 = conv(input, "conv1", 16, 11, 4, 0, 1);
    Plane pool1 = normalised(preset, relu(conv1));
    Plane conv2 = conv(pool1, "conv2", 32, 5, 1, 2, 2);
    Plane pool2 = normalised(preset, relu(conv2));
    Plane conv3 = conv(pool2, "conv3", 48, 3, 1, 1, 1);
    Plane conv4 = conv(relu(conv3), "conv4", 48, 3, 1, 1, 2);
    Plane conv5 = conv(relu(conv4), "conv5", 32, 3, 1, 1, 2);
    Plane pool5 = pool(relu(conv5));
    Plane fc6 = fc(pool5, "fc6", 512);
    Plane fc7 = fc(halved(relu(fc6)), "fc7", 512);
    all.put("conv1", conv1);
    boolean last = preset.equals("caffenet");
    all.put(last ? "lrn1" : "pool1", pool1);
    all.put("conv2", conv2);
    all.put(last ? "lrn2" : "pool2", pool2);
    all.put("conv3", conv3);
    all.put("conv4", conv4);
    all.put("conv5", conv5);
    all.put("pool5", pool5);
    all.put("fc6", fc6);
    all.put("fc7", fc7);
    all.put("fc8", fc(halved(relu(fc7)), "fc8", 10));
    return all;
  }

  /** One tower, 8 to 48 maps. */
  private Map<String, Plane> torchvision(Plane input) {
    Map<String, Plane> all = new HashMap<>();
    all.put("conv1", conv(input, "conv1", 8, 55, 11, 4, 2, 1));
    Plane pool1 = pool(relu(all.get("conv1")));
    all.put("conv2", conv(pool1, "conv2", 24, 5, 1, 2, 1));
    Plane pool2 = pool(relu(all.get("conv2")));
    all.put("conv3", conv(pool2, "conv3", 48, 3, 1, 1, 1));
    all.put("conv4", conv(relu(all.get("conv3")), "conv4", 32, 3, 1, 1, 1));
    all.put("conv5", conv(relu(all.get("conv4")), "conv5", 32, 3, 1, 1, 1));
    all.put("pool5", pool(relu(all.get("conv5"))));
    all.put("fc6", fc(halved(all.get("pool5")), "fc6", 512));
    all.put("fc7", fc(halved(relu(all.get("fc6"))), "fc7", 512));
    all.put("fc8", fc(relu(all.get("fc7")), "fc8", 10));
    return all;
  }

  @ParameterizedTest
  @CsvSource({
    "paper-small-sets, 224, cpu:0",
    "paper-small-sets, 227, cpu:0",
    "paper-small-sets, 224, emu:0",
    "caffe-alexnet, 227, 'cpu:0,cpu:1'",
    "caffenet, 227, cpu:0",
    "caffenet, 227, 'emu:0,emu:1'",
    "torchvision, 224, cpu:0",
    "torchvision, 224, emu:0"
  })
  void towersComputeTheNetworkOfTheWorld(String preset, int size, String devices) throws Exception {
    Map<String, Plane> expected = compute(preset, size, devices, Precision.FP32);
    try (Safetensors file = Safetensors.open(folder.resolve(ACTIVATIONS))) {
      for (Map.Entry<String, Plane> entry : expected.entrySet()) {
        compare(entry.getKey(), entry.getValue(), file.floats(entry.getKey()));
      }
    }
  }

  /** Rounding moves the activations, by less than a few of its last places each. */
  @ParameterizedTest
  @CsvSource({
    "paper-small-sets, cpu:0, TF32, 5e-5, 2e-3",
    "paper-small-sets, 'emu:0,emu:1', TF32, 5e-5, 2e-3",
    "torchvision, cpu:0, TF32, 5e-5, 2e-3",
    "paper-small-sets, cpu:0, BF16, 5e-4, 2e-2",
    "paper-small-sets, 'emu:0,emu:1', BF16, 5e-4, 2e-2",
    "torchvision, cpu:0, BF16, 5e-4, 2e-2",
    "paper-small-sets, cpu:0, TF32X3, 1e-8, 2e-6",
    "paper-small-sets, 'emu:0,emu:1', TF32X3, 1e-8, 2e-6"
  })
  void roundingStaysNearIt(
      String preset, String devices, Precision precision, double least, double most)
      throws Exception {
    Map<String, Plane> expected = compute(preset, 224, devices, precision);
    try (Safetensors file = Safetensors.open(folder.resolve(ACTIVATIONS))) {
      for (Map.Entry<String, Plane> entry : expected.entrySet()) {
        double error = relativeError(entry.getValue(), file.floats(entry.getKey()));
        assertTrue(error < most, () -> entry.getKey() + " is off by " + error);
        assertTrue(error > least, () -> entry.getKey() + " is not rounded: off by " + error);
      }
    }
  }

  /** Returns the length of the difference over that of what is expected. */
  private static double relativeError(Plane expected, FloatBuffer actual) {
    int pixels = expected.h * expected.w;
    double difference = 0;
    double length = 0;
    for (int i = 0; i < expected.values.length; i++) {
      double value = expected.values[i];
      difference += Math.pow(value - actual.get(i % pixels * expected.c + i / pixels), 2);
      length += value * value;
    }
    return Math.sqrt(difference / length);
  }

  /** Writes what towers make of an image, and returns what plain loops do. */
  private Map<String, Plane> compute(String preset, int size, String devices, Precision precision)
      throws Exception {
    NetworkSpec full = ConfigReader.preset(preset).network();
    NetworkSpec network = full.scaled(0.125).withClasses(10).withInputSize(size);
    Plan plan =
        Planner.plan(network, 1, Purpose.INSPECT, Mean.CHANNEL, 1).in(Arithmetic.of(precision));
    Random random = new Random(8);
    float[] pixels = new float[size * size * 3];
    double[] planes = new double[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() * 200 - 100;
      planes[i % 3 * size * size + i / 3] = pixels[i];
    }
    Path path = folder.resolve(ACTIVATIONS);
    try (Towers towers = Towers.create(plan, Devices.choose(devices, network.towers()).ids())) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec tensor : store.tensors()) {
        write(store, tensor, random);
      }
      towers.loadInput(pixels, new int[] {4});
      ActivationFile.write(path, towers, towers.inspect(new StepSettings(0, 0, 0, 0), false));
    }
    Plane input = new Plane(3, size, size, planes);
    return preset.equals("torchvision") ? torchvision(input) : forward(preset, input);
  }

  private void write(ParameterStore store, TensorSpec tensor, Random random) throws Exception {
    int row = tensor.rowCount();
    double sigma =
        tensor.name().equals("conv1.weight") ? 0.01 : 1.2 / Math.sqrt(Math.max(row, 100));
    float[] values = new float[(int) tensor.count()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * sigma);
    }
    weights.put(tensor.name(), values);
    store.write(
        tensor,
        Role.VALUE,
        (first, rows, to) -> System.arraycopy(values, first * row, to, 0, rows * row));
  }

  private static void compare(String name, Plane expected, FloatBuffer actual) {
    double largest = 0;
    for (double value : expected.values) {
      largest = Math.max(largest, Math.abs(value));
    }
    int pixels = expected.h * expected.w;
    for (int i = 0; i < expected.values.length; i++) {
      int inFile = i % pixels * expected.c + i / pixels;
      assertEquals(
          expected.values[i], actual.get(inFile), TOLERANCE * largest, name + " value " + i);
    }
  }
}
