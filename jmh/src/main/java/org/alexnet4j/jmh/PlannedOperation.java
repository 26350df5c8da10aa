package org.alexnet4j.jmh;

import com.google.common.collect.ImmutableMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Local;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Sigmoid;
import org.alexnet4j.net.LayerSpec.Tanh;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Precision;

/**
 * An operation of tower a of the paper's network, with the plan whose buffers it names.
 *
 * <p>Its name is layer and kind, {@code conv2.ConvFprop}; where a layer reads two planes, the one
 * that the other tower sent has {@code #2} behind it.
 *
 * @param name as above
 * @param operation what the engine does
 * @param plan its tower
 */
record PlannedOperation(String name, Operation operation, TowerPlan plan) {

  /**
   * Returns the operation of a plan.
   *
   * @param width factor on the hidden widths
   * @throws IllegalArgumentException if there is none of this name; the text lists all
   */
  static PlannedOperation of(String name, Map<String, PlannedOperation> all) {
    PlannedOperation found = all.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "no operation '" + name + "'; allowed: " + String.join(", ", all.keySet()));
    }
    return found;
  }

  /** Returns what a training step does, fused as it is there, by name and in its order. */
  static ImmutableMap<String, PlannedOperation> ofStep(int batch, double width) {
    return of(AlexNet.paper2012().scaled(width), batch, Purpose.TRAIN, Precision.FP32);
  }

  /**
   * Returns the operations of every family alone, as an inspection does them; beside them what the
   * paper's network has only in relatives: hyperbolic tangents, logistic functions, normalisation
   * inside maps or across towers, a locally connected layer in place of conv5; and the copies of
   * weights that a step in bfloat16 makes.
   */
  static ImmutableMap<String, PlannedOperation> ofFamilies(int batch, double width) {
    NetworkSpec paper = AlexNet.paper2012().scaled(width);
    Map<String, PlannedOperation> all = new LinkedHashMap<>(inspection(paper, batch));
    inspection(paper.withLayers(PlannedOperation::relative), batch).forEach(all::putIfAbsent);
    inspection(paper.withLayers(PlannedOperation::logistic), batch).forEach(all::putIfAbsent);
    inspection(paper.withLayers(PlannedOperation::acrossTowers), batch).forEach(all::putIfAbsent);
    of(paper, batch, Purpose.TRAIN, Precision.BF16).values().stream()
        .filter(planned -> planned.operation() instanceof Operation.Cast)
        .forEach(planned -> all.put(planned.name(), planned));
    return ImmutableMap.copyOf(all);
  }

  private static ImmutableMap<String, PlannedOperation> inspection(NetworkSpec spec, int batch) {
    return of(spec, batch, Purpose.INSPECT, Precision.FP32);
  }

  private static LayerSpec logistic(LayerSpec layer) {
    return layer instanceof Relu relu ? new Sigmoid(relu.name().replace("relu", "sigmoid")) : layer;
  }

  private static LayerSpec acrossTowers(LayerSpec layer) {
    return layer instanceof Lrn n && n.name().equals("norm2")
        ? new Lrn(n.name(), Lrn.Over.ALL_MAPS, n.size(), n.k(), n.alpha(), n.beta())
        : layer;
  }

  private static LayerSpec relative(LayerSpec layer) {
    if (layer instanceof Relu relu) {
      return new Tanh(relu.name().replace("relu", "tanh"));
    }
    if (layer instanceof Conv c && c.name().equals("conv5")) {
      return new Local(
          "local5", c.maps(), c.kernel(), c.stride(), c.pad(), c.reads(), c.parameters());
    }
    return layer instanceof Lrn n
        ? new Lrn(n.name(), Lrn.Over.PIXELS, n.size(), n.k(), n.alpha(), n.beta())
        : layer;
  }

  private static ImmutableMap<String, PlannedOperation> of(
      NetworkSpec spec, int batch, Purpose purpose, Precision precision) {
    TowerPlan tower =
        Planner.plan(spec, batch, purpose, Mean.CHANNEL, 1)
            .in(Arithmetic.of(precision))
            .towers()
            .get(0);
    Map<String, Integer> seen = new HashMap<>();
    ImmutableMap.Builder<String, PlannedOperation> all = ImmutableMap.builder();
    tower
        .operations()
        .filter(o -> !(o instanceof Operation.Send || o instanceof Operation.Receive))
        .forEach(
            operation -> {
              String kind = operation.layer() + "." + operation.getClass().getSimpleName();
              int number = seen.merge(kind, 1, Integer::sum);
              String name = number == 1 ? kind : kind + "#" + number;
              all.put(name, new PlannedOperation(name, operation, tower));
            });
    return all.buildOrThrow();
  }
}
