package org.alexnet4j.plan;

/**
 * Describes one movement between two towers in a step.
 *
 * @param id index in the exchange plan
 * @param layer the layer that reads the plane, or whose partial gradient this is
 * @param plane name of the plane that moves: {@code pool2}, {@code drop6}
 * @param direction with the activations or with the gradients
 * @param from tower that has it
 * @param to tower that gets it
 * @param fromBuffer buffer on the sending tower
 * @param toBuffer buffer on the receiving tower
 * @param bytes how much
 */
public record Transfer(
    int id,
    String layer,
    String plane,
    Direction direction,
    int from,
    int to,
    int fromBuffer,
    int toBuffer,
    long bytes) {

  /** With the activations or with the gradients. */
  public enum Direction {
    /** With the activations. */
    FORWARD,
    /** With the gradients. */
    BACKWARD
  }
}
