package org.alexnet4j.misuse;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepMode;
import org.alexnet4j.tower.TowerOptions;
import org.alexnet4j.tower.Towers;

/** Towers of a tiny network, and right and wrong things to bring to them. */
final class MisuseTowers {
  static final int BATCH = 2;
  static final int SOURCE = 10;
  static final int SIZE = 8;
  static final int CLASSES = 3;
  static final int IMAGE_BYTES = SOURCE * SOURCE * 3;

  private MisuseTowers() {}

  static NetworkSpec network(int towers) {
    Parameters start = new Parameters(0.1f, 0.1f, 1, 2, 0.0005f);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 4, 3, 2, 0, Reads.TOWER, start),
            new Relu("relu1"),
            new Conv("conv2", 4, 3, 1, 1, Reads.ALL, start),
            new Relu("relu2"),
            new Fc("fc3", CLASSES, true, start),
            new Softmax("softmax"));
    return new NetworkSpec("tiny", towers, SIZE, SOURCE, layers);
  }

  static Plan plan(int towers, Purpose purpose) {
    return Planner.plan(network(towers), BATCH, purpose, InputShape.Mean.CHANNEL, 1);
  }

  static Towers open(int number, Purpose purpose, String device, StepMode mode) {
    List<DeviceId> ids =
        List.of(DeviceId.parse(device + ":0"), DeviceId.parse(device + ":1")).subList(0, number);
    return Towers.create(
        plan(number, purpose), ids, TowerOptions.DEFAULT.with(mode).with(Duration.ofSeconds(5)));
  }

  /** Opens towers, most of them with everything that a step needs. */
  static void open(MisusePool pool, Random random) {
    Towers towers =
        open(
            1 + random.nextInt(2),
            random.nextBoolean() ? Purpose.TRAIN : Purpose.values()[random.nextInt(3)],
            random.nextInt(4) == 0 ? "emu" : "cpu",
            random.nextBoolean() ? StepMode.WALK : StepMode.GRAPH);
    pool.towers.add(towers);
    ParameterStore store = new ParameterStore(towers);
    pool.stores.add(store);
    if (towers.plan().purpose() == Purpose.TRAIN) {
      pool.snapshots.add(new ParameterSnapshot(towers));
    }
    if (random.nextInt(4) > 0) {
      ready(towers, store);
    }
  }

  /** Writes mean and parameters. */
  static void ready(Towers towers, ParameterStore store) {
    towers.mean(new float[3]);
    for (TensorSpec tensor : store.tensors()) {
      write(store, tensor, Role.VALUE);
      if (towers.plan().purpose() == Purpose.TRAIN) {
        write(store, tensor, Role.VELOCITY);
      }
    }
  }

  static void write(ParameterStore store, TensorSpec tensor, Role role) {
    try {
      store.write(tensor, role, (first, rows, values) -> Arrays.fill(values, 0.01f));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static void load(Towers towers) {
    towers.load(
        BATCH,
        ByteBuffer.allocateDirect(BATCH * IMAGE_BYTES),
        new int[3 * BATCH],
        null,
        new int[2]);
  }

  /** Loads something; every third time it is right. */
  static void loadAnything(Towers towers, Random random) {
    if (random.nextInt(3) == 0) {
      load(towers);
      return;
    }
    towers.load(
        random.nextInt(5) - 1,
        random.nextInt(9) == 0 ? null : bytes(random, BATCH * IMAGE_BYTES),
        random.nextInt(9) == 0 ? null : ints(random, 3 * BATCH),
        random.nextBoolean() ? null : floats(random, 4 * BATCH),
        random.nextBoolean() ? null : ints(random, BATCH));
  }

  /** Returns an array of about this length with values of which some are wrong. */
  static float[] floats(Random random, int about) {
    float[] values = new float[length(random, about)];
    if (values.length > 0 && random.nextInt(3) == 0) {
      values[random.nextInt(values.length)] = random.nextBoolean() ? Float.NaN : 1e38f;
    }
    return values;
  }

  static int[] ints(Random random, int about) {
    int[] values = new int[length(random, about)];
    if (values.length > 0 && random.nextInt(3) == 0) {
      values[random.nextInt(values.length)] = random.nextInt();
    }
    return values;
  }

  static ByteBuffer bytes(Random random, int about) {
    int length = length(random, about);
    ByteBuffer bytes =
        random.nextBoolean() ? ByteBuffer.allocate(length) : ByteBuffer.allocateDirect(length);
    if (random.nextInt(3) == 0) {
      bytes.position(random.nextInt(length + 1));
    }
    return random.nextInt(4) == 0 ? bytes.asReadOnlyBuffer() : bytes;
  }

  private static int length(Random random, int about) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(about);
      case 1 -> about + random.nextInt(about + 1);
      default -> about;
    };
  }

  /** Returns towers to which all has been brought but a batch. */
  static Towers ready(Purpose purpose) {
    Towers towers = open(2, purpose, "cpu", StepMode.WALK);
    ready(towers, new ParameterStore(towers));
    return towers;
  }
}
