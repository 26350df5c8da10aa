package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The paper's network and its relatives, at a sixteenth of their width, really train. */
class PresetTowersTest {
  private static final int BATCH = 4;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "paper-2012",
        "code-2012",
        "one-gpu-2012",
        "columns-2012",
        "four-towers-2012",
        "caffenet",
        "torchvision"
      })
  void itLearnsABatchWhereverItsTowersAre(String preset) throws IOException {
    NetworkSpec network =
        ConfigReader.preset(preset)
            .network()
            .scaled(preset.equals("caffenet") ? 1 / 12.0 : 1 / 16.0)
            .withClasses(4)
            .withLayers(PresetTowersTest::narrow);
    String apart =
        IntStream.range(0, network.towers())
            .mapToObj(t -> "cpu:" + t)
            .collect(Collectors.joining(","));
    List<Double> losses = losses(network, apart);
    assertEquals(losses, losses(network, "cpu:0"));
    assertTrue(losses.get(losses.size() - 1) < 0.95 * losses.get(0), losses::toString);
  }

  /** A narrow layer sums fewer products, so its weights start wider; see the preset demo. */
  private static LayerSpec narrow(LayerSpec layer) {
    if (layer instanceof Conv c) {
      boolean first = c.name().equals("conv1");
      Parameters start = new Parameters(first ? 0.005f : 0.07f, 0.1f, first ? 0.1f : 1, 1, 0);
      return new Conv(
          c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), c.rounding(), c.reads(), start);
    }
    if (layer instanceof Fc f) {
      Parameters start = new Parameters(0.05f, 0.1f, 1, 1, 0);
      return new Fc(f.name(), f.units(), f.firstTowerOnly(), f.reads(), start);
    }
    return layer instanceof Dropout d ? new Dropout(d.name(), 0.9f) : layer;
  }

  private static List<Double> losses(NetworkSpec network, String devices) throws IOException {
    Plan plan = Planner.plan(network, BATCH, Purpose.TRAIN, Mean.CHANNEL, 3);
    try (Towers towers = Towers.create(plan, Devices.choose(devices, network.towers()).ids())) {
      Initializer.initialize(new ParameterStore(towers), 3, true);
      towers.mean(new float[] {128, 128, 128});
      byte[] pixels = new byte[BATCH * 256 * 256 * 3];
      new Random(1).nextBytes(pixels);
      ByteBuffer images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
      int[] labels = {0, 1, 2, 3};
      List<Double> losses = new ArrayList<>();
      towers.load(BATCH, images, new int[3 * BATCH], null, labels);
      losses.add(towers.evaluate().loss());
      for (int step = 0; step < 16; step++) {
        towers.load(BATCH, images, new int[3 * BATCH], null, labels);
        losses.add(towers.step(new StepSettings(step, 5e-4f, 5e-4f, 0.9f)).loss());
      }
      losses.add(towers.evaluate().loss());
      return losses;
    }
  }
}
