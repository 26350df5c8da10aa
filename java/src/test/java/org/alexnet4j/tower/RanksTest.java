package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.LocalRanks;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several ranks, as threads, do what one process does, to the bit. */
class RanksTest {
  private static final int BATCH = 16;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** What a training left, as one rank sees it. */
  private record Trace(List<StepResult> steps, List<float[]> values) {
    void assertSame(Trace other, String what) {
      assertEquals(steps, other.steps, what);
      assertEquals(values.size(), other.values.size(), what);
      for (int i = 0; i < values.size(); i++) {
        assertArrayEquals(values.get(i), other.values.get(i), what + ", values " + i);
      }
    }
  }

  /** The small network, with dropout in its convolutional part as well. */
  static NetworkSpec network(int towers, int classes) {
    NetworkSpec small = SmallNetwork.small(towers).withClasses(classes);
    List<LayerSpec> layers = new ArrayList<>(small.layers());
    layers.add(7, new Dropout("drop2", 0.5f));
    return new NetworkSpec(
        "ranked", towers, small.inputSize(), small.sourceSize(), ImmutableList.copyOf(layers));
  }

  /** Trains with some ranks; returns what each of them sees. */
  static List<?> train(
      NetworkSpec network, int batch, Slicing slicing, String devices, int ranks, int steps)
      throws Exception {
    return train(network, batch, slicing, devices, ranks, RankWay.AUTO, Arithmetic.DEFAULT, steps);
  }

  /** The same with a way from device to device. */
  static List<?> train(
      NetworkSpec network,
      int batch,
      Slicing slicing,
      String devices,
      int ranks,
      RankWay way,
      int steps)
      throws Exception {
    return train(network, batch, slicing, devices, ranks, way, Arithmetic.DEFAULT, steps);
  }

