package org.alexnet4j.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.text.Suggestion;

/**
 * The layers of a preset with the changes of a file that extends it: settings of a layer, {@code
 * off} to take one out, and new ones, which say behind which layer they stand: {@code conv6:
 * {after: pool5, type: conv, ...}}.
 */
final class ChangedLayers {
  private static final String AFTER = "after";

  private final String preset;
  private final List<String> order = new ArrayList<>();
  private final Map<String, ConfigNode> layers = new LinkedHashMap<>();

  private ChangedLayers(String preset, ConfigNode base) {
    this.preset = preset;
    base.entries()
        .forEach(
            (name, layer) -> {
              order.add(name);
              layers.put(name, layer);
            });
  }

  /**
   * Returns all layers in their order.
   *
   * @param preset what messages call the base
   * @throws ConfigException if a change is of no layer, or a new layer has no place
   */
  static ConfigNode of(String preset, ConfigNode base, ConfigNode changes) {
    ChangedLayers changed = new ChangedLayers(preset, base);
    changes.entries().forEach(changed::take);
    Map<String, ConfigNode> ordered = new LinkedHashMap<>();
    changed.order.forEach(name -> ordered.put(name, changed.layers.get(name)));
    return base.withFields(ordered);
  }

  private void take(String name, ConfigNode change) {
    boolean placed = !change.isScalar() && change.has(AFTER);
    ConfigNode before = layers.get(name);
    if (before != null && !before.isOff()) {
      if (placed) {
        throw change
            .field(AFTER)
            .error("moves a layer that " + preset + " has; allowed: in a layer that it lacks");
      }
      layers.put(name, before.merged(change));
      return;
    }
    List<String> known = order.stream().filter(layer -> !layers.get(layer).isOff()).toList();
    if (!placed) {
      throw change.error(
          "is no layer of "
              + preset
              + "; "
              + Suggestion.allowed(name, known)
              + "; a new layer says 'after: LAYER'");
    }
    String target = change.field(AFTER).text();
    if (!order.contains(target)) {
      throw change
          .field(AFTER)
          .error("is '" + target + "', which is no layer; " + Suggestion.allowed(target, known));
    }
    order.remove(name); // one that the preset itself takes out
    order.add(order.indexOf(target) + 1, name);
    layers.put(name, change.without(AFTER));
  }
}
