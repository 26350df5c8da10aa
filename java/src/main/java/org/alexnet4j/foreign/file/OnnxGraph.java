package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * What an ONNX model computes, beside its tensors of floats.
 *
 * @param nodes in the order of the file
 * @param inputs names of what it is fed with, initializers left out
 * @param initializers names of all of them, of whatever type
 * @param integers short lists of whole numbers among the initializers
 */
public record OnnxGraph(
    ImmutableList<OnnxNode> nodes,
    ImmutableList<String> inputs,
    ImmutableList<String> initializers,
    ImmutableMap<String, ImmutableList<Long>> integers) {
  /** The graph of a file that has none. */
  static final OnnxGraph NONE =
      new OnnxGraph(ImmutableList.of(), ImmutableList.of(), ImmutableList.of(), ImmutableMap.of());
}
