package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What other frameworks do to a layer's input is start, rate and decay of its weights here: with an
 * input of {@code 1 / factor} of theirs, weights of {@code factor} times theirs stay that through
 * every update, as its gradient is {@code 1 / factor} of theirs.
 */
class OtherFrameworksTest {
  private static final double MOMENTUM = 0.9;

  /**
   * Factor, and deviation and decay there: Caffe's two models state them; torchvision's deviations
   * are those of numbers between plus and minus 1 / sqrt(inputs), its decay that of its example.
   */
  @ParameterizedTest
  @CsvSource({
    "caffe-alexnet, fc6, 1, 0.005, 0.0005",
    "caffe-alexnet, fc7, 2, 0.005, 0.0005",
    "caffe-alexnet, fc8, 2, 0.01, 0.0005",
    "caffenet, fc7, 2, 0.005, 0.0005",
    "caffenet, fc8, 2, 0.01, 0.0005",
    "torchvision, conv1, 0.0174292, 0.0303030, 0.0001", // 1 / (255 * 0.225); 3 * 11 * 11 inputs
    "torchvision, conv2, 1, 0.0144338, 0.0001",
    "torchvision, fc6, 2, 0.0060141, 0.0001",
    "torchvision, fc7, 2, 0.0090211, 0.0001",
    "torchvision, fc8, 1, 0.0090211, 0.0001",
  })
  void weightsKeepTheirRatio(
      String preset, String layer, double factor, double sigma, double decay) {
    Configuration configuration = ConfigReader.preset(preset);
    Parameters here =
        configuration.network().layers().stream()
            .filter(l -> l.name().equals(layer))
            .map(l -> ((Weighted) l).parameters())
            .findFirst()
            .orElseThrow();
    assertEquals(factor * sigma, here.sigma(), 1e-4 * factor * sigma);
    double rate = configuration.training().rate();
    Random random = new Random(1);
    double theirs = 0.02;
    double velocity = 0;
    double ours = factor * theirs;
    double ourVelocity = 0;
    for (int step = 0; step < 100; step++) {
      double gradient = random.nextGaussian();
      velocity = MOMENTUM * velocity - rate * (decay * theirs + gradient);
      theirs += velocity;
      double ourRate = rate * here.weightRate();
      ourVelocity = MOMENTUM * ourVelocity - ourRate * (here.decay() * ours + gradient / factor);
      ours += ourVelocity;
      assertEquals(factor * theirs, ours, 1e-3 * factor, "step " + step);
    }
  }
}
