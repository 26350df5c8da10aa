package org.alexnet4j.foreign;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;

/** AlexNets of other frameworks with few maps, as files, and what they say of a picture. */
final class SmallNetworks {
  private static final int SIDE = 256;

  private SmallNetworks() {}

  /** Random values that keep activations about as large as what comes in. */
  private static Array weights(Random random, double gain, long... shape) {
    int inputs = 1;
    for (int axis = 1; axis < shape.length; axis++) {
      inputs *= (int) shape[axis];
    }
    float[] values = new float[(int) shape[0] * inputs];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * gain * Math.sqrt(2.0 / inputs));
    }
    return Array.of(values, shape);
  }

  private static Array biases(Random random, double size, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * size);
    }
    return Array.of(values, count);
  }

  private static void layer(
      Map<String, Array> all, Random random, String name, double size, long... shape) {
    all.put(name + ".weight", weights(random, 1, shape));
    all.put(name + ".bias", biases(random, size, (int) shape[0]));
  }

  /** torchvision's alexnet by its names, 8 to 24 maps. */
  static Map<String, Array> torchvision(long seed) {
    Random random = new Random(seed);
    Map<String, Array> all = new LinkedHashMap<>();
    layer(all, random, "features.0", 0.1, 8, 3, 11, 11);
    layer(all, random, "features.3", 0.1, 16, 8, 5, 5);
    layer(all, random, "features.6", 0.1, 24, 16, 3, 3);
    layer(all, random, "features.8", 0.1, 16, 24, 3, 3);
    layer(all, random, "features.10", 0.1, 12, 16, 3, 3);
    layer(all, random, "classifier.1", 0.1, 32, 12 * 6 * 6);
    layer(all, random, "classifier.4", 0.1, 24, 32);
    layer(all, random, "classifier.6", 0.1, 5, 24);
    return all;
  }

  /** CaffeNet with all its maps, 96 to 384, but few units. */
  static Map<String, Array> wideCaffeNet(long seed) {
    return caffeNet(seed, 96, 256, 384, 384, 256, 64);
  }

  /** CaffeNet in two groups, 16 to 24 maps. */
  static Map<String, Array> caffeNet(long seed) {
    return caffeNet(seed, 16, 16, 24, 24, 16, 32);
  }

  private static Map<String, Array> caffeNet(
      long seed, int maps1, int maps2, int maps3, int maps4, int maps5, int units) {
    Random random = new Random(seed);
    Map<String, Array> all = new LinkedHashMap<>();
    layer(all, random, "conv1", 5, maps1, 3, 11, 11);
    layer(all, random, "conv2", 5, maps2, maps1 / 2, 5, 5);
    layer(all, random, "conv3", 1, maps3, maps2, 3, 3);
    layer(all, random, "conv4", 1, maps4, maps3 / 2, 3, 3);
    layer(all, random, "conv5", 1, maps5, maps4 / 2, 3, 3);
    layer(all, random, "fc6", 1, units, maps5 * 6 * 6);
    layer(all, random, "fc7", 1, 24, units);
    all.put("fc8.weight", weights(random, 0.02, 5, 24));
    all.put("fc8.bias", biases(random, 0.1, 5));
    return all;
  }

  /** CaffeNet's file, as Caffe of today or of 2013 writes it, with the mean if it is of today. */
  static Path caffeNetFile(Path file, boolean old, Map<String, Array> all, double alpha)
      throws IOException {
    Message net = new Message().text(1, "CaffeNet");
    int list = old ? 2 : 100;
    if (!old) {
      Message mean = new Message().real(5, 104).real(5, 117).real(5, 123);
      net.message(
          list, new Message().text(1, "data").text(2, "Input").text(4, "data").message(100, mean));
    }
    String[] order = {
      "conv1 relu1 pool1 norm1 conv2 relu2 pool2 norm2 conv3 relu3 conv4 relu4 conv5 relu5 pool5",
      " fc6 relu6 drop6 fc7 relu7 drop7 fc8 prob"
    };
    String from = "data";
    for (String name : String.join("", order).split(" ")) {
      net.message(list, caffeLayer(old, name, from, all, alpha));
      from = name;
    }
    return Files.write(file, net.toBytes());
  }

  private static Message caffeLayer(
      boolean old, String name, String from, Map<String, Array> all, double alpha) {
    Message p = new Message();
    String kind = name.replaceAll("[0-9]", "");
    Message layer =
        switch (kind) {
          case "conv" -> {
            int number = name.charAt(4) - '0';
            p.number(1, all.get(name + ".bias").shape()[0]);
            p.number(3, number == 1 ? 0 : number == 2 ? 2 : 1);
            p.number(4, number == 1 ? 11 : number == 2 ? 5 : 3);
            p.number(5, number == 1 || number == 3 ? 1 : 2);
            p.number(6, number == 1 ? 4 : 1);
            yield ForeignWriter.caffeLayer(old, name, "Convolution", 4, from, old ? 10 : 106, p);
          }
          case "fc" -> {
            p.number(1, all.get(name + ".bias").shape()[0]);
            yield ForeignWriter.caffeLayer(old, name, "InnerProduct", 14, from, old ? 17 : 117, p);
          }
          case "norm" -> {
            p.number(1, 5).real(2, (float) alpha).real(3, 0.75f);
            yield ForeignWriter.caffeLayer(old, name, "LRN", 15, from, old ? 18 : 118, p);
          }
          case "pool" -> {
            p.number(1, 0).number(2, 3).number(3, 2);
            yield ForeignWriter.caffeLayer(old, name, "Pooling", 17, from, old ? 19 : 121, p);
          }
          case "drop" -> {
            p.real(1, 0.5f);
            yield ForeignWriter.caffeLayer(old, name, "Dropout", 6, from, old ? 12 : 108, p);
          }
          case "relu" -> ForeignWriter.caffeLayer(old, name, "ReLU", 18, from, 0, null);
          default -> ForeignWriter.caffeLayer(old, name, "Softmax", 20, from, 0, null);
        };
    if (all.containsKey(name + ".weight")) {
      layer.message(old ? 6 : 7, ForeignWriter.blob(old, all.get(name + ".weight")));
      layer.message(old ? 6 : 7, ForeignWriter.blob(old, all.get(name + ".bias")));
    }
    return layer;
  }

  /** A picture whose channels have nothing in common. */
  static BufferedImage picture(long seed) {
    Random random = new Random(seed);
    BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        int red = Math.min(255, y / 2 + random.nextInt(128));
        int green = Math.min(255, x / 4 + random.nextInt(64));
        int blue = (x * 7 + y * 3) % 256;
        image.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return image;
  }

  static Path save(BufferedImage image, Path file) throws IOException {
    ImageIO.write(image, "png", file.toFile());
    return file;
  }

  /** The middle of a picture, [3][side][side], (pixel / divisor - mean) / deviation. */
  static double[] middle(
      BufferedImage image,
      int side,
      boolean bgr,
      double divisor,
      double[] mean,
      double[] deviation) {
    int from = (SIDE - side) / 2;
    double[] x = new double[3 * side * side];
    for (int c = 0; c < 3; c++) {
      int shift = bgr ? 8 * c : 16 - 8 * c;
      for (int row = 0; row < side; row++) {
        for (int column = 0; column < side; column++) {
          int pixel = image.getRGB(from + column, from + row) >> shift & 255;
          x[(c * side + row) * side + column] = (pixel / divisor - mean[c]) / deviation[c];
        }
      }
    }
    return x;
  }

  /** What torchvision's alexnet says of what it sees. */
  static double[] torchvisionSays(Map<String, Array> w, double[] x) {
    PlainNetwork net = new PlainNetwork(x, 3, 224);
    net.conv(w.get("features.0.weight"), w.get("features.0.bias"), 4, 2, 1).relu().pool(3, 2);
    net.conv(w.get("features.3.weight"), w.get("features.3.bias"), 1, 2, 1).relu().pool(3, 2);
    net.conv(w.get("features.6.weight"), w.get("features.6.bias"), 1, 1, 1).relu();
    net.conv(w.get("features.8.weight"), w.get("features.8.bias"), 1, 1, 1).relu();
    net.conv(w.get("features.10.weight"), w.get("features.10.bias"), 1, 1, 1).relu().pool(3, 2);
    net.fc(w.get("classifier.1.weight"), w.get("classifier.1.bias")).relu();
    net.fc(w.get("classifier.4.weight"), w.get("classifier.4.bias")).relu();
    return net.fc(w.get("classifier.6.weight"), w.get("classifier.6.bias")).softmax();
  }

  /** What CaffeNet says of what it sees. */
  static double[] caffeNetSays(Map<String, Array> w, double[] x) {
    PlainNetwork net = new PlainNetwork(x, 3, 227);
    net.conv(w.get("conv1.weight"), w.get("conv1.bias"), 4, 0, 1).relu();
    net.pool(3, 2).lrn(5, 1e-4, 0.75, 1);
    net.conv(w.get("conv2.weight"), w.get("conv2.bias"), 1, 2, 2).relu();
    net.pool(3, 2).lrn(5, 1e-4, 0.75, 1);
    net.conv(w.get("conv3.weight"), w.get("conv3.bias"), 1, 1, 1).relu();
    net.conv(w.get("conv4.weight"), w.get("conv4.bias"), 1, 1, 2).relu();
    net.conv(w.get("conv5.weight"), w.get("conv5.bias"), 1, 1, 2).relu().pool(3, 2);
    net.fc(w.get("fc6.weight"), w.get("fc6.bias")).relu();
    net.fc(w.get("fc7.weight"), w.get("fc7.bias")).relu();
    return net.fc(w.get("fc8.weight"), w.get("fc8.bias")).softmax();
  }
}
