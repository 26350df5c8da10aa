package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;

/**
 * A layer of a Caffe file as it computes.
 *
 * @param name as the file has it
 * @param type {@code Convolution}, {@code LRN}, ... as newer files call it
 * @param bottoms names of what it reads
 * @param tops names of what it makes
 * @param numbers its parameters by their names in caffe.proto, those alone that the file states
 * @param means grey levels by channel that its images are brought to the network with
 */
public record CaffeLayer(
    String name,
    String type,
    ImmutableList<String> bottoms,
    ImmutableList<String> tops,
    ImmutableMap<String, Double> numbers,
    ImmutableList<Float> means) {

  /** Returns a parameter, or what caffe.proto says of one that is not stated. */
  public double number(String name, double otherwise) {
    return numbers.getOrDefault(name, otherwise);
  }
}
