package org.alexnet4j.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.data.Batch;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.TowerException;
import org.alexnet4j.tower.Towers;

/**
 * A second copy of a network in training, in which every tensor of a pass can be read. Needs the
 * memory of a plan in which nothing is shared, on the same devices, for as long as it is open.
 */
final class Inspector implements AutoCloseable {
  private final Towers towers;
  private final ParameterStore store;

  private Inspector(Towers towers) {
    this.towers = towers;
    this.store = new ParameterStore(towers);
  }

  /**
   * Copies weights and mean of a network.
   *
   * @throws org.alexnet4j.device.NativeException if a device has too little memory for both
   */
  static Inspector of(Towers training, Mean kind, float[] mean) throws IOException {
    Plan plan = training.plan();
    Towers towers =
        Towers.create(
            Planner.plan(plan.spec(), plan.batch(), Purpose.INSPECT, kind, plan.seed())
                .in(plan.arithmetic()),
            training.deviceIds());
    Inspector inspector = new Inspector(towers);
    try {
      ParameterStore from = new ParameterStore(training);
      for (int i = 0; i < from.tensors().size(); i++) {
        float[] whole = whole(from, from.tensors().get(i), Role.VALUE);
        TensorSpec to = inspector.store.tensors().get(i); // the same tensor in other buffers
        int row = to.rowCount();
        inspector.store.writeAsItIs(
            to,
            Role.VALUE,
            (first, rows, values) -> System.arraycopy(whole, first * row, values, 0, rows * row));
      }
      towers.mean(mean);
      return inspector;
    } catch (IOException | RuntimeException e) {
      inspector.close();
      throw e;
    }
  }

  /** Tells what the rectifiers make of a batch, before the step that learns from it. */
  static void explain(
      Towers training,
      Mean kind,
      float[] mean,
      Batch batch,
      StepSettings settings,
      RunListener listener)
      throws IOException {
    String step = "step " + settings.step();
    try (Inspector inspector = of(training, kind, mean)) {
      inspector.pass(batch, settings);
      inspector.rectifiers().forEach(text -> listener.note(step + ", " + text));
    } catch (NativeException | TowerException e) {
      listener.note(step + " cannot be explained: " + e.getMessage());
    }
  }

  private static float[] whole(ParameterStore store, TensorSpec tensor, Role role)
      throws IOException {
    float[] whole = new float[Math.toIntExact(tensor.count())];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> System.arraycopy(values, 0, whole, first * row, rows * row));
    return whole;
  }

  /** Runs forward and backward as in training, without an update. */
  void pass(Batch batch, StepSettings settings) {
    towers.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
    towers.inspect(settings, true);
  }

  /**
   * Finds where the last pass left the finite numbers: the first layer in forward order with such a
   * weight or output, else the first in backward order with such a gradient, else the loss itself.
   */
  Optional<String> firstNonFinite() throws IOException {
    List<String> names = new ArrayList<>(List.of("input"));
    towers.plan().layers().stream().map(LayerSummary::name).forEach(names::add);
    for (String name : names) {
      Optional<String> found = inParameters(name, Role.VALUE);
      found = found.isPresent() ? found : inPlanes(name, name, "output");
      if (found.isPresent()) {
        return found;
      }
    }
    for (int i = names.size() - 1; i >= 0; i--) {
      Optional<String> found = inPlanes(names.get(i), "grad." + names.get(i), "gradient");
      found = found.isPresent() ? found : inParameters(names.get(i), Role.GRADIENT);
      if (found.isPresent()) {
        return found;
      }
    }
    return towers.plan().layers().stream()
        .filter(layer -> layer.kind().equals("softmax"))
        .map(l -> l.name() + ": all outputs are finite, but an image's own class has probability 0")
        .findFirst();
  }

  private Optional<String> inParameters(String layer, Role role) throws IOException {
    for (TensorSpec tensor : store.tensors()) {
      if (tensor.pieces().get(0).layer().equals(layer)) {
        float[] values = whole(store, tensor, role);
        int at = nonFinite(values);
        if (at >= 0) {
          return Optional.of(
              String.format(
                  Locale.ROOT,
                  "%s: %s%s[%d] is %s",
                  layer,
                  role == Role.GRADIENT ? "the gradient of " : "",
                  tensor.name(),
                  at,
                  values[at]));
        }
      }
    }
    return Optional.empty();
  }

  private Optional<String> inPlanes(String layer, String buffer, String what) {
    for (TowerPlan tower : towers.plan().towers()) {
      for (BufferSpec spec : tower.buffers()) {
        if (spec.name().equals(buffer) && spec.extent() != null) {
          float[] values = towers.read(tower.tower(), buffer);
          int at = nonFinite(values);
          if (at >= 0) {
            int unit = at % spec.extent().count();
            return Optional.of(
                String.format(
                    Locale.ROOT,
                    "%s: the %s of image %d, element %d on tower %s is %s",
                    layer,
                    what,
                    at / spec.extent().count(),
                    unit,
                    NetworkSpec.towerName(tower.tower()),
                    values[at]));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static int nonFinite(float[] values) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        return i;
      }
    }
    return -1;
  }

  /** Describes the outputs of every rectifier in the last pass, one line each. */
  List<String> rectifiers() {
    List<String> lines = new ArrayList<>();
    for (LayerSummary layer : towers.plan().layers()) {
      if (layer.kind().equals("relu")) {
        Rectified sum = new Rectified();
        for (TowerPlan tower : towers.plan().towers()) {
          for (BufferSpec spec : tower.buffers()) {
            if (spec.name().equals(layer.name()) && spec.extent() != null) {
              sum.add(towers.read(tower.tower(), spec.name()), spec.extent().c());
            }
          }
        }
        lines.add(sum.describe(layer.name()));
      }
    }
    return lines;
  }

  /** What the outputs of one rectifier add up to. */
  private static final class Rectified {
    private long count;
    private long zeros;
    private double sum;
    private float largest;
    private int units;
    private int dead;

    void add(float[] values, int channels) {
      boolean[] alive = new boolean[channels];
      for (int i = 0; i < values.length; i++) {
        sum += values[i];
        largest = Math.max(largest, values[i]);
        if (values[i] == 0) {
          zeros++;
        } else {
          alive[i % channels] = true;
        }
      }
      count += values.length;
      units += channels;
      for (boolean unit : alive) {
        dead += unit ? 0 : 1;
      }
    }

    String describe(String name) {
      String line =
          String.format(
              Locale.ROOT,
              "%s: mean %.4g, largest %.4g, %.1f %% zeros, %d of %d units dead in this batch",
              name,
              sum / count,
              largest,
              100.0 * zeros / count,
              dead,
              units);
      return 2 * dead > units ? line + ": most of the layer learns nothing" : line;
    }
  }

  @Override
  public void close() {
    towers.close();
  }
}
