package org.alexnet4j.foreign;

import java.io.IOException;
import java.util.List;
import org.alexnet4j.foreign.OnnxPath.Difference;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.OnnxNode;
import org.alexnet4j.net.LayerSpec.Lrn;

/**
 * Whether nodes are a normalisation: one LRN, one for each tower between a Split and a Concat, or
 * of pixels, for which ONNX has no operator, as {@link OnnxLayers} writes them.
 */
final class OnnxNorms {
  private final OnnxPath path;
  private final ForeignFile file;
  private final int towers;
  private final int channels;

  OnnxNorms(OnnxPath path, ForeignFile file, int towers, int channels) {
    this.path = path;
    this.file = file;
    this.towers = towers;
    this.channels = channels;
  }

  /** Goes on behind the nodes of a normalisation. */
  void compare(Lrn lrn) throws Difference, IOException {
    if (lrn.over() == Lrn.Over.PIXELS) {
      pixels(lrn);
    } else if (lrn.over() == Lrn.Over.MAPS && towers > 1) {
      apart(lrn);
    } else {
      OnnxNode node = path.take("LRN", lrn);
      path.requireMaps(node);
      constants(node, lrn);
    }
  }

  /** ONNX divides alpha by the size; here it is on the plain sum (D5). */
  private static void constants(OnnxNode node, Lrn lrn) throws Difference {
    OnnxPath.requireNumber(node, "size", 0, lrn.size());
    OnnxPath.requireNumber(node, "alpha", 1e-4, (double) lrn.alpha() * lrn.size());
    OnnxPath.requireNumber(node, "beta", 0.75, lrn.beta());
    OnnxPath.requireNumber(node, "bias", 1, lrn.k());
  }

  private void apart(Lrn lrn) throws Difference {
    if (!path.isAtEnd() && path.readers(path.x()).get(0).type().equals("LRN")) {
      throw OnnxPath.different(
          path.peek("LRN", lrn),
          "its windows cross groups, those of "
              + lrn.name()
              + " stay in a tower; allowed: over: all-maps");
    }
    OnnxNode split = path.take("Split", lrn);
    path.requireMaps(split);
    OnnxPath.requireNumber(split, "axis", 0, 1);
    OnnxPath.require(
        split.outputs().size() == towers,
        split,
        "makes " + split.outputs().size() + " parts, needed is one for each tower, " + towers);
    requireEqualParts(split);
    OnnxNode concat = null;
    for (int t = 0; t < towers; t++) {
      String part = split.outputs().get(t);
      OnnxNode norm = only(split, part, "LRN");
      constants(norm, lrn);
      OnnxPath.require(!norm.outputs().isEmpty(), norm, "makes nothing");
      OnnxNode joins = only(norm, norm.outputs().get(0), "Concat");
      OnnxPath.require(concat == null || concat == joins, joins, "joins the parts of some towers");
      concat = joins;
      OnnxPath.require(
          joins.inputs().size() == towers && joins.inputs().get(t).equals(norm.outputs().get(0)),
          joins,
          "joins other parts, or in another order, than those of the towers");
    }
    OnnxPath.requireNumber(concat, "axis", 0, 1);
    path.moveTo(concat);
  }

  private OnnxNode only(OnnxNode from, String tensor, String type) throws Difference {
    List<OnnxNode> readers = path.readers(tensor);
    OnnxPath.require(
        readers.size() == 1 && readers.get(0).type().equals(type),
        from,
        "its part " + OnnxPath.name(tensor) + " is read by other than one " + type);
    return readers.get(0);
  }

  /** Widths are an attribute before opset 13, an input since, or left out: all the same. */
  private void requireEqualParts(OnnxNode split) throws Difference {
    List<Long> widths = OnnxPath.wholes(OnnxPath.numbers(split, "split", List.of()));
    if (split.inputs().size() > 1 && !split.inputs().get(1).isEmpty()) {
      widths = file.graph().integers().get(split.inputs().get(1));
      OnnxPath.require(widths != null, split, "its widths are no constant of whole numbers");
    }
    OnnxPath.require(
        widths.stream().allMatch(width -> width * towers == channels),
        split,
        "makes parts of " + widths + " maps, needed are " + channels / towers);
  }

  /** Mul, AveragePool, Mul, Add, Pow, Mul: x times a power of the sum of squares (D4). */
  private void pixels(Lrn lrn) throws Difference, IOException {
    path.isAtEnd(); // behind what changes nothing
    String x = path.x();
    List<OnnxNode> both = path.readers(x);
    String needed = "normalisation over pixels is one of squares, as alexnet4j writes it";
    if (both.size() != 2) {
      path.take("Mul", lrn); // says what is there
      throw new Difference("layer " + lrn.name() + " is missing in the graph; " + needed);
    }
    boolean ahead = both.get(0).inputs().equals(List.of(x, x));
    OnnxNode squares = both.get(ahead ? 0 : 1);
    OnnxNode product = both.get(ahead ? 1 : 0);
    OnnxPath.require(
        squares.type().equals("Mul") && squares.inputs().equals(List.of(x, x)), squares, needed);
    path.requireMaps(squares);
    path.moveTo(squares);
    OnnxNode means = path.take("AveragePool", lrn);
    int half = lrn.size() / 2;
    OnnxPath.requireNumbers(means, "kernel_shape", List.of(), lrn.size());
    OnnxPath.requireNumbers(means, "strides", List.of(1.0, 1.0), 1);
    OnnxPath.requireNumber(means, "count_include_pad", 0, 1);
    List<Long> pads = OnnxPath.wholes(OnnxPath.numbers(means, "pads", List.of()));
    long pad = half;
    OnnxPath.require(
        pads.equals(List.of(pad, pad, pad, pad)),
        means,
        "pads are " + pads + ", needed are " + half);
    double area = (double) lrn.size() * lrn.size();
    path.requireConstant(file, path.take("Mul", lrn), lrn.alpha() * area);
    path.requireConstant(file, path.take("Add", lrn), lrn.k());
    path.requireConstant(file, path.take("Pow", lrn), -lrn.beta());
    OnnxNode last = path.take("Mul", lrn);
    OnnxPath.require(last == product && last.inputs().size() == 2, last, needed);
  }
}
