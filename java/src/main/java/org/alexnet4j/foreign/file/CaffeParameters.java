package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The parameters of the layers that are known: the message that states them, its numbers' names,
 * and what caffe.proto says of one that is not stated. In one place for the binary and the text
 * form.
 */
enum CaffeParameters {
  CONCAT("Concat", 104, 9, List.of(count(1, "concat_dim", 1), count(2, "axis", 1))),
  CONVOLUTION(
      "Convolution",
      106,
      10,
      List.of(
          count(1, "num_output", 0),
          truth(2, "bias_term", 1),
          counts(3, "pad", 0),
          counts(4, "kernel_size", 0),
          count(5, "group", 1),
          counts(6, "stride", 1),
          count(9, "pad_h", 0),
          count(10, "pad_w", 0),
          count(11, "kernel_h", 0),
          count(12, "kernel_w", 0),
          count(13, "stride_h", 1),
          count(14, "stride_w", 1),
          count(16, "axis", 1),
          counts(18, "dilation", 1)),
      "weight_filler",
      "bias_filler",
      "force_nd_im2col"),
  DROPOUT("Dropout", 108, 12, List.of(real(1, "dropout_ratio", 0.5))),
  INNER_PRODUCT(
      "InnerProduct",
      117,
      17,
      List.of(
          count(1, "num_output", 0),
          truth(2, "bias_term", 1),
          count(5, "axis", 1),
          truth(6, "transpose", 0)),
      "weight_filler",
      "bias_filler"),
  LRN(
      "LRN",
      118,
      18,
      List.of(
          count(1, "local_size", 5),
          real(2, "alpha", 1),
          real(3, "beta", 0.75),
          choice(4, "norm_region", "ACROSS_CHANNELS", "WITHIN_CHANNEL"),
          real(5, "k", 1))),
  POOLING(
      "Pooling",
      121,
      19,
      List.of(
          choice(1, "pool", "MAX", "AVE", "STOCHASTIC"),
          count(2, "kernel_size", 0),
          count(3, "stride", 1),
          count(4, "pad", 0),
          count(5, "kernel_h", 0),
          count(6, "kernel_w", 0),
          count(7, "stride_h", 1),
          count(8, "stride_w", 1),
          count(9, "pad_h", 0),
          count(10, "pad_w", 0),
          truth(12, "global_pooling", 0),
          choice(13, "round_mode", "CEIL", "FLOOR"))),
  RELU("ReLU", 123, 30, List.of(real(1, "negative_slope", 0))),
  SLICE(
      "Slice",
      126,
      31,
      List.of(count(1, "slice_dim", 1), counts(2, "slice_point", 0), count(3, "axis", 1))),
  SOFTMAX("Softmax", 125, 39, List.of(count(2, "axis", 1)));

  /** What a number is written as. */
  enum Kind {
    COUNT,
    TRUTH,
    REAL,
    CHOICE
  }

  /**
   * A number of a message.
   *
   * @param field its number
   * @param otherwise its value if it is not stated
   * @param many whether it may be stated several times, as of rows and columns
   * @param choices names of values 0, 1, ... of an enumeration
   */
  record Number(
      int field,
      String name,
      Kind kind,
      double otherwise,
      boolean many,
      ImmutableList<String> choices) {}

  private final String type;
  private final int field;
  private final int v1Field;
  private final ImmutableMap<Integer, Number> numbers;
  private final ImmutableSet<String> idle;

  CaffeParameters(String type, int field, int v1Field, List<Number> numbers, String... idle) {
    this.type = type;
    this.field = field;
    this.v1Field = v1Field;
    this.numbers =
        numbers.stream().collect(ImmutableMap.toImmutableMap(Number::field, number -> number));
    this.idle = ImmutableSet.<String>builder().add(idle).add("engine").build();
  }

  private static Number count(int field, String name, double otherwise) {
    return new Number(field, name, Kind.COUNT, otherwise, false, ImmutableList.of());
  }

  private static Number counts(int field, String name, double otherwise) {
    return new Number(field, name, Kind.COUNT, otherwise, true, ImmutableList.of());
  }

  private static Number truth(int field, String name, double otherwise) {
    return new Number(field, name, Kind.TRUTH, otherwise, false, ImmutableList.of());
  }

  private static Number real(int field, String name, double otherwise) {
    return new Number(field, name, Kind.REAL, otherwise, false, ImmutableList.of());
  }

  private static Number choice(int field, String name, String... choices) {
    return new Number(field, name, Kind.CHOICE, 0, false, ImmutableList.copyOf(choices));
  }

  /** Returns the parameters of a type of layers, if it is known and has any. */
  static Optional<CaffeParameters> of(String type) {
    String name = type.equals("SoftmaxWithLoss") ? "Softmax" : type;
    return Arrays.stream(values()).filter(one -> one.type.equals(name)).findFirst();
  }

  /** Returns those that a field of a layer holds. */
  static Optional<CaffeParameters> ofField(int number, boolean v1) {
    return Arrays.stream(values())
        .filter(one -> (v1 ? one.v1Field : one.field) == number)
        .findFirst();
  }

  /** Returns the name of the message in a layer. */
  String message() {
    return name().toLowerCase(Locale.ROOT) + "_param";
  }

  ImmutableMap<Integer, Number> numbers() {
    return numbers;
  }

  Optional<Number> number(String name) {
    return numbers.values().stream().filter(one -> one.name().equals(name)).findFirst();
  }

  /** Returns the fields that change nothing when predicting. */
  ImmutableSet<String> idle() {
    return idle;
  }
}
