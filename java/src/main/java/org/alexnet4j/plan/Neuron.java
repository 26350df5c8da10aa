package org.alexnet4j.plan;

/** What a unit does with its input, where that is an operation of its own. */
enum Neuron {
  /** The rectifier. */
  RELU {
    @Override
    Operation fprop(String layer, long count, int x, int y) {
      return new Operation.ReluFprop(layer, count, x, y);
    }

    @Override
    Operation bprop(String layer, long count, int y, int dy, int dx) {
      return new Operation.ReluBprop(layer, count, y, dy, dx);
    }
  },

  /** The hyperbolic tangent. */
  TANH {
    @Override
    Operation fprop(String layer, long count, int x, int y) {
      return new Operation.TanhFprop(layer, count, x, y);
    }

    @Override
    Operation bprop(String layer, long count, int y, int dy, int dx) {
      return new Operation.TanhBprop(layer, count, y, dy, dx);
    }
  };

  /** Returns the way forward, from buffer to buffer. */
  abstract Operation fprop(String layer, long count, int x, int y);

  /** Returns the way back. */
  abstract Operation bprop(String layer, long count, int y, int dy, int dx);
}
