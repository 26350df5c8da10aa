package org.alexnet4j.shape;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Finds what a person calls by its name. */
final class Named {
  private Named() {}

  /**
   * Returns the value whose text is a name.
   *
   * @param what asks, for the message
   * @throws IllegalArgumentException if there is none
   */
  static <T> T parse(T[] values, String what, String name) {
    return Arrays.stream(values)
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    what + " is '" + name + "'; allowed: " + names(values)));
  }

  /** Returns all names, for messages. */
  static String names(Object[] values) {
    return Arrays.stream(values).map(Object::toString).collect(Collectors.joining(", "));
  }
}
