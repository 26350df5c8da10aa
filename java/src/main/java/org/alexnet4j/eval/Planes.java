package org.alexnet4j.eval;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.tower.Towers;

/**
 * Reads what layers computed, the planes of all towers joined along their channels, tower a first.
 *
 * @param towers with a plan for INSPECT, in which nothing is fused or overwritten
 * @hidden
 */
public record Planes(Towers towers) {

  /** {@return the names of the input and of all layers, in order} */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    names.add("input");
    towers.plan().layers().forEach((LayerSummary layer) -> names.add(layer.name()));
    return names;
  }

  /**
   * Returns the layer whose output the last fully-connected layer reads, without dropout, which
   * only scales it when testing: the paper's "last hidden layer" of 4096 units.
   */
  static String lastHidden(List<LayerSpec> layers) {
    int last = layers.size() - 3; // before the classes and softmax
    while (last > 0 && layers.get(last) instanceof Dropout) {
      last--;
    }
    return last < 0 ? "input" : layers.get(last).name();
  }

  /**
   * {@return the towers that hold a plane of this name; of the input, which all hold, the first}
   *
   * @param name of a plane
   */
  public List<Integer> holders(String name) {
    Plan plan = towers.plan();
    List<Integer> holders = new ArrayList<>();
    for (TowerPlan tower : plan.towers()) {
      boolean has =
          tower.buffers().stream().anyMatch(b -> b.name().equals(name) && b.extent() != null);
      if (has && (holders.isEmpty() || !name.equals("input"))) {
        holders.add(tower.tower());
      }
    }
    return holders;
  }

  /** Returns the size of a tower's plane for one image. */
  Extent extent(int tower, String name) {
    return plane(tower, name).extent();
  }

  private BufferSpec plane(int tower, String name) {
    return towers.plan().towers().get(tower).buffer(name);
  }

  /**
   * {@return the size of the joined plane for one image}
   *
   * @param name of a plane
   */
  public Extent extent(String name) {
    Extent first = extent(holders(name).get(0), name);
    int channels = holders(name).stream().mapToInt(t -> extent(t, name).c()).sum();
    return new Extent(first.h(), first.w(), channels);
  }

  /**
   * {@return the joined plane of a whole batch, {@code [N,H,W,C]}}
   *
   * @param name of a plane
   */
  public float[] joined(String name) {
    List<Integer> holders = holders(name);
    if (holders.size() == 1) {
      return towers.read(holders.get(0), name);
    }
    Extent extent = extent(name);
    int channels = extent.c();
    int pixels = towers.plan().batch() * extent.h() * extent.w();
    float[] whole = new float[pixels * channels];
    int first = 0;
    for (int tower : holders) {
      float[] part = towers.read(tower, name);
      int width = extent(tower, name).c();
      for (int p = 0; p < pixels; p++) {
        System.arraycopy(part, p * width, whole, p * channels + first, width);
      }
      first += width;
    }
    return whole;
  }
}
