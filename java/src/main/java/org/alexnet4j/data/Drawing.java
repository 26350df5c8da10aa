package org.alexnet4j.data;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Draws one image of the generated set.
 *
 * <p>A pattern gives the share of ink in [0, 1] at a point of a 256×256 plane, whatever the number
 * of pixels. The image is ground + share · (ink - ground), lit from a random side, with grain.
 * Position, angle, size, sharpness, colours, light and grain vary from image to image; what makes
 * the class does not. All arithmetic is exact float or StrictMath, so an image has the same bits on
 * every machine.
 */
final class Drawing {
  /** The classes; a label is a place in this list. */
  static final List<String> CLASSES =
      List.of(
          "blobs",
          "checkerboard",
          "cool discs",
          "diagonal stripes",
          "horizontal stripes",
          "rings",
          "spokes",
          "triangles",
          "vertical stripes",
          "warm discs");

  private static final float PLANE = 256;

  /** Share of ink at a point of the plane. */
  interface Pattern {
    float ink(float x, float y);
  }

  private Drawing() {}

  static void draw(int label, long seed, int part, int index, int side, ByteBuffer to) {
    PhiloxStream random = new PhiloxStream(seed, PhiloxStream.DRAWING, part, index);
    Pattern pattern = pattern(label, random);
    float[] ground = new float[3];
    float[] ink = new float[3];
    colours(label, random, ground, ink);
    float slopeX = random.between(-0.25, 0.25);
    float slopeY = random.between(-0.25, 0.25);
    int grain = 6 + random.below(35); // most of the change of one pixel by grain, in grey levels
    byte[] row = new byte[3 * side];
    PhiloxStream grains = new PhiloxStream(seed, PhiloxStream.GRAIN, part, index);
    float pitch = PLANE / side;
    for (int r = 0; r < side; r++) {
      float y = (r + 0.5f) * pitch;
      int at = 0;
      for (int q = 0; q < side; q++) {
        float x = (q + 0.5f) * pitch;
        float share = pattern.ink(x, y);
        float light = 1 + slopeX * (x / PLANE - 0.5f) + slopeY * (y / PLANE - 0.5f);
        int bits = grains.bits();
        for (int c = 0; c < 3; c++) {
          int noise = (((bits >>> 10 * c) & 1023) * (2 * grain + 1) >> 10) - grain;
          float value = (ground[c] + share * (ink[c] - ground[c])) * light + noise;
          row[at++] = (byte) Math.max(0, Math.min(255, (int) (value + 0.5f)));
        }
      }
      to.put(row);
    }
  }

  private static Pattern pattern(int label, PhiloxStream random) {
    return switch (CLASSES.get(label)) {
      case "blobs" -> Patterns.blobs(random);
      case "checkerboard" -> Patterns.checkerboard(random);
      case "cool discs", "warm discs" -> Patterns.discs(random);
      case "diagonal stripes" ->
          Patterns.stripes(random, (random.below(2) == 0 ? 45 : 135) + random.between(-15, 15));
      case "horizontal stripes" -> Patterns.stripes(random, 90 + random.between(-15, 15));
      case "rings" -> Patterns.rings(random);
      case "spokes" -> Patterns.spokes(random);
      case "triangles" -> Patterns.triangles(random);
      case "vertical stripes" -> Patterns.stripes(random, random.between(-15, 15));
      default -> throw new AssertionError("class without a pattern: " + CLASSES.get(label));
    };
  }

  /**
   * Chooses two colours: for discs warm on cool or cool on warm, else any two that can be told
   * apart.
   */
  private static void colours(int label, PhiloxStream random, float[] ground, float[] ink) {
    String name = CLASSES.get(label);
    if (name.equals("warm discs")) {
      warm(random, ink);
      cool(random, ground);
    } else if (name.equals("cool discs")) {
      cool(random, ink);
      warm(random, ground);
    } else {
      any(random, ground);
      float distance = 0;
      while (distance < 150) {
        any(random, ink);
        distance = 0;
        for (int c = 0; c < 3; c++) {
          distance += Math.abs(ink[c] - ground[c]);
        }
      }
    }
  }

  private static void any(PhiloxStream random, float[] colour) {
    for (int c = 0; c < 3; c++) {
      colour[c] = random.between(15, 240);
    }
  }

  private static void warm(PhiloxStream random, float[] colour) {
    colour[0] = random.between(160, 240);
    colour[1] = random.between(60, 170);
    colour[2] = random.between(10, 90);
  }

  private static void cool(PhiloxStream random, float[] colour) {
    colour[0] = random.between(10, 90);
    colour[1] = random.between(60, 170);
    colour[2] = random.between(160, 240);
  }
}
