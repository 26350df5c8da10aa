package org.alexnet4j.plan;

import java.util.function.Supplier;

/** A layer that does not fit its input. Its message begins with the name of that very layer. */
final class Misfit extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  Misfit(String layer, IllegalArgumentException cause) {
    super(layer + ": " + cause.getMessage(), cause);
  }

  /** Does a part of the planning on behalf of one layer, of several that run together. */
  static <T> T of(String layer, Supplier<T> part) {
    try {
      return part.get();
    } catch (Misfit e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw new Misfit(layer, e);
    }
  }

  /** Returns the plain exception of the public API. */
  IllegalArgumentException plain() {
    return new IllegalArgumentException(getMessage(), getCause());
  }
}
