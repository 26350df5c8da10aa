package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * A node of an ONNX graph as it computes.
 *
 * @param name as the file has it; may be empty
 * @param type {@code Conv}, {@code LRN}, ...
 * @param inputs names of what it reads
 * @param outputs names of what it makes
 * @param numbers its attributes that are numbers or lists of them, by name
 * @param texts its attributes that are texts, by name
 */
public record OnnxNode(
    String name,
    String type,
    ImmutableList<String> inputs,
    ImmutableList<String> outputs,
    ImmutableMap<String, ImmutableList<Double>> numbers,
    ImmutableMap<String, String> texts) {}
