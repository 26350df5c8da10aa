package org.alexnet4j.data;

import org.alexnet4j.data.Drawing.Pattern;

/** The patterns of the generated set on its 256×256 plane; lengths are in units of that plane. */
final class Patterns {
  private static final int TABLE = 4096;
  private static final float[] SINE = new float[TABLE];

  static {
    for (int i = 0; i < TABLE; i++) {
      SINE[i] = (float) StrictMath.sin(2 * StrictMath.PI * i / TABLE);
    }
  }

  private Patterns() {}

  /**
   * Parallel bands; {@code degrees} is the direction in which they alternate: 0 makes them
   * vertical.
   */
  static Pattern stripes(PhiloxStream random, float degrees) {
    double angle = StrictMath.toRadians(degrees);
    float period = random.between(10, 48);
    float alongX = (float) StrictMath.cos(angle) / period;
    float alongY = (float) StrictMath.sin(angle) / period;
    float phase = random.between(0, 1);
    float sharpness = random.between(0.5, 4);
    return (x, y) -> clamp(0.5f + sharpness * sine(x * alongX + y * alongY + phase));
  }

  /** Squares in two colours at any angle. */
  static Pattern checkerboard(PhiloxStream random) {
    double angle = StrictMath.toRadians(random.between(0, 90));
    float period = random.between(20, 72);
    float cos = (float) StrictMath.cos(angle) / period;
    float sin = (float) StrictMath.sin(angle) / period;
    float phaseU = random.between(0, 1);
    float phaseV = random.between(0, 1);
    float sharpness = random.between(1, 6);
    return (x, y) -> {
      float u = sine(x * cos + y * sin + phaseU);
      float v = sine(y * cos - x * sin + phaseV);
      return clamp(0.5f + sharpness * u * v);
    };
  }

  /** Concentric bands around a point in the middle half. */
  static Pattern rings(PhiloxStream random) {
    float centreX = random.between(64, 192);
    float centreY = random.between(64, 192);
    float period = random.between(12, 48);
    float phase = random.between(0, 1);
    float sharpness = random.between(0.5, 4);
    return (x, y) -> {
      float dx = x - centreX;
      float dy = y - centreY;
      float radius = (float) Math.sqrt(dx * dx + dy * dy);
      return clamp(0.5f + sharpness * sine(radius / period + phase));
    };
  }

  /**
   * Sectors that meet in a point of the middle half: the sine of n times the angle, by n complex
   * products.
   */
  static Pattern spokes(PhiloxStream random) {
    float centreX = random.between(64, 192);
    float centreY = random.between(64, 192);
    int count = 4 + random.below(9);
    double turn = random.between(0, 2 * StrictMath.PI);
    float turnCos = (float) StrictMath.cos(turn);
    float turnSin = (float) StrictMath.sin(turn);
    float sharpness = random.between(0.7, 4);
    return (x, y) -> {
      float dx = x - centreX;
      float dy = y - centreY;
      float scale = 1 / (float) Math.sqrt(dx * dx + dy * dy + 1e-3f);
      float cos = dx * scale;
      float sin = dy * scale;
      float real = turnCos;
      float imaginary = turnSin;
      for (int i = 0; i < count; i++) {
        float next = real * cos - imaginary * sin;
        imaginary = real * sin + imaginary * cos;
        real = next;
      }
      return clamp(0.5f + sharpness * imaginary);
    };
  }

  /** A few round spots with sharp edges. */
  static Pattern discs(PhiloxStream random) {
    int count = 4 + random.below(6);
    float[] centreX = new float[count];
    float[] centreY = new float[count];
    float[] radius = new float[count];
    for (int i = 0; i < count; i++) {
      centreX[i] = random.between(10, 246);
      centreY[i] = random.between(10, 246);
      radius[i] = random.between(12, 32);
    }
    return (x, y) -> {
      float inside = -4;
      for (int i = 0; i < count; i++) {
        float dx = x - centreX[i];
        float dy = y - centreY[i];
        inside = Math.max(inside, radius[i] - (float) Math.sqrt(dx * dx + dy * dy));
      }
      return clamp(0.5f + inside / 1.5f);
    };
  }

  /** A few triangles with sharp edges, of any angle: the inside is left of three lines. */
  static Pattern triangles(PhiloxStream random) {
    int count = 3 + random.below(6);
    float[] lines = new float[9 * count]; // a, b, c of a·x + b·y + c for each side
    for (int i = 0; i < count; i++) {
      double centreX = random.between(20, 236);
      double centreY = random.between(20, 236);
      double inner = random.between(10, 22); // radius of the inscribed circle
      double angle = random.between(0, 2 * StrictMath.PI);
      for (int side = 0; side < 3; side++) {
        double direction = angle + side * 2 * StrictMath.PI / 3 + random.between(-0.3, 0.3);
        double a = StrictMath.cos(direction);
        double b = StrictMath.sin(direction);
        lines[9 * i + 3 * side] = (float) a;
        lines[9 * i + 3 * side + 1] = (float) b;
        lines[9 * i + 3 * side + 2] = (float) (inner - a * centreX - b * centreY);
      }
    }
    return (x, y) -> {
      float inside = -4;
      for (int i = 0; i < lines.length; i += 9) {
        float first = lines[i] * x + lines[i + 1] * y + lines[i + 2];
        float second = lines[i + 3] * x + lines[i + 4] * y + lines[i + 5];
        float third = lines[i + 6] * x + lines[i + 7] * y + lines[i + 8];
        inside = Math.max(inside, Math.min(first, Math.min(second, third)));
      }
      return clamp(0.5f + inside / 1.5f);
    };
  }

  /** Soft hills that run into each other: no edge anywhere. */
  static Pattern blobs(PhiloxStream random) {
    int count = 4 + random.below(6);
    float[] centreX = new float[count];
    float[] centreY = new float[count];
    float[] narrowness = new float[count];
    for (int i = 0; i < count; i++) {
      centreX[i] = random.between(0, 256);
      centreY[i] = random.between(0, 256);
      float radius = random.between(14, 44);
      narrowness[i] = 1 / (radius * radius);
    }
    return (x, y) -> {
      float sum = 0;
      for (int i = 0; i < count; i++) {
        float dx = x - centreX[i];
        float dy = y - centreY[i];
        float fall = 1 / (1 + (dx * dx + dy * dy) * narrowness[i]);
        sum += fall * fall;
      }
      return clamp(sum);
    };
  }

  /**
   * Returns the sine of a number of turns, from a table; 4096 steps are finer than a grey level.
   */
  private static float sine(float turns) {
    return SINE[(int) Math.floor(turns * TABLE) & (TABLE - 1)];
  }

  private static float clamp(float share) {
    return Math.max(0, Math.min(1, share));
  }
}
