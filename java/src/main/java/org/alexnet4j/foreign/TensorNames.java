package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.TensorSpec;

/** Which tensor of a foreign file is which of ours: one way of naming for the whole file. */
final class TensorNames {
  /** What {@code DataParallel} puts in front of every name. */
  private static final String PARALLEL = "module.";

  private TensorNames() {}

  /** Returns a tensor's name as torchvision has it, of the places of the layers. */
  static String ofRows(ImmutableMap<String, String> rows, TensorSpec tensor) {
    int dot = tensor.name().lastIndexOf('.');
    return rows.get(tensor.name().substring(0, dot)) + tensor.name().substring(dot);
  }

  /**
   * Finds weights and biases of some layers.
   *
   * @return by our names, {@code conv1.weight}, in the order of the layers
   * @throws FormatException if one is missing
   */
  static ImmutableMap<String, ForeignTensor> find(
      ForeignFile file, NetworkSpec network, List<Weighted> layers) throws FormatException {
    ImmutableMap<String, String> sequential = LayerNames.rows(network);
    List<Function<String, String>> ways =
        List.of(
            name -> name,
            name -> name.replace(".weight", "_w").replace(".bias", "_b"),
            name -> name.replace('.', '_'),
            name -> {
              int dot = name.lastIndexOf('.');
              return sequential.get(name.substring(0, dot)) + name.substring(dot);
            });
    Map<String, ForeignTensor> there = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (name, tensor) ->
                there.put(
                    name.startsWith(PARALLEL) ? name.substring(PARALLEL.length()) : name, tensor));
    String first = layers.get(0).name() + ".weight";
    for (Function<String, String> way : ways) {
      if (there.containsKey(way.apply(first))) {
        return all(file, there, layers, way);
      }
    }
    throw new FormatException(
        file.file(),
        "tensors",
        "there is no "
            + first
            + ", "
            + ways.get(1).apply(first)
            + " or "
            + ways.get(3).apply(first)
            + "; there are "
            + Printable.names(file.tensors().keySet()));
  }

  private static ImmutableMap<String, ForeignTensor> all(
      ForeignFile file,
      Map<String, ForeignTensor> there,
      List<Weighted> layers,
      Function<String, String> way)
      throws FormatException {
    ImmutableMap.Builder<String, ForeignTensor> found = ImmutableMap.builder();
    for (Weighted layer : layers) {
      for (String part : List.of(".weight", ".bias")) {
        String foreign = way.apply(layer.name() + part);
        ForeignTensor tensor = there.get(foreign);
        if (tensor == null) {
          throw new FormatException(
              file.file(),
              "tensor " + foreign,
              "is missing, which "
                  + layer.name()
                  + " needs; there are "
                  + Printable.names(file.tensors().keySet())
                  + "; allowed: another --preset, or --up-to a layer before it");
        }
        found.put(layer.name() + part, tensor);
      }
    }
    return found.buildOrThrow();
  }
}
