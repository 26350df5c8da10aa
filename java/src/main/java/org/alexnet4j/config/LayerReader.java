package org.alexnet4j.config;

import java.util.Map;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.shape.PoolShape;

/** Reads one layer of a configuration. */
final class LayerReader {
  private static final Map<String, Reads> READS =
      Map.of("tower", Reads.TOWER, "pair", Reads.PAIR, "all", Reads.ALL);
  private static final Map<String, LayerSpec.Lrn.Over> OVER =
      Map.of("maps", LayerSpec.Lrn.Over.MAPS, "pixels", LayerSpec.Lrn.Over.PIXELS);
  private static final Map<String, PoolShape.Mode> MODES =
      Map.of("max", PoolShape.Mode.MAX, "average", PoolShape.Mode.AVERAGE);
  private static final Map<String, PoolShape.Ties> TIES =
      Map.of("all", PoolShape.Ties.ALL, "first", PoolShape.Ties.FIRST);

  private LayerReader() {}

  static LayerSpec read(String name, ConfigNode node) {
    try {
      LayerSpec layer =
          switch (node.field("type").text()) {
            case "conv" -> conv(name, node);
            case "fc" ->
                new LayerSpec.Fc(
                    name,
                    node.integer("units"),
                    node.choice("towers", Map.of("first", true, "each", false), false),
                    node.choice("reads", READS, Reads.ALL),
                    parameters(node));
            case "relu" -> new LayerSpec.Relu(name);
            case "tanh" -> new LayerSpec.Tanh(name);
            case "lrn" ->
                new LayerSpec.Lrn(
                    name,
                    node.choice("over", OVER, LayerSpec.Lrn.Over.MAPS),
                    node.integer("size"),
                    node.number("k"),
                    node.number("alpha"),
                    node.number("beta"));
            case "pool" ->
                new LayerSpec.Pool(
                    name,
                    node.integer("size"),
                    node.integer("stride"),
                    node.choice("mode", MODES, PoolShape.Mode.MAX),
                    node.choice("ties", TIES, PoolShape.Ties.ALL));
            case "dropout" -> new LayerSpec.Dropout(name, node.number("keep"));
            case "softmax" -> new LayerSpec.Softmax(name);
            default ->
                throw node.field("type")
                    .error(
                        "is '"
                            + node.field("type").text()
                            + "'; allowed: conv, dropout, fc, lrn, pool, relu, softmax, tanh");
          };
      node.finish();
      return layer;
    } catch (IllegalArgumentException e) {
      throw node.error(": " + e.getMessage());
    }
  }

  private static LayerSpec conv(String name, ConfigNode node) {
    return new LayerSpec.Conv(
        name,
        node.integer("maps"),
        node.integer("kernel"),
        node.integer("stride", 1),
        node.integer("pad", 0),
        node.choice("reads", READS, Reads.TOWER),
        parameters(node));
  }

  private static Parameters parameters(ConfigNode node) {
    return new Parameters(
        node.number("sigma"),
        node.number("bias"),
        node.number("weightRate", 1),
        node.number("biasRate", 1),
        node.number("decay"));
  }
}
