package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SoftmaxShape;

/**
 * Lays out a network: walks the layers once, writes each tower's forward operations, and remembers
 * for each layer how to go back.
 *
 * <p>Order of a layer that reads all towers: the tower's own plane first, as it is there already,
 * then the others by tower. Order of sums of partial gradients: by tower. Both are fixed, so
 * results do not depend on which devices the towers use.
 */
public final class Planner {
  private final NetworkSpec spec;
  private final int batch;
  private final Purpose purpose;
  private final InputShape.Mean mean;
  private final long seed;
  private final Drafts drafts;
  private final List<Runnable> backwardSteps = new ArrayList<>();
  private final List<LayerSummary> summaries = new ArrayList<>();
  private int labels;
  private int metrics;
  private int probabilities;

  private Planner(NetworkSpec spec, int batch, Purpose purpose, InputShape.Mean mean, long seed) {
    this.spec = spec;
    this.batch = batch;
    this.purpose = purpose;
    this.mean = mean;
    this.seed = seed;
    this.drafts = new Drafts(spec.towers(), batch, purpose);
  }

  /**
   * Plans a network.
   *
   * @param spec the network
   * @param batch images per step, 1 or more
   * @param purpose what the plan is for
   * @param mean layout of the mean that the input operation subtracts
   * @param seed keys the dropout masks
   * @throws IllegalArgumentException if a layer does not fit its input; the text names the layer
   */
  public static Plan plan(
      NetworkSpec spec, int batch, Purpose purpose, InputShape.Mean mean, long seed) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch is " + batch + "; allowed: 1 or more");
    }
    return new Planner(spec, batch, purpose, mean, seed).plan();
  }

  /**
   * Returns the largest batch whose arenas fit.
   *
   * @param bytesPerTower bytes that each tower may use
   * @return images, or 0 if not even one fits
   */
  public static int largestBatch(
      NetworkSpec spec, Purpose purpose, InputShape.Mean mean, long bytesPerTower) {
    int low = 0;
    int high = 1 << 16;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      boolean fits =
          plan(spec, middle, purpose, mean, 0).towers().stream()
              .allMatch(t -> t.memory().bytes() <= bytesPerTower);
      if (fits) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private Plan plan() {
    input();
    ImmutableList<LayerSpec> layers = spec.layers();
    for (int i = 0; i < layers.size(); i++) {
      LayerSpec layer = layers.get(i);
      boolean fused = fusesRelu(i);
      try {
        layer(layer, fused);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(layer.name() + ": " + e.getMessage(), e);
      }
      if (fused) {
        fusedRelu((Relu) layers.get(++i));
      }
    }
    if (purpose != Purpose.INFER) {
      for (int i = backwardSteps.size() - 1; i >= 0; i--) {
        backwardSteps.get(i).run();
      }
    }
    return new Plan(
        spec,
        batch,
        purpose,
        seed,
        drafts.finish(),
        new ExchangePlan(ImmutableList.copyOf(drafts.transfers)),
        labels,
        metrics,
        probabilities,
        ImmutableList.copyOf(summaries));
  }

  private boolean fusesRelu(int index) {
    LayerSpec layer = spec.layers().get(index);
    return purpose != Purpose.INSPECT
        && (layer instanceof Conv || layer instanceof Fc)
        && spec.layers().get(index + 1) instanceof Relu;
  }

  private void input() {
    InputShape shape = new InputShape(batch, spec.sourceSize(), spec.inputSize(), mean);
    long images = (long) batch * spec.sourceSize() * spec.sourceSize() * 3;
    Extent extent = new Extent(spec.inputSize(), spec.inputSize(), 3);
    for (TowerDraft draft : drafts.towers) {
      int imagesId = draft.buffer("images", "input", Kind.BATCH, images, null);
      int crops = draft.buffer("crops", "input", Kind.BATCH, 12L * batch, null);
      int meanId = draft.buffer("mean", "input", Kind.BATCH, 4L * shape.meanCount(), null);
      int noise = draft.buffer("noise", "input", Kind.BATCH, 12L * batch, null);
      int x = draft.plane("input", "input", Kind.ACTIVATION, extent, batch);
      draft.forward.add(new Operation.Input("input", shape, imagesId, crops, meanId, noise, x));
      drafts.value[draft.tower] = x;
    }
  }

  private void layer(LayerSpec layer, boolean fused) {
    if (layer instanceof Conv conv) {
      WeightedLayer weighted = WeightedLayer.of(drafts, conv, isFirst(), fused);
      weighted.forward();
      backwardSteps.add(weighted::backward);
      summarize(layer, "conv", weighted.parameterCount(), weighted.macs(), weighted.outputs());
    } else if (layer instanceof Fc fc) {
      WeightedLayer weighted = WeightedLayer.of(drafts, fc, isFirst(), fused);
      weighted.forward();
      backwardSteps.add(weighted::backward);
      summarize(layer, "fc", weighted.parameterCount(), weighted.macs(), weighted.outputs());
    } else if (layer instanceof Relu relu) {
      drafts.forEachValue(draft -> relu(draft, relu.name()));
      summarize(layer, "relu", 0, 0, 0);
    } else if (layer instanceof Lrn lrn) {
      drafts.forEachValue(draft -> lrn(draft, lrn));
      summarize(layer, "lrn", 0, 0, 0);
    } else if (layer instanceof Pool pool) {
      drafts.forEachValue(draft -> pool(draft, pool));
      summarize(layer, "pool", 0, 0, 0);
    } else if (layer instanceof Dropout dropout) {
      drafts.forEachValue(draft -> dropout(draft, dropout));
      summarize(layer, "dropout", 0, 0, 0);
    } else if (layer instanceof Softmax softmax) {
      softmax(drafts.towers.get(0), softmax.name());
      summarize(layer, "softmax", 0, 0, 0);
    }
  }

  private boolean isFirst() {
    return drafts.towers.get(0).buffers.get(drafts.value[0]).name().equals("input");
  }

  private void summarize(LayerSpec layer, String kind, long parameters, long macs, long neurons) {
    int towers = (int) Arrays.stream(drafts.value).filter(v -> v >= 0).count();
    Extent output = drafts.extent(0);
    summaries.add(new LayerSummary(layer.name(), kind, output, towers, parameters, macs, neurons));
  }

  private void relu(TowerDraft draft, String name) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent extent = drafts.extent(t);
    long count = (long) batch * extent.count();
    int y = draft.plane(name, name, Kind.ACTIVATION, extent, batch);
    draft.forward.add(new Operation.ReluFprop(name, count, x, y));
    drafts.value[t] = y;
    backwardSteps.add(() -> reluBackward(draft, name, count, x, y));
  }

  /** A rectifier in the epilogue of the layer before; only its gradient is an operation. */
  private void fusedRelu(Relu relu) {
    drafts.forEachValue(
        draft -> {
          int y = drafts.value[draft.tower];
          long count = (long) batch * drafts.extent(draft.tower).count();
          backwardSteps.add(() -> reluBackward(draft, relu.name(), count, y, y));
        });
    summarize(relu, "relu", 0, 0, 0);
  }

  private void reluBackward(TowerDraft draft, String name, long count, int x, int y) {
    int dy = drafts.gradient[draft.tower];
    int dx = purpose == Purpose.INSPECT ? drafts.newGradient(draft, x, name) : dy;
    draft.backward.add(new Operation.ReluBprop(name, count, y, dy, dx));
    drafts.gradient[draft.tower] = dx;
  }

  private void lrn(TowerDraft draft, Lrn lrn) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    LrnShape shape =
        new LrnShape(batch, e.h(), e.w(), e.c(), lrn.size(), lrn.k(), lrn.alpha(), lrn.beta());
    int y = draft.plane(lrn.name(), lrn.name(), Kind.ACTIVATION, e, batch);
    draft.forward.add(new Operation.LrnFprop(lrn.name(), shape, x, y));
    drafts.value[t] = y;
    backwardSteps.add(
        () -> {
          int dy = drafts.gradient[t];
          int dx = drafts.newGradient(draft, x, lrn.name());
          draft.backward.add(new Operation.LrnBprop(lrn.name(), shape, x, dy, dx));
          drafts.gradient[t] = dx;
        });
  }

  private void pool(TowerDraft draft, Pool pool) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    PoolShape shape =
        new PoolShape(
            batch, e.h(), e.w(), e.c(), pool.size(), pool.stride(), pool.mode(), pool.ties());
    Extent output = new Extent(shape.P(), shape.Q(), e.c());
    int y = draft.plane(pool.name(), pool.name(), Kind.ACTIVATION, output, batch);
    draft.forward.add(new Operation.PoolFprop(pool.name(), shape, x, y));
    drafts.value[t] = y;
    backwardSteps.add(
        () -> {
          int dy = drafts.gradient[t];
          int dx = drafts.newGradient(draft, x, pool.name());
          draft.backward.add(new Operation.PoolBprop(pool.name(), shape, x, y, dy, dx));
          drafts.gradient[t] = dx;
        });
  }

  private void dropout(TowerDraft draft, Dropout dropout) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    String name = dropout.name();
    long count = (long) batch * e.count();
    // The mask's purpose is the layer's place, its first index the tower's: no two towers share
    // bits.
    int place = spec.layers().indexOf(dropout);
    DropoutShape shape = new DropoutShape(count, t * count, seed, place, dropout.keep());
    int y = draft.plane(name, name, Kind.ACTIVATION, e, batch);
    draft.forward.add(new Operation.DropoutFprop(name, shape, x, y));
    drafts.value[t] = y;
    backwardSteps.add(
        () -> {
          int dy = drafts.gradient[t];
          int dx = purpose == Purpose.INSPECT ? drafts.newGradient(draft, x, name) : dy;
          draft.backward.add(new Operation.DropoutBprop(name, shape, dy, dx));
          drafts.gradient[t] = dx;
        });
  }

  private void softmax(TowerDraft draft, String name) {
    Extent e = drafts.extent(0);
    int logits = drafts.value[0];
    SoftmaxShape shape = new SoftmaxShape(batch, e.count());
    labels = draft.buffer("labels", name, Kind.BATCH, 4L * batch, null);
    metrics = draft.buffer("metrics", name, Kind.BATCH, 12L * batch, null);
    // Read after the step, so it must outlive it.
    probabilities = draft.buffer(name, name, Kind.BATCH, 4L * batch * e.count(), e);
    draft.forward.add(new Operation.SoftmaxFprop(name, shape, logits, probabilities));
    draft.forward.add(new Operation.SoftmaxMetrics(name, shape, probabilities, labels, metrics));
    drafts.value[0] = probabilities;
    backwardSteps.add(
        () -> {
          int dx = drafts.newGradient(draft, logits, name);
          draft.backward.add(
              new Operation.SoftmaxBprop(name, shape, probabilities, labels, 1f / batch, dx));
          drafts.gradient[0] = dx;
        });
  }
}