  /** The same in some arithmetic. */
  static List<?> train(
      NetworkSpec network,
      int batch,
      Slicing slicing,
      String devices,
      int ranks,
      RankWay way,
      Arithmetic arithmetic,
      int steps)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    try {
      List<Future<Trace>> running = new ArrayList<>();
      for (Ranks one : ranks == 1 ? ImmutableList.<Ranks>of() : LocalRanks.of(ranks, way)) {
        running.add(
            threads.submit(
                () -> {
                  try (one) {
                    return trainOne(network, batch, slicing, devices, one, arithmetic, steps);
                  }
                }));
      }
      if (ranks == 1) {
        return List.of(trainOne(network, batch, slicing, devices, null, arithmetic, steps));
      }
      List<Trace> traces = new ArrayList<>();
      for (Future<Trace> each : running) {
        traces.add(each.get());
      }
      return traces;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdownNow();
    }
  }

  private static Trace trainOne(
      NetworkSpec network,
      int batch,
      Slicing slicing,
      String devices,
      Ranks ranks,
      Arithmetic arithmetic,
      int steps)
      throws Exception {
    RankPart part = ranks == null ? RankPart.WHOLE : new RankPart(ranks.rank(), ranks.count());
    Plan plan =
        Planner.plan(network, batch, Purpose.TRAIN, Mean.PIXEL, 7, slicing, part).in(arithmetic);
    TowerOptions options = TowerOptions.DEFAULT.with(ranks);
    try (Towers towers =
        Towers.create(plan, Devices.choose(devices, network.towers()).ids(), options)) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 5, true);
      float[] mean = new float[3 * network.sourceSize() * network.sourceSize()];
      for (int i = 0; i < mean.length; i++) {
        mean[i] = 100 + i % 50;
      }
      towers.mean(mean);
      List<StepResult> results = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        load(towers, i, batch);
        results.add(towers.step(new StepSettings(i, 1e-3f, 2e-3f, 0.9f)));
      }
      load(towers, steps, batch - 3);
      results.add(towers.evaluate());
      List<float[]> values = new ArrayList<>();
      values.add(towers.probabilities());
      for (TensorSpec tensor : store.tensors()) {
        values.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
        values.add(SmallNetwork.tensor(store, tensor, Role.VELOCITY));
      }
      return new Trace(results, values);
    }
  }

  static void load(Towers towers, int step, int count) {
    Random random = new Random(step);
    Plan plan = towers.plan();
    NetworkSpec network = plan.spec();
    int each = network.sourceSize() * network.sourceSize() * 3;
    byte[] pixels = new byte[count * each];
    random.nextBytes(pixels);
    int[] crops = new int[3 * count];
    int[] labels = new int[count];
    float[] noise = new float[4 * count];
    for (int i = 0; i < count; i++) {
      int places = network.sourceSize() - network.inputSize() + 1;
      crops[3 * i] = random.nextInt(places);
      crops[3 * i + 1] = random.nextInt(places);
      crops[3 * i + 2] = random.nextInt(2);
      labels[i] = random.nextInt(network.classes());
      noise[4 * i] = (float) random.nextGaussian();
      noise[4 * i + 3] = 1;
    }
    int first = Math.min(count, plan.firstImage());
    int own = Math.min(count - first, plan.ownImages());
    ByteBuffer images = ByteBuffer.allocateDirect(own * each);
    images.put(pixels, first * each, own * each).flip();
    towers.load(count, images, crops, noise, labels);
  }

  static void assertSame(List<?> one, List<?> many, String what) {
    for (Object each : many) {
      ((Trace) one.get(0)).assertSame((Trace) each, what);
    }
  }

  /** Kept or computed again, on one device or two, on kernels of either kind. */
  @ParameterizedTest
  @CsvSource({
    "1, 2, cpu, 8",
    "2, 4, cpu, 10",
    "2, 8, cpu, 3",
    "3, 4, cpu, 8",
    "4, 2, cpu, 8",
    "2, 8, cpu, 1",
    "2, 4, emu, 7"
  })
  void howManyRanksDoesNotMatter(int towers, int slices, String kind, int classes)
      throws Exception {
    NetworkSpec network = network(towers, classes);
    Slicing kept = new Slicing(slices, false);
    List<?> alone = train(network, BATCH, kept, kind + ":0", 1, 3);
    StringBuilder apart = new StringBuilder(kind + ":0");
    for (int t = 1; t < towers; t++) {
      apart.append(',').append(kind).append(':').append(t % 2);
    }
    for (int ranks = 2; ranks <= slices; ranks *= 2) {
      String what = ranks + " ranks";
      assertSame(alone, train(network, BATCH, kept, kind + ":0", ranks, 3), what);
      Slicing again = new Slicing(slices, true);
      assertSame(alone, train(network, BATCH, again, apart.toString(), ranks, 3), what + " again");
    }
  }

  /** Networks that nobody chose, with some batch, on one device or one for each tower. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void randomNetworksLikewise(long seed) throws Exception {
    int slices = 4 << seed % 2;
    NetworkSpec network =
        RandomNetwork.of(seed)
            .withLayers(
                layer ->
                    layer instanceof Fc f && !f.firstTowerOnly()
                        ? f.withWidth((f.units() + slices - 1) / slices * slices)
                        : layer);
    int batch = slices * (1 + (int) (seed % 3));
    String apart =
        IntStream.range(0, network.towers())
            .mapToObj(t -> "cpu:" + t)
            .collect(Collectors.joining(","));
    List<?> alone = train(network, batch, new Slicing(slices, false), "cpu:0", 1, 2);
    for (int ranks = 2; ranks <= slices; ranks *= 2) {
      List<?> many = train(network, batch, new Slicing(slices, ranks == 4), apart, ranks, 2);
      assertSame(alone, many, ranks + " ranks of " + network);
    }
  }

  @Test
  void aNormalisationBehindBlocksIsRefused() {
    List<LayerSpec> layers = new ArrayList<>(network(1, 8).layers());
    int last = layers.size() - 2;
    layers.add(last, new Lrn("norm9", 3, 1, 1e-4f, 0.75f));
    NetworkSpec normed =
        new NetworkSpec(
            "normed",
            1,
            network(1, 8).inputSize(),
            network(1, 8).sourceSize(),
            ImmutableList.copyOf(layers));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> train(normed, BATCH, new Slicing(2, false), "cpu:0", 2, 1));
    assertTrue(e.getMessage().startsWith("layer norm9 lies behind"), e.getMessage());
  }

  @Test
  void moreRanksThanSlicesAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> train(network(2, 8), BATCH, new Slicing(2, false), "cpu:0", 4, 1));
    assertTrue(e.getMessage().contains("4 ranks for 2 slices"), e.getMessage());
  }
}
