package org.alexnet4j.plan;

/** What a unit does with its input, where that is an operation of its own. */
enum Neuron {
  RELU(Operation.ReluFprop::new, Operation.ReluBprop::new),
  TANH(Operation.TanhFprop::new, Operation.TanhBprop::new),
  SIGMOID(Operation.SigmoidFprop::new, Operation.SigmoidBprop::new),
  ;

  private final Forward forward;
  private final Backward backward;

  Neuron(Forward forward, Backward backward) {
    this.forward = forward;
    this.backward = backward;
  }

  private interface Forward {
    Operation of(String layer, long count, int x, int y);
  }

  private interface Backward {
    Operation of(String layer, long count, int y, int dy, int dx);
  }

  /** Returns the way forward, from buffer to buffer. */
  Operation fprop(String layer, long count, int x, int y) {
    return forward.of(layer, count, x, y);
  }

  /** Returns the way back. */
  Operation bprop(String layer, long count, int y, int dy, int dx) {
    return backward.of(layer, count, y, dy, dx);
  }
}
