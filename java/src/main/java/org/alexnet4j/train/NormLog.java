package org.alexnet4j.train;

import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.ParameterSpec.Part;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Progress;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Writes how large gradient and update of each layer's weights are beside the weights themselves,
 * at some steps: lines of kind {@code norms} in {@code metrics.jsonl}.
 *
 * <p>The plan for training does not store every gradient, so it is what the update says it was: of
 * {@code v' = m v - decay rate w - rate g} everything else is known from before the step. Norms are
 * Euclidean, over all towers, sums in double. For the steps that are measured, weights and
 * velocities are read from the devices; other steps cost nothing. Threads: the run's.
 */
final class NormLog {
  private final OptionalLong every;
  private final ParameterStore store;
  private final MetricsLog metrics;
  private final Map<String, float[]> before = new LinkedHashMap<>(); // m v - decay rate w
  private StepSettings settings;

  /**
   * Prepares the log.
   *
   * @param every steps between two measurements, 0: at evaluations only; empty: never
   */
  NormLog(OptionalLong every, Towers towers, MetricsLog metrics) {
    this.every = every;
    this.store = new ParameterStore(towers);
    this.metrics = metrics;
  }

  /**
   * Returns whether a step is measured.
   *
   * @param evaluation whether the held-out images are looked at after it
   */
  boolean isDue(Progress step, boolean evaluation) {
    return every.isPresent()
        && (evaluation || every.getAsLong() > 0 && (step.step() + 1) % every.getAsLong() == 0);
  }

  /** Reads what there is before a step that is measured; no step is under way. */
  void before(StepSettings ofStep) throws IOException {
    settings = ofStep;
    for (TensorSpec tensor : store.tensors()) {
      if (part(tensor).part() == Part.WEIGHT) {
        float[] rest = before.computeIfAbsent(tensor.name(), n -> new float[count(tensor)]);
        int row = tensor.rowCount();
        store.read(
            tensor,
            Role.VELOCITY,
            (first, rows, values) -> {
              for (int i = 0; i < rows * row; i++) {
                rest[first * row + i] = settings.momentum() * values[i];
              }
            });
        double shrink = part(tensor).parameters().decay() * rate(tensor);
        store.read(
            tensor,
            Role.VALUE,
            (first, rows, values) -> {
              for (int i = 0; i < rows * row; i++) {
                rest[first * row + i] -= (float) (shrink * values[i]);
              }
            });
      }
    }
  }

  private static ParameterSpec part(TensorSpec tensor) {
    return tensor.pieces().get(0);
  }

  private static int count(TensorSpec tensor) {
    return Math.toIntExact(tensor.count());
  }

  private double rate(TensorSpec tensor) {
    String layer = part(tensor).layer();
    double own = part(tensor).parameters().weightRate();
    return settings.rate() * own * settings.factors().weights().getOrDefault(layer, 1f);
  }

  /** Reads what the step made of it and writes the line; no step is under way. */
  void after(Progress step) throws IOException {
    JsonObject layers = new JsonObject();
    for (TensorSpec tensor : store.tensors()) {
      if (part(tensor).part() == Part.WEIGHT) {
        layers.add(part(tensor).layer(), norms(tensor));
      }
    }
    JsonObject line = new JsonObject();
    line.addProperty("kind", "norms");
    line.addProperty("step", step.step());
    line.addProperty("epoch", step.epoch());
    line.add("layers", layers);
    metrics.other(line);
  }

  private JsonObject norms(TensorSpec tensor) throws IOException {
    double weight = Math.sqrt(squares(tensor, Role.VALUE, null));
    double update = Math.sqrt(squares(tensor, Role.VELOCITY, null));
    double rate = rate(tensor);
    JsonObject norms = new JsonObject();
    put(norms, "weight", weight);
    put(norms, "update", rate > 0 ? update : 0);
    if (rate > 0) {
      double moved = Math.sqrt(squares(tensor, Role.VELOCITY, before.get(tensor.name())));
      put(norms, "gradient", moved / rate);
    } else {
      norms.add("gradient", JsonNull.INSTANCE); // frozen: no update tells of it
    }
    if (weight > 0) {
      put(norms, "ratio", rate > 0 ? update / weight : 0);
    } else {
      norms.add("ratio", JsonNull.INSTANCE);
    }
    return norms;
  }

  /** JSON has no infinity: weights that run away must not end the run before their loss does. */
  private static void put(JsonObject norms, String key, double value) {
    if (Double.isFinite(value)) {
      norms.addProperty(key, value);
    } else {
      norms.addProperty(key, String.valueOf(value));
    }
  }

  /** Returns the sum of the squares of a tensor, or of its difference from another. */
  private double squares(TensorSpec tensor, Role role, float[] from) throws IOException {
    double[] sum = new double[1];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> {
          for (int i = 0; i < rows * row; i++) {
            double value = from == null ? values[i] : (double) values[i] - from[first * row + i];
            sum[0] += value * value;
          }
        });
    return sum[0];
  }
}
