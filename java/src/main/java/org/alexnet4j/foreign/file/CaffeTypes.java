package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;

/** Types of layers as files of today call them, as those of 2013 and 2014 did, and by number. */
enum CaffeTypes {
  ACCURACY(1, "Accuracy"),
  CONCAT(3, "Concat"),
  CONVOLUTION(4, "Convolution"),
  DATA(5, "Data"),
  DROPOUT(6, "Dropout"),
  HDF5_DATA(9, "HDF5Data"),
  IMAGE_DATA(12, "ImageData"),
  INNER_PRODUCT(14, "InnerProduct"),
  LRN(15, "LRN"),
  POOLING(17, "Pooling"),
  RELU(18, "ReLU"),
  SIGMOID(19, "Sigmoid"),
  SOFTMAX(20, "Softmax"),
  SOFTMAX_LOSS(21, "SoftmaxWithLoss"),
  SPLIT(22, "Split"),
  TANH(23, "TanH"),
  WINDOW_DATA(24, "WindowData"),
  MEMORY_DATA(29, "MemoryData"),
  DUMMY_DATA(32, "DummyData"),
  SLICE(33, "Slice");

  /** What feeds a network or judges it: no layer that computes. */
  static final ImmutableSet<String> APART =
      ImmutableSet.of(
          "Data",
          "ImageData",
          "WindowData",
          "Input",
          "HDF5Data",
          "MemoryData",
          "DummyData",
          "Accuracy");

  private final int code;
  private final String type;

  CaffeTypes(int code, String type) {
    this.code = code;
    this.type = type;
  }

  /** Returns a type by its number in {@code V1LayerParameter}. */
  static String ofCode(int code) {
    return ImmutableList.copyOf(values()).stream()
        .filter(one -> one.code == code)
        .map(one -> one.type)
        .findFirst()
        .orElse("type " + code);
  }

  /** Returns a type by its word in {@code V1LayerParameter}; one that is not known stays it. */
  static String ofWord(String word) {
    return ImmutableList.copyOf(values()).stream()
        .filter(one -> one.name().equals(word))
        .map(one -> one.type)
        .findFirst()
        .orElse(word);
  }
}
