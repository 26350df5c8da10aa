package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterStore.Role;

/** A small network with everything that the paper's has, and batches for it. */
final class SmallNetwork {
  static final int BATCH = 6;

  private SmallNetwork() {}

  /** Returns every kind of layer of the paper on small images; towers meet as in the paper. */
  static NetworkSpec small(int towers) {
    Parameters start = new Parameters(0.1f, 0.1f, 1, 2, 0.0005f);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 8, 5, 2, 0, Reads.TOWER, new Parameters(0.01f, 0, 1, 1, 0.0005f)),
            new Relu("relu1"),
            new Lrn("norm1", 5, 2, 1e-4f, 0.75f),
            new Pool("pool1", 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Conv("conv2", 8, 3, 1, 1, Reads.TOWER, start),
            new Relu("relu2"),
            new Pool("pool2", 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Conv("conv3", 8, 3, 1, 1, Reads.ALL, start),
            new Relu("relu3"),
            new Fc("fc6", 16, false, start),
            new Relu("relu6"),
            new Dropout("drop6", 0.5f),
            new Fc("fc7", 16, false, start),
            new Relu("relu7"),
            new Dropout("drop7", 0.5f),
            new Fc("fc8", 4, true, start),
            new Softmax("softmax"));
    return new NetworkSpec("small", towers, 28, 32, layers);
  }

  /** Returns the small network with other towers to read in its convolutions and hidden layers. */
  static NetworkSpec reading(Reads convolution, Reads hidden, int towers) {
    NetworkSpec network = small(towers);
    ImmutableList<LayerSpec> layers =
        network.layers().stream()
            .map(layer -> reading(layer, convolution, hidden))
            .collect(ImmutableList.toImmutableList());
    return new NetworkSpec("reading", towers, network.inputSize(), network.sourceSize(), layers);
  }

  private static LayerSpec reading(LayerSpec layer, Reads convolution, Reads hidden) {
    if (layer instanceof Conv c && c.reads() == Reads.ALL) {
      return new Conv(
          c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), convolution, c.parameters());
    }
    return layer instanceof Fc f && !f.firstTowerOnly()
        ? new Fc(f.name(), f.units(), false, hidden, f.parameters())
        : layer;
  }

  /** Returns a network whose step with rate 1 and momentum 0 leaves the gradients in velocities. */
  static NetworkSpec withoutDecay(NetworkSpec network) {
    return network.withLayers(
        layer -> {
          if (layer instanceof Conv c) {
            Parameters p = bare(c.parameters());
            return new Conv(c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), c.reads(), p);
          }
          return layer instanceof Fc f
              ? new Fc(f.name(), f.units(), f.firstTowerOnly(), f.reads(), bare(f.parameters()))
              : layer;
        });
  }

  private static Parameters bare(Parameters p) {
    return new Parameters(p.sigma(), p.bias(), 1, 1, 0);
  }

  /**
   * Returns the gradients of a tensor by the last step, which had rate 1 and momentum 0: v = -g.
   */
  static float[] stepped(ParameterStore store, TensorSpec tensor) throws IOException {
    float[] values = tensor(store, tensor, Role.VELOCITY);
    for (int i = 0; i < values.length; i++) {
      values[i] = 0 - values[i];
    }
    return values;
  }

  /** Bytes of a batch of images. */
  static final int IMAGE_BYTES = BATCH * 32 * 32 * 3;

  /** Returns the labels of the batch of a step. */
  static int[] labels(int step) {
    Random random = new Random(step);
    random.nextBytes(new byte[IMAGE_BYTES]);
    int[] labels = new int[BATCH];
    for (int i = 0; i < BATCH; i++) {
      random.nextInt(5);
      random.nextInt(5);
      random.nextInt(2);
      labels[i] = random.nextInt(4);
      for (int c = 0; c < 3; c++) {
        random.nextGaussian();
      }
    }
    return labels;
  }

  /** Brings a random batch that is a pure function of the step. */
  static void load(Towers towers, int step) {
    load(towers, step, ByteBuffer.allocateDirect(IMAGE_BYTES));
  }

  /** Brings the same from given memory. */
  static void load(Towers towers, int step, ByteBuffer images) {
    Random random = new Random(step);
    byte[] pixels = new byte[IMAGE_BYTES];
    random.nextBytes(pixels);
    images.put(0, pixels);
    int[] crops = new int[3 * BATCH];
    int[] labels = new int[BATCH];
    float[] noise = new float[4 * BATCH];
    for (int i = 0; i < BATCH; i++) {
      crops[3 * i] = random.nextInt(5);
      crops[3 * i + 1] = random.nextInt(5);
      crops[3 * i + 2] = random.nextInt(2);
      labels[i] = random.nextInt(4);
      for (int c = 0; c < 3; c++) {
        noise[4 * i + c] = (float) (10 * random.nextGaussian());
      }
      noise[4 * i + 3] = 1;
    }
    towers.load(BATCH, images, crops, noise, labels);
  }

  /** Returns a whole tensor. */
  static float[] tensor(ParameterStore store, TensorSpec tensor, Role role) throws IOException {
    float[] all = new float[(int) tensor.count()];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> System.arraycopy(values, 0, all, first * row, rows * row));
    return all;
  }
}
