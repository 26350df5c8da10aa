package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import java.awt.image.BufferedImage;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ONNX Runtime computes from an exported model what our kernels compute from the checkpoint. */
class OnnxRuntimeTest {
  /** Other orders of sums of up to some thousand products; seen: 3e-7. */
  private static final double TOLERANCE = 1e-5;

  private static final long STACK_BYTES = 32L << 20;

  @TempDir Path folder;

  /**
   * Windows past the image, normalisation in each tower (paper-2012) and across both (caffenet,
   * behind the pooling), dropout that keeps 0.8 (demo), one tower rounded down (torchvision),
   * average pooling, normalisation inside of maps (code-2012 and cifar10-18pct, with an alpha by
   * which it counts).
   */
  @ParameterizedTest
  @CsvSource({
    "paper-2012, 0.1, true, network.mean=pixel",
    "paper-2012, 0.1, false, network.mean=channel",
    "demo, 1, true, network.mean=pixel",
    "caffenet, 0.1, true, network.mean=channel",
    "torchvision, 0.2, true, network.mean=channel",
    "paper-2012, 0.1, true, network.layers.pool5.mode=average",
    "code-2012, 0.1, true, network.layers.cnorm2.alpha=0.01",
    "cifar10-18pct, 1, true, network.layers.rnorm1.alpha=0.001",
  })
  void sameProbabilities(String preset, double width, boolean withMean, String setting)
      throws Throwable {
    onLargeStack(() -> compare(preset, width, withMean, setting));
  }

  /**
   * The model that takes pictures as they are stored: their centre, one image or three numbers
   * less, where nothing is cut off too.
   */
  @ParameterizedTest
  @CsvSource({
    "paper-2012, 0.1, network.mean=pixel, network.source=256",
    "paper-2012, 0.1, network.mean=pixel-centre, network.source=233",
    "caffenet, 0.1, network.mean=channel, network.source=227",
  })
  void pictures(String preset, double width, String mean, String source) throws Throwable {
    onLargeStack(
        () -> {
          Path start =
              RoundTripTest.checkpoint(
                  folder.resolve("s.safetensors"), preset, width, mean, source);
          Path model = folder.resolve("m.onnx");
          Cli cli =
              Cli.run(
                  "export",
                  "--weights",
                  start + "",
                  "--to",
                  "onnx",
                  "--input",
                  "uint8",
                  "--out",
                  model + "");
          assertEquals(0, cli.code(), cli.err());
          comparePictures(start, model);
          Path back = folder.resolve("back.safetensors");
          Cli in = Cli.run("import", model + "", "--out", back + "");
          assertEquals(0, in.code(), in.err());
          RoundTripTest.assertSameValues(start, back);
        });
  }

  /** Two pictures in one batch, so that no axis is taken for another one. */
  private void comparePictures(Path start, Path model) throws Exception {
    try (Network network = Network.open(start);
        OrtSession.SessionOptions quiet = new OrtSession.SessionOptions();
        OrtSession session = session(model, quiet)) {
      int side = network.configuration().network().sourceSize();
      ByteBuffer pixels = ByteBuffer.allocateDirect(2 * side * side * 3);
      List<List<Predictor.Guess>> expected = new ArrayList<>();
      for (int n = 0; n < 2; n++) {
        BufferedImage image = SmallNetworks.picture(11 + n).getSubimage(0, 0, side, side);
        for (int i = 0; i < side * side; i++) {
          int rgb = image.getRGB(i % side, i / side);
          pixels.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
        }
        expected.add(network.predictor(Views.CENTRE).predict(image));
      }
      long[] shape = {2, side, side, 3};
      try (OnnxTensor input =
              OnnxTensor.createTensor(
                  OrtEnvironment.getEnvironment(), pixels.flip(), shape, OnnxJavaType.UINT8);
          OrtSession.Result result = session.run(Map.of("image", input))) {
        float[][] rows = (float[][]) result.get("probabilities").orElseThrow().getValue();
        for (int n = 0; n < 2; n++) {
          assertTrue(expected.get(n).get(0).probability() < 0.999, expected.toString());
          for (Predictor.Guess guess : expected.get(n)) {
            int label = guess.name().charAt(guess.name().length() - 2) - '0';
            assertEquals(guess.probability(), rows[n][label], TOLERANCE, guess.name());
          }
        }
      }
    }
  }

  private void compare(String preset, double width, boolean withMean, String setting)
      throws Exception {
    Path start = RoundTripTest.checkpoint(folder.resolve("s.safetensors"), preset, width, setting);
    Path model = folder.resolve("m.onnx");
    String[] words = {
      "export", "--weights", start.toString(), "--to", "onnx", "--out", model.toString()
    };
    String[] all = Arrays.copyOf(words, words.length + (withMean ? 1 : 0));
    if (withMean) {
      all[words.length] = "--with-mean";
    }
    Cli cli = Cli.run(all);
    assertEquals(0, cli.code(), cli.err());

    try (Network network = Network.open(start);
        OrtSession.SessionOptions quiet = new OrtSession.SessionOptions();
        OrtSession session = session(model, quiet)) {
      int side = network.configuration().network().inputSize();
      BufferedImage picture = SmallNetworks.picture(11);
      int source = network.configuration().network().sourceSize(); // so that it is not resized
      int edge = (picture.getWidth() - source) / 2;
      BufferedImage image = picture.getSubimage(edge, edge, source, source);
      double[] mean = new double[3];
      if (!withMean) { // of the same random numbers as the checkpoint's
        try (Safetensors open = Safetensors.open(start)) {
          for (int c = 0; c < 3; c++) {
            mean[c] = open.floats("mean").get(c);
          }
        }
      }
      double[] x = SmallNetworks.middle(picture, side, false, 1, mean, new double[] {1, 1, 1});
      float[] probabilities = run(session, x, side);
      List<Predictor.Guess> guesses = network.predictor(Views.CENTRE).predict(image);
      assertTrue(guesses.get(0).probability() < 0.999, guesses.toString());
      assertTrue(guesses.get(0).probability() > 0.25, guesses.toString());
      for (Predictor.Guess guess : guesses) {
        int label = guess.name().charAt(guess.name().length() - 2) - '0';
        assertEquals(guess.probability(), probabilities[label], TOLERANCE, guess.name());
      }
    }
  }

  /**
   * ONNX Runtime was seen to end the process with a segmentation fault on threads with Java's 1 MiB
   * of stack, and not on larger ones.
   */
  private static void onLargeStack(Executable body) throws Throwable {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread =
        new Thread(
            null,
            () -> {
              try {
                body.execute();
              } catch (Throwable e) { // told to the test's own thread
                thrown.set(e);
              }
            },
            "onnx",
            STACK_BYTES);
    thread.start();
    thread.join();
    if (thrown.get() != null) {
      throw thrown.get();
    }
  }

  /** Without its warning about the mean, which a graph that is fed without it does not read. */
  private static OrtSession session(Path model, OrtSession.SessionOptions options)
      throws Exception {
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    return OrtEnvironment.getEnvironment().createSession(model.toString(), options);
  }

  private static float[] run(OrtSession session, double[] x, int side) throws Exception {
    float[] values = new float[x.length];
    for (int i = 0; i < x.length; i++) {
      values[i] = (float) x[i];
    }
    try (OnnxTensor input =
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                FloatBuffer.wrap(values),
                new long[] {1, 3, side, side});
        OrtSession.Result result = session.run(Map.of("image", input))) {
      return ((float[][]) result.get("probabilities").orElseThrow().getValue())[0];
    }
  }
}
