package org.alexnet4j.config;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;
import org.alexnet4j.shape.Shapes;

/** Reads one layer of a configuration. */
final class LayerReader {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,39}");
  private static final Map<String, Reads> READS =
      Map.of("tower", Reads.TOWER, "pair", Reads.PAIR, "all", Reads.ALL);
  private static final Map<String, LayerSpec.Lrn.Over> OVER =
      Map.of(
          "maps", LayerSpec.Lrn.Over.MAPS,
          "all-maps", LayerSpec.Lrn.Over.ALL_MAPS,
          "pixels", LayerSpec.Lrn.Over.PIXELS);
  private static final Map<String, Rounding> ROUNDINGS =
      Map.of("up", Rounding.UP, "down", Rounding.DOWN);
  private static final Map<String, PoolShape.Mode> MODES =
      Map.of("max", PoolShape.Mode.MAX, "average", PoolShape.Mode.AVERAGE);
  private static final Map<String, PoolShape.Ties> TIES =
      Map.of("all", PoolShape.Ties.ALL, "first", PoolShape.Ties.FIRST);

  private static final Map<String, BiFunction<String, ConfigNode, LayerSpec>> TYPES =
      ImmutableMap.<String, BiFunction<String, ConfigNode, LayerSpec>>builder()
          .put("conv", LayerReader::conv)
          .put("local", LayerReader::local)
          .put("fc", LayerReader::fc)
          .put("relu", (name, node) -> new LayerSpec.Relu(name))
          .put("tanh", (name, node) -> new LayerSpec.Tanh(name))
          .put("sigmoid", (name, node) -> new LayerSpec.Sigmoid(name))
          .put("lrn", LayerReader::lrn)
          .put("pool", LayerReader::pool)
          .put("dropout", LayerReader::dropout)
          .put("softmax", (name, node) -> new LayerSpec.Softmax(name))
          .buildOrThrow();

  private LayerReader() {}

  private static LayerSpec dropout(String name, ConfigNode node) {
    return new LayerSpec.Dropout(
        name, node.number("keep", k -> k > 0 && k <= 1, "above 0, at most 1"));
  }

  static LayerSpec read(String name, ConfigNode node) {
    if (!NAME.matcher(name).matches()) {
      throw node.error("is no name of a layer; allowed: up to 40 letters, digits and _-");
    }
    try {
      LayerSpec layer = node.field("type").choice(TYPES).apply(name, node);
      node.finish();
      return layer;
    } catch (IllegalArgumentException e) {
      throw node.error(": " + e.getMessage());
    }
  }

  private static LayerSpec fc(String name, ConfigNode node) {
    return new LayerSpec.Fc(
        name,
        node.integer("units", 1, Shapes.MAX_EXTENT),
        node.choice("towers", Map.of("first", true, "each", false), false),
        node.choice("reads", READS, Reads.ALL),
        parameters(node));
  }

  private static LayerSpec lrn(String name, ConfigNode node) {
    return new LayerSpec.Lrn(
        name,
        node.choice("over", OVER, LayerSpec.Lrn.Over.MAPS),
        node.integer("size", 1, Shapes.MAX_SIDE),
        node.number("k", k -> k > 0, "above 0"),
        node.number("alpha", alpha -> alpha >= 0, "0 or more"),
        node.number("beta", beta -> true, ""));
  }

  private static LayerSpec pool(String name, ConfigNode node) {
    return new LayerSpec.Pool(
        name,
        node.integer("size", 1, Shapes.MAX_SIDE),
        node.integer("stride", 1, Shapes.MAX_SIDE),
        node.choice("mode", MODES, PoolShape.Mode.MAX),
        node.choice("ties", TIES, PoolShape.Ties.ALL));
  }

  private static LayerSpec conv(String name, ConfigNode node) {
    return new LayerSpec.Conv(
        name,
        node.integer("maps", 1, Shapes.MAX_EXTENT),
        node.integer("kernel", 1, Shapes.MAX_SIDE),
        node.integer("stride", 1, Shapes.MAX_SIDE, 1),
        node.integer("pad", 0, Shapes.MAX_SIDE, 0),
        node.choice("rounding", ROUNDINGS, Rounding.UP),
        node.choice("reads", READS, Reads.TOWER),
        parameters(node));
  }

  private static LayerSpec local(String name, ConfigNode node) {
    return new LayerSpec.Local(
        name,
        node.integer("maps", 1, Shapes.MAX_EXTENT),
        node.integer("kernel", 1, Shapes.MAX_SIDE),
        node.integer("stride", 1, Shapes.MAX_SIDE, 1),
        node.integer("pad", 0, Shapes.MAX_SIDE, 0),
        node.choice("rounding", ROUNDINGS, Rounding.UP),
        node.choice("reads", READS, Reads.TOWER),
        parameters(node));
  }

  private static Parameters parameters(ConfigNode node) {
    DoublePredicate positive = value -> value >= 0;
    String allowed = "0 or more";
    return new Parameters(
        node.number("sigma", positive, allowed),
        node.number("bias", bias -> true, ""),
        node.number("weightRate", positive, allowed, 1),
        node.number("biasRate", positive, allowed, 1),
        node.number("decay", positive, allowed));
  }
}
