package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Local;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Sigmoid;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.LayerSpec.Tanh;
import org.alexnet4j.net.LayerVisitor;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.LrnPoolShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Shapes;
import org.alexnet4j.shape.Slicing;
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
  private final Purpose purpose;
  private final InputShape.Mean mean;
  private final long seed;
  private final Drafts drafts;
  private final PlannedInput input;
  private final List<LayerSummary> summaries = new ArrayList<>();
  private int labels;
  private int metrics;
  private int probabilities;

  /** How to go back through what was planned last, in the order of the way forward. */
  private List<Runnable> backwardSteps = new ArrayList<>();

  /** Whether what was planned last ends in a rectifier whose gradient the next layer masks. */
  private boolean rectified;

  private Planner(
      NetworkSpec spec,
      int batch,
      Purpose purpose,
      InputShape.Mean mean,
      long seed,
      Slicing slicing,
      RankPart part,
      Arithmetic arithmetic) {
    this.spec = spec;
    this.purpose = purpose;
    this.mean = mean;
    this.seed = seed;
    this.drafts = new Drafts(spec, batch, purpose, seed, slicing, part, arithmetic);
    this.input = new PlannedInput(drafts, mean);
  }

  /**
   * Plans a network.
   *
   * @param spec the network
   * @param batch images per step, 1 or more
   * @param purpose what the plan is for
   * @param mean layout of the mean that the input operation subtracts
   * @param seed keys the dropout masks
   * @return the plan
   * @throws IllegalArgumentException if a layer does not fit its input; the text names the layer
   */
  public static Plan plan(
      NetworkSpec spec, int batch, Purpose purpose, InputShape.Mean mean, long seed) {
    return plan(spec, batch, purpose, mean, seed, Slicing.NONE);
  }

  /**
   * Plans a network whose step is divided.
   *
   * @param spec the network
   * @param batch images per step, 1 or more
   * @param purpose what the plan is for
   * @param mean layout of the mean that the input operation subtracts
   * @param seed keys the dropout masks
   * @param slicing how; only a plan to train may have more than one slice
   * @return the plan
   * @throws IllegalArgumentException as above, or if slices do not divide the batch or the units of
   *     a fully-connected layer
   */
  public static Plan plan(
      NetworkSpec spec,
      int batch,
      Purpose purpose,
      InputShape.Mean mean,
      long seed,
      Slicing slicing) {
    return plan(spec, batch, purpose, mean, seed, slicing, RankPart.WHOLE);
  }

  /**
   * Plans a part of such a step, for one of several processes.
   *
   * @param spec the network
   * @param batch images per step of all processes
   * @param purpose what the plan is for
   * @param mean layout of the mean that the input operation subtracts
   * @param seed keys the dropout masks
   * @param slicing how the step is divided
   * @param part which; the plans of all parts do together what the plan of the whole does
   * @return the plan
   * @throws IllegalArgumentException as above, or if there are more parts than slices, or a layer
   *     behind the first fully-connected one reads more than the units of a block
   */
  public static Plan plan(
      NetworkSpec spec,
      int batch,
      Purpose purpose,
      InputShape.Mean mean,
      long seed,
      Slicing slicing,
      RankPart part) {
    return plan(spec, batch, purpose, mean, seed, slicing, part, Arithmetic.DEFAULT);
  }

  /** The same in some arithmetic; {@link Plan#in} is how others ask for it. */
  static Plan plan(
      NetworkSpec spec,
      int batch,
      Purpose purpose,
      InputShape.Mean mean,
      long seed,
      Slicing slicing,
      RankPart part,
      Arithmetic arithmetic) {
    Shapes.batch(batch);
    slicing.part("batch", batch);
    if (purpose != Purpose.TRAIN && slicing.count() > 1) {
      throw new IllegalArgumentException(
          "a plan to " + purpose + " has " + slicing.count() + " slices; allowed: 1");
    }
    try {
      return new Planner(spec, batch, purpose, mean, seed, slicing, part, arithmetic).plan();
    } catch (Misfit e) {
      throw e.plain();
    }
  }

  private Plan plan() {
    ImmutableList<ImmutableList<LayerSpec>> groups = Fusion.groups(spec.layers(), purpose);
    requireBlocks();
    if (drafts.slicing.count() == 1) {
      input.plan();
      List<Runnable> steps = forward(groups, 0, groups.size());
      if (purpose != Purpose.INFER) {
        backward(steps);
      }
    } else {
      int connected = connected(groups);
      new SlicedStep(
              drafts,
              () -> {
                rectified = false;
                input.plan();
                return forward(groups, 0, connected);
              },
              () -> forward(groups, connected, groups.size()))
          .plan();
    }
    if (purpose == Purpose.TRAIN) {
      drafts.towers.forEach(drafts.moves::update);
      drafts.towers.forEach(TowerDraft::cast);
    }
    return new Plan(
        spec,
        drafts.wholeBatch,
        purpose,
        mean,
        seed,
        drafts.slicing,
        drafts.rankPart,
        drafts.arithmetic,
        drafts.finish(),
        new ExchangePlan(ImmutableList.copyOf(drafts.transfers)),
        labels,
        metrics,
        probabilities,
        ImmutableList.copyOf(summaries));
  }

  /** Refuses what needs all units on the way back, where each rank has the gradient of its own. */
  private void requireBlocks() {
    boolean connected = false;
    for (LayerSpec layer : spec.layers()) {
      connected |= layer instanceof Fc;
      if (connected
          && !drafts.rankPart.isWhole()
          && (layer instanceof Lrn || layer instanceof Pool)) {
        throw new IllegalArgumentException(
            "layer "
                + layer.name()
                + " lies behind the first fully-connected layer; with several ranks only layers that"
                + " treat each unit alone may");
      }
    }
  }

  /** Returns where the fully-connected part begins. */
  private static int connected(ImmutableList<ImmutableList<LayerSpec>> groups) {
    return Iterables.indexOf(groups, group -> group.get(0) instanceof Fc);
  }

  /** Plans the way forward through some groups; returns how to go back. */
  private List<Runnable> forward(
      ImmutableList<ImmutableList<LayerSpec>> groups, int first, int end) {
    backwardSteps = new ArrayList<>();
    for (int i = first; i < end; i++) {
      LayerSpec head = groups.get(i).get(0);
      group(groups.get(i), rectified);
      rectified = Fusion.isWeighted(head) && groups.get(i).size() > 1;
      if (rectified && !Fusion.isWeighted(groups.get(i + 1).get(0))) {
        LayerSpec relu = groups.get(i).get(1);
        drafts.forEachValue(draft -> fusedReluBackward(draft, relu));
      }
    }
    return backwardSteps;
  }

  /** Plans the way back. */
  static void backward(List<Runnable> steps) {
    for (int i = steps.size() - 1; i >= 0; i--) {
      steps.get(i).run();
    }
  }

  private void group(List<LayerSpec> group, boolean rectified) {
    LayerSpec head = group.get(0);
    if (group.size() > 1 && !Fusion.isWeighted(head)) {
      pooled(group);
    } else {
      head.accept(new Plans(group, rectified)).run();
    }
  }

  /** A layer with weights, with its epilogue; it masks the gradient of what it reads. */
  private void weighted(List<LayerSpec> group, boolean rectified) {
    boolean first = drafts.towers.get(0).plainName(drafts.value[0]).equals("input");
    WeightedLayer layer =
        Misfit.of(
            group.get(0).name(),
            () -> {
              WeightedLayer planned = new WeightedLayer(drafts, group, first, rectified);
              planned.forward();
              return planned;
            });
    backwardSteps.add(layer::backward);
    summarize(group.get(0), layer.parameterCount(), layer.macs(), layer.outputs());
    group.subList(1, group.size()).forEach(this::summarize);
  }

  /** How a layer that is an operation of its own, or begins a group, is planned. */
  private final class Plans implements LayerVisitor<Runnable> {
    private final List<LayerSpec> group;
    private final boolean rectified;

    Plans(List<LayerSpec> group, boolean rectified) {
      this.group = group;
      this.rectified = rectified;
    }

    private Runnable alone(LayerSpec layer, Consumer<TowerDraft> planned) {
      return () -> {
        drafts.forEachValue(planned);
        summarize(layer);
      };
    }

    @Override
    public Runnable conv(Conv conv) {
      return () -> weighted(group, rectified);
    }

    @Override
    public Runnable local(Local local) {
      return () -> weighted(group, rectified);
    }

    @Override
    public Runnable fc(Fc fc) {
      return () -> weighted(group, rectified);
    }

    @Override
    public Runnable relu(Relu relu) {
      return alone(relu, draft -> neuron(draft, relu.name(), Neuron.RELU));
    }

    @Override
    public Runnable tanh(Tanh tanh) {
      return alone(tanh, draft -> neuron(draft, tanh.name(), Neuron.TANH));
    }

    @Override
    public Runnable sigmoid(Sigmoid sigmoid) {
      return alone(sigmoid, draft -> neuron(draft, sigmoid.name(), Neuron.SIGMOID));
    }

    @Override
    public Runnable lrn(Lrn lrn) {
      return LrnAcross.crosses(drafts, lrn)
          ? () -> lrnAcross(lrn)
          : alone(lrn, draft -> Planner.this.lrn(draft, lrn));
    }

    @Override
    public Runnable pool(Pool pool) {
      return alone(pool, draft -> Planner.this.pool(draft, pool));
    }

    @Override
    public Runnable dropout(Dropout dropout) {
      return alone(dropout, draft -> Planner.this.dropout(draft, dropout));
    }

    @Override
    public Runnable softmax(Softmax softmax) {
      return () -> {
        Planner.this.softmax(drafts.towers.get(0), softmax.name());
        summarize(softmax);
      };
    }
  }

  private void summarize(LayerSpec layer) {
    summarize(layer, 0, 0, 0);
  }

  private void summarize(LayerSpec layer, long parameters, long macs, long neurons) {
    if (!drafts.isFirst()) {
      return;
    }
    String kind = layer.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    int towers = (int) Arrays.stream(drafts.value).filter(v -> v >= 0).count();
    Extent output = drafts.extent(0);
    summaries.add(new LayerSummary(layer.name(), kind, output, towers, parameters, macs, neurons));
  }

  /** A rectifier or hyperbolic tangent as an operation of its own. */
  private void neuron(TowerDraft draft, String name, Neuron neuron) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent extent = drafts.extent(t);
    long count = (long) drafts.batch * extent.count();
    int y = draft.plane(name, name, Kind.ACTIVATION, extent, drafts.batch);
    draft.forward.add(neuron.fprop(name, count, x, y));
    drafts.value[t] = y;
    backwardSteps.add(() -> neuronBackward(draft, name, neuron, count, x, y));
  }

  /**
   * A rectifier, maybe with dropout, in the epilogue of the layer before, which nobody masks: its
   * gradient is an operation. Dropout needs none of its own, as what it dropped is not positive.
   */
  private void fusedReluBackward(TowerDraft draft, LayerSpec relu) {
    int y = drafts.value[draft.tower];
    long count = (long) drafts.batch * drafts.extent(draft.tower).count();
    backwardSteps.add(() -> neuronBackward(draft, relu.name(), Neuron.RELU, count, y, y));
  }

  private void neuronBackward(
      TowerDraft draft, String name, Neuron neuron, long count, int x, int y) {
    int dy = drafts.gradient[draft.tower];
    int dx = purpose == Purpose.INSPECT ? drafts.newGradient(draft, x, name) : dy;
    draft.backward.add(neuron.bprop(name, count, y, dy, dx));
    drafts.gradient[draft.tower] = dx;
  }

  /** Rectifier, normalisation and pooling in one pass; nothing between them exists. */
  private void pooled(List<LayerSpec> group) {
    group.subList(0, group.size() - 1).forEach(this::summarize);
    drafts.forEachValue(draft -> pooled(draft, group));
    summarize(Iterables.getLast(group));
  }

  private void pooled(TowerDraft draft, List<LayerSpec> group) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    boolean relu = group.get(0) instanceof Relu;
    LrnShape lrn = group.get(relu ? 1 : 0) instanceof Lrn layer ? shape(layer, e) : null;
    Pool pool = (Pool) Iterables.getLast(group);
    LrnPoolShape shape = new LrnPoolShape(lrn, shape(pool, e), relu);
    Extent output = new Extent(shape.pool().P(), shape.pool().Q(), e.c());
    int y = draft.plane(pool.name(), pool.name(), Kind.ACTIVATION, output, drafts.batch);
    draft.forward.add(new Operation.LrnPoolFprop(pool.name(), shape, x, y));
    drafts.value[t] = y;
    backwardSteps.add(
        () -> {
          int dy = drafts.gradient[t];
          int dx = drafts.newGradient(draft, x, pool.name());
          draft.backward.add(new Operation.LrnPoolBprop(pool.name(), shape, x, dy, dx));
          drafts.gradient[t] = dx;
        });
  }

  private LrnShape shape(Lrn l, Extent e) {
    return Misfit.of(
        l.name(),
        () ->
            new LrnShape(drafts.batch, e.h(), e.w(), e.c(), l.size(), l.k(), l.alpha(), l.beta()));
  }

  private PoolShape shape(Pool p, Extent e) {
    return Misfit.of(
        p.name(),
        () ->
            new PoolShape(
                drafts.batch, e.h(), e.w(), e.c(), p.size(), p.stride(), p.mode(), p.ties()));
  }

  private void lrn(TowerDraft draft, Lrn lrn) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    LrnShape shape = shape(lrn, e);
    int y = draft.plane(lrn.name(), lrn.name(), Kind.ACTIVATION, e, drafts.batch);
    boolean pixels = lrn.over() == Lrn.Over.PIXELS;
    draft.forward.add(
        pixels
            ? new Operation.LrnMapFprop(lrn.name(), shape, x, y)
            : new Operation.LrnFprop(lrn.name(), shape, x, y));
    drafts.value[t] = y;
    backwardSteps.add(
        () -> {
          int dy = drafts.gradient[t];
          int dx = drafts.newGradient(draft, x, lrn.name());
          draft.backward.add(
              pixels
                  ? new Operation.LrnMapBprop(lrn.name(), shape, x, dy, dx)
                  : new Operation.LrnBprop(lrn.name(), shape, x, dy, dx));
          drafts.gradient[t] = dx;
        });
  }

  /** Normalisation whose windows cross towers. */
  private void lrnAcross(Lrn lrn) {
    LrnAcross layer =
        Misfit.of(
            lrn.name(),
            () -> {
              LrnAcross planned = new LrnAcross(drafts, lrn);
              planned.forward();
              return planned;
            });
    backwardSteps.add(layer::backward);
    summarize(lrn);
  }

  private void pool(TowerDraft draft, Pool pool) {
    int t = draft.tower;
    int x = drafts.value[t];
    Extent e = drafts.extent(t);
    PoolShape shape = shape(pool, e);
    Extent output = new Extent(shape.P(), shape.Q(), e.c());
    int y = draft.plane(pool.name(), pool.name(), Kind.ACTIVATION, output, drafts.batch);
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
    DropoutShape shape = drafts.dropout(dropout, t, e);
    int y = draft.plane(name, name, Kind.ACTIVATION, e, drafts.batch);
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
    SoftmaxShape shape = Misfit.of(name, () -> new SoftmaxShape(drafts.batch, e.count()));
    labels = draft.buffer("labels", name, Kind.STEP, 4L * drafts.batch, null);
    metrics = draft.buffer("metrics", name, Kind.BATCH, 12L * drafts.batch, null);
    // Read after the step, so it must outlive it.
    probabilities = draft.buffer(name, name, Kind.BATCH, 4L * drafts.batch * e.count(), e);
    if (purpose != Purpose.INSPECT) {
      softmaxLoss(draft, name, shape, logits);
      return;
    }
    draft.forward.add(new Operation.SoftmaxFprop(name, shape, logits, probabilities));
    draft.forward.add(new Operation.SoftmaxMetrics(name, shape, probabilities, labels, metrics));
    drafts.value[0] = probabilities;
    backwardSteps.add(
        () -> {
          int dx = drafts.newGradient(draft, logits, name);
          draft.backward.add(
              new Operation.SoftmaxBprop(
                  name, shape, probabilities, labels, 1f / drafts.batch, dx));
          drafts.gradient[0] = dx;
        });
  }

  private void softmaxLoss(TowerDraft draft, String name, SoftmaxShape shape, int logits) {
    int dlogits = purpose == Purpose.TRAIN ? drafts.newGradient(draft, logits, name) : -1;
    draft.forward.add(
        new Operation.SoftmaxLoss(
            name, shape, logits, labels, 1f / drafts.batch, probabilities, metrics, dlogits));
    drafts.value[0] = probabilities;
    backwardSteps.add(() -> drafts.gradient[0] = dlogits);
  }
}
