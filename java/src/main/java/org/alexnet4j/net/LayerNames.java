package org.alexnet4j.net;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.text.Suggestion;

/**
 * The layer that a name means. A layer's own name always wins. Otherwise a name may be
 *
 * <ul>
 *   <li>a place in torchvision's two rows, {@code features.0} up to the last pooling and {@code
 *       classifier.0} from there on, counted through the layers of the network at hand;
 *   <li>a kind and a number as Caffe's networks have them, {@code relu6}, {@code norm1}, {@code
 *       lrn1}, {@code drop6}: the layer of that kind between the layer with weights that has the
 *       number in its name and the next one;
 *   <li>{@code data} for the input, {@code prob} for softmax.
 * </ul>
 */
public final class LayerNames {
  /** What is not a layer, but has values like one. */
  public static final String INPUT = "input";

  private static final Pattern NUMBERED = Pattern.compile("([a-z]+)([0-9]{1,9})");

  private static final ImmutableMap<String, Class<? extends LayerSpec>> KINDS =
      ImmutableMap.<String, Class<? extends LayerSpec>>builder()
          .put("conv", LayerSpec.Conv.class)
          .put("local", LayerSpec.Local.class)
          .put("fc", Fc.class)
          .put("relu", Relu.class)
          .put("norm", Lrn.class)
          .put("lrn", Lrn.class)
          .put("pool", Pool.class)
          .put("drop", Dropout.class)
          .put("dropout", Dropout.class)
          .buildOrThrow();

  private LayerNames() {}

  /**
   * {@return the name of the layer, or {@link #INPUT}}
   *
   * @param network the network
   * @param given a name, as a person or a file has it
   * @throws IllegalArgumentException if no layer is meant, or several; the text lists what there is
   */
  public static String resolve(NetworkSpec network, String given) {
    List<String> meant = meant(network, given);
    if (meant.size() == 1) {
      return meant.get(0);
    }
    if (meant.size() > 1) {
      throw new IllegalArgumentException(
          "layer '" + given + "' may be " + String.join(" or ", meant) + "; allowed: one of these");
    }
    throw new IllegalArgumentException(
        "no layer '" + shown(given) + "'; " + allowed(network, given));
  }

  /**
   * {@return the end of a message about a name that means no layer}
   *
   * @param network the network
   * @param given a name, as a person or a file has it
   */
  public static String allowed(NetworkSpec network, String given) {
    ImmutableList<String> rows = rows(network).values().asList();
    int split = split(network);
    return Suggestion.allowed(given, names(network))
        + "; also "
        + (split > 0 ? rows.get(0) + " to " + rows.get(split - 1) + ", " : "")
        + rows.get(split)
        + " to "
        + rows.get(rows.size() - 1);
  }

  private static String shown(String given) {
    return given.length() <= 40 ? given : given.substring(0, 40) + "...";
  }

  /** Returns the names of the input and of all layers, in order. */
  private static List<String> names(NetworkSpec network) {
    List<String> names = new ArrayList<>(List.of(INPUT));
    network.layers().forEach(layer -> names.add(layer.name()));
    return names;
  }

  /**
   * {@return the layers that a name may mean: one, or none, or several in their order}
   *
   * @param network the network
   * @param given a name, as a person or a file has it
   */
  public static List<String> meant(NetworkSpec network, String given) {
    if (names(network).contains(given)) {
      return List.of(given);
    }
    for (Map.Entry<String, String> place : rows(network).entrySet()) {
      if (place.getValue().equals(given)) {
        return List.of(place.getKey());
      }
    }
    if (given.equals("data")) {
      return List.of(INPUT);
    }
    if (given.equals("prob")) {
      return network.layers().stream()
          .filter(Softmax.class::isInstance)
          .map(LayerSpec::name)
          .toList();
    }
    Matcher numbered = NUMBERED.matcher(given);
    return numbered.matches() && KINDS.containsKey(numbered.group(1))
        ? numbered(network, KINDS.get(numbered.group(1)), numbered.group(2))
        : List.of();
  }

  private static List<String> numbered(
      NetworkSpec network, Class<? extends LayerSpec> kind, String number) {
    List<String> meant = new ArrayList<>();
    boolean here = false;
    for (LayerSpec layer : network.layers()) {
      if (layer instanceof Weighted) {
        here = layer.name().replaceFirst(".*?([0-9]*)$", "$1").equals(number);
      }
      if (here && kind.isInstance(layer)) {
        meant.add(layer.name());
      }
    }
    return meant;
  }

  /**
   * {@return the places of all layers in torchvision's two rows, by their names, in order}
   *
   * @param network the network
   */
  public static ImmutableMap<String, String> rows(NetworkSpec network) {
    List<LayerSpec> layers = network.layers();
    int split = split(network);
    ImmutableMap.Builder<String, String> rows = ImmutableMap.builder();
    for (int i = 0; i < layers.size() - 1; i++) { // torchvision has no softmax
      rows.put(layers.get(i).name(), i < split ? "features." + i : "classifier." + (i - split));
    }
    return rows.buildOrThrow();
  }

  /**
   * {@return where the second row begins: at the first fully-connected layer, or its dropout}
   *
   * @param network the network
   */
  public static int split(NetworkSpec network) {
    List<LayerSpec> layers = network.layers();
    int split = 0;
    while (!(layers.get(split) instanceof Fc)) {
      split++;
    }
    while (split > 0 && layers.get(split - 1) instanceof Dropout) {
      split--;
    }
    return split;
  }
}
