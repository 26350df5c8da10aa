package org.alexnet4j.jmh;

import java.nio.charset.StandardCharsets;
import org.alexnet4j.io.Proto;

/** One node of an ONNX graph; numbers of fields are those of onnx.proto. */
final class OnnxNode {
  private static final int TYPE_FLOAT = 1;
  private static final int TYPE_INT = 2;
  private static final int TYPE_INTS = 7;

  private final Proto node = new Proto();

  /**
   * Begins a node with one output, which has the node's name.
   *
   * @param operator of ONNX's default domain
   */
  OnnxNode(String operator, String name, String... inputs) {
    for (String input : inputs) {
      node.bytes(1, utf8(input));
    }
    node.bytes(2, utf8(name)).bytes(3, utf8(name)).bytes(4, utf8(operator));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  OnnxNode with(String attribute, float value) {
    return add(new Proto().bytes(1, utf8(attribute)).float32(2, value).varint(20, TYPE_FLOAT));
  }

  OnnxNode with(String attribute, long value) {
    return add(new Proto().bytes(1, utf8(attribute)).varint(3, value).varint(20, TYPE_INT));
  }

  OnnxNode withList(String attribute, long... values) {
    Proto list = new Proto().bytes(1, utf8(attribute));
    for (long value : values) {
      list.varint(8, value);
    }
    return add(list.varint(20, TYPE_INTS));
  }

  private OnnxNode add(Proto attribute) {
    node.bytes(5, attribute.toBytes());
    return this;
  }

  byte[] toBytes() {
    return node.toBytes();
  }
}
