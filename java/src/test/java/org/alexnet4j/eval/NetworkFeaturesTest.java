package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Java program that learns from what a layer makes of pictures. */
class NetworkFeaturesTest {
  private static final Network.Options LAYERS = Network.Options.DEFAULT.withBatch(2).withLayers();
  private static final int CLASSES = 10;
  private static final double KEPT = 0.5;

  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "2", "--inspect", "0");
    run = folder.resolve("run");
  }

  @AfterEach
  void nothingIsLeftOnDevices() {
    assertEquals(0, Devices.liveHandles());
  }

  private static BufferedImage picture(int seed) {
    BufferedImage image = new BufferedImage(50, 40, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 2000; i++) {
      image.setRGB(i % 50, i / 50, (i * (7919 + seed)) & 0xffffff);
    }
    return image;
  }

  /** From the last hidden layer on, in plain loops: its units lead to the probabilities. */
  @Test
  void lastHiddenLayerLeadsToTheProbabilities() throws IOException {
    Path file = folder.resolve("p.png");
    ImageIO.write(picture(3), "png", file.toFile());
    try (Network network = Network.open(run, LAYERS);
        Safetensors weights = Safetensors.open(new RunFolder(run).latest().orElseThrow())) {
      float[] hidden = network.features(null).of(file);
      assertEquals("relu3", network.features(null).layer());
      assertArrayEquals(hidden, network.features("relu3").of(picture(3)));
      FloatBuffer w = weights.floats("fc4.weight");
      FloatBuffer b = weights.floats("fc4.bias");
      double[] exp = new double[CLASSES];
      double sum = 0;
      for (int c = 0; c < CLASSES; c++) {
        double z = b.get(c);
        for (int i = 0; i < hidden.length; i++) {
          z += KEPT * w.get(c * hidden.length + i) * hidden[i];
        }
        exp[c] = Math.exp(z);
        sum += exp[c];
      }
      for (Predictor.Guess guess : network.predict(file)) {
        int c = network.classes().indexOf(guess.name());
        assertEquals(exp[c] / sum, guess.probability(), 1e-6, guess.name());
      }
    }
  }

  /** Names of others lead to the same layers, and only to layers. */
  @Test
  void namesOfOthers() throws IOException {
    try (Network network = Network.open(run, LAYERS)) {
      BufferedImage picture = picture(5);
      String[][] pairs = {
        {"features.1", "relu1"}, {"lrn1", "norm1"}, {"classifier.0", "fc3"}, {"prob", "softmax"}
      };
      for (String[] pair : pairs) {
        Features features = network.features(pair[0]);
        assertEquals(pair[1], features.layer());
        assertArrayEquals(network.features(pair[1]).of(picture), features.of(picture), pair[0]);
      }
      float[] input = network.features("data").of(picture);
      assertEquals(28 * 28 * 3, input.length);
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> network.features("features.9"));
      assertTrue(
          e.getMessage().contains("no layer 'features.9'; allowed: input, conv1"), e.getMessage());
      assertTrue(e.getMessage().contains("also features.0 to features.5, cl"), e.getMessage());
      Path none = folder.resolve("none.png");
      assertThrows(DataException.class, () -> network.features("relu1").of(none));
      Path damaged = Files.writeString(folder.resolve("damaged.png"), "no picture");
      assertThrows(DataException.class, () -> network.features("relu1").of(damaged));
    }
  }

  @Test
  void aNetworkWithoutLayersOrClosedSaysSo() throws IOException {
    try (Network network = Network.open(run)) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> network.features("relu1"));
      assertTrue(e.getMessage().contains("withLayers()"), e.getMessage());
    }
    Network network = Network.open(run, LAYERS);
    Features features = network.features("relu1");
    network.close();
    assertThrows(IllegalStateException.class, () -> features.of(picture(1)));
  }

  /** Each thread gets the features of its picture, also while others predict. */
  @Test
  void manyThreads() throws Exception {
    try (Network network = Network.open(run, LAYERS)) {
      List<float[]> alone = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        alone.add(network.features("pool1").of(picture(i)));
      }
      ExecutorService threads = Executors.newFixedThreadPool(4);
      try {
        List<Future<float[]>> together = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
          int picture = i % 4;
          together.add(
              threads.submit(
                  () -> {
                    network.predictor(Views.CENTRE).predict(picture(picture + 1));
                    return network.features("pool1").of(picture(picture));
                  }));
        }
        for (int i = 0; i < 40; i++) {
          assertArrayEquals(alone.get(i % 4), together.get(i).get());
        }
      } finally {
        threads.shutdown();
      }
    }
  }
}
