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
 * @param feed how its images are brought to the network
 * @param place where a prototxt describes it, {@code deploy.prototxt, line 12}; otherwise nothing
 */
public record CaffeLayer(
    String name,
    String type,
    ImmutableList<String> bottoms,
    ImmutableList<String> tops,
    ImmutableMap<String, Double> numbers,
    CaffeFeed feed,
    String place) {

  /** Returns a parameter, or what caffe.proto says of one that is not stated. */
  public double number(String name, double otherwise) {
    return numbers.getOrDefault(name, otherwise);
  }

  /** Returns whether it feeds a network or judges it, and computes nothing of it. */
  public boolean isApart() {
    return CaffeTypes.APART.contains(type);
  }

  /** Returns what messages call it. */
  public String title() {
    return "layer " + name + (place.isEmpty() ? "" : " (" + place + ")");
  }
}
