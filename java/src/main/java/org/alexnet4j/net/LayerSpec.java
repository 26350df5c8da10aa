package org.alexnet4j.net;

import java.util.Locale;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;
import org.alexnet4j.shape.Shapes;

/**
 * Describes one layer. Widths are per tower; a layer's output is one plane on each tower unless it
 * says otherwise.
 */
public sealed interface LayerSpec {

  /** {@return the name, unique in its network: {@code conv1}, {@code relu1}, {@code norm1}, ..} */
  String name();

  /**
   * Lets a visitor do what it does with layers of this kind.
   *
   * @param <R> what the visitor returns
   * @param visitor has a method for each kind
   * @return what it returns
   */
  <R> R accept(LayerVisitor<R> visitor);

  /** A layer with weights and biases. */
  sealed interface Weighted extends LayerSpec permits Conv, Local, Fc {
    /** {@return how many outputs a tower that computes it has: maps or units} */
    int width();

    /** {@return whether only tower a computes it} */
    boolean firstTowerOnly();

    /** {@return which planes it reads} */
    Reads reads();

    /** {@return start values and rates} */
    Parameters parameters();

    /**
     * {@return the same with another width}
     *
     * @param width outputs of a tower: maps or units
     */
    Weighted withWidth(int width);

    /**
     * Lets a visitor do what it does with layers of this kind.
     *
     * @param <R> what the visitor returns
     * @param visitor has a method for each kind
     * @return what it returns
     */
    <R> R accept(WeightedVisitor<R> visitor);

    @Override
    default <R> R accept(LayerVisitor<R> visitor) {
      return accept((WeightedVisitor<R>) visitor);
    }
  }

  /** Which planes of the layer before a layer reads. */
  enum Reads {
    /** The plane of the same tower (conv2, conv4, conv5). The first layer reads the image. */
    TOWER,
    /** The planes of two neighbours: a and b, c and d, as conv3 of the source's four towers. */
    PAIR,
    /** The planes of all towers (conv3, fc6, fc7, fc8): these are where towers meet. */
    ALL;

    /**
     * {@return in how many groups, with nothing between them, all towers read together}
     *
     * @param towers of the network
     */
    public int groups(int towers) {
      return switch (this) {
        case TOWER -> towers;
        case PAIR -> towers / 2;
        case ALL -> 1;
      };
    }

    /**
     * {@return whether a tower reads the plane of another one, or its own}
     *
     * @param tower the reader, from 0
     * @param plane whose plane, from 0
     */
    public boolean reaches(int tower, int plane) {
      return switch (this) {
        case TOWER -> tower == plane;
        case PAIR -> tower / 2 == plane / 2;
        case ALL -> true;
      };
    }
  }

  /**
   * Start values and rates of a layer with weights.
   *
   * @param sigma deviation of the Gaussian that weights start from (paper, section 5; D7)
   * @param bias start value of the biases
   * @param weightRate factor on the learning rate of the weights
   * @param biasRate factor on the learning rate of the biases (D8)
   * @param decay weight decay of the weights; biases have none
   */
  record Parameters(float sigma, float bias, float weightRate, float biasRate, float decay) {
    /**
     * Checks every value.
     *
     * @param sigma deviation of the Gaussian that weights start from (paper, section 5; D7)
     * @param bias start value of the biases
     * @param weightRate factor on the learning rate of the weights
     * @param biasRate factor on the learning rate of the biases (D8)
     * @param decay weight decay of the weights; biases have none
     */
    public Parameters {
      if (!(sigma >= 0) || !(weightRate >= 0) || !(biasRate >= 0) || !(decay >= 0)) {
        throw new IllegalArgumentException(
            "sigma "
                + sigma
                + ", weightRate "
                + weightRate
                + ", biasRate "
                + biasRate
                + ", decay "
                + decay
                + "; allowed: 0 or more");
      }
    }

    /**
     * {@return the paper's values: sigma 0.01, equal rates, decay 0.0005}
     *
     * @param bias start value of the biases
     */
    public static Parameters paper(float bias) {
      return new Parameters(0.01f, bias, 1, 1, 0.0005f);
    }
  }

  /**
   * A convolution.
   *
   * @param name as its plane and its parameters are called
   * @param maps filters per tower
   * @param kernel rows and columns of a filter
   * @param stride pixels between windows
   * @param pad zero pixels on every side
   * @param rounding what becomes of a last window that does not fit
   * @param reads which planes it reads
   * @param parameters start values and rates
   */
  record Conv(
      String name,
      int maps,
      int kernel,
      int stride,
      int pad,
      Rounding rounding,
      Reads reads,
      Parameters parameters)
      implements Weighted {
    /**
     * Creates the paper's kind, rounded up.
     *
     * @param name as parameters and planes are called
     * @param maps filters per tower
     * @param kernel rows and columns of a filter
     * @param stride pixels between windows
     * @param pad zero pixels on every side
     * @param reads which planes it reads
     * @param parameters start values and rates
     */
    public Conv(
        String name,
        int maps,
        int kernel,
        int stride,
        int pad,
        Reads reads,
        Parameters parameters) {
      this(name, maps, kernel, stride, pad, Rounding.UP, reads, parameters);
    }

    /**
     * Checks every value.
     *
     * @param name as its plane and its parameters are called
     * @param maps filters per tower
     * @param kernel rows and columns of a filter
     * @param stride pixels between windows
     * @param pad zero pixels on every side
     * @param rounding what becomes of a last window that does not fit
     * @param reads which planes it reads
     * @param parameters start values and rates
     */
    public Conv {
      require(name, "maps", maps, 1, Shapes.MAX_EXTENT);
      require(name, "kernel", kernel, 1, Shapes.MAX_SIDE);
      require(name, "stride", stride, 1, Shapes.MAX_SIDE);
      require(name, "pad", pad, 0, Shapes.MAX_SIDE);
    }

    @Override
    public int width() {
      return maps;
    }

    @Override
    public boolean firstTowerOnly() {
      return false;
    }

    @Override
    public Conv withWidth(int width) {
      return new Conv(name, width, kernel, stride, pad, rounding, reads, parameters);
    }

    @Override
    public <R> R accept(WeightedVisitor<R> visitor) {
      return visitor.conv(this);
    }
  }

  /**
   * A locally connected layer: the windows of a convolution, but each output position has filters
   * and biases of its own.
   *
   * @param name as its plane and its parameters are called
   * @param maps filters per tower, at each position
   * @param kernel rows and columns of a filter
   * @param stride pixels between windows
   * @param pad zero pixels on every side
   * @param rounding what becomes of a last window that does not fit
   * @param reads which planes it reads
   * @param parameters start values and rates
   */
  record Local(
      String name,
      int maps,
      int kernel,
      int stride,
      int pad,
      Rounding rounding,
      Reads reads,
      Parameters parameters)
      implements Weighted {
    /**
     * Creates the paper's kind, rounded up.
     *
     * @param name as parameters and planes are called
     * @param maps filters per tower
     * @param kernel rows and columns of a filter
     * @param stride pixels between windows
     * @param pad zero pixels on every side
     * @param reads which planes it reads
     * @param parameters start values and rates
     */
    public Local(
        String name,
        int maps,
        int kernel,
        int stride,
        int pad,
        Reads reads,
        Parameters parameters) {
      this(name, maps, kernel, stride, pad, Rounding.UP, reads, parameters);
    }

    /**
     * Checks every value.
     *
     * @param name as its plane and its parameters are called
     * @param maps filters per tower, at each position
     * @param kernel rows and columns of a filter
     * @param stride pixels between windows
     * @param pad zero pixels on every side
     * @param rounding what becomes of a last window that does not fit
     * @param reads which planes it reads
     * @param parameters start values and rates
     */
    public Local {
      require(name, "maps", maps, 1, Shapes.MAX_EXTENT);
      require(name, "kernel", kernel, 1, Shapes.MAX_SIDE);
      require(name, "stride", stride, 1, Shapes.MAX_SIDE);
      require(name, "pad", pad, 0, Shapes.MAX_SIDE);
    }

    @Override
    public int width() {
      return maps;
    }

    @Override
    public boolean firstTowerOnly() {
      return false;
    }

    @Override
    public Local withWidth(int width) {
      return new Local(name, width, kernel, stride, pad, rounding, reads, parameters);
    }

    @Override
    public <R> R accept(WeightedVisitor<R> visitor) {
      return visitor.local(this);
    }
  }

  /**
   * A fully-connected layer.
   *
   * @param name as its plane and its parameters are called
   * @param units outputs per tower, or all outputs if only the first tower computes them
   * @param firstTowerOnly whether only tower a computes it, as fc8 in the 2012 source
   * @param reads which planes it reads; the paper's read all
   * @param parameters start values and rates
   */
  record Fc(String name, int units, boolean firstTowerOnly, Reads reads, Parameters parameters)
      implements Weighted {
    /**
     * Checks every value.
     *
     * @param name as its plane and its parameters are called
     * @param units outputs per tower, or all outputs if only the first tower computes them
     * @param firstTowerOnly whether only tower a computes it, as fc8 in the 2012 source
     * @param reads which planes it reads; the paper's read all
     * @param parameters start values and rates
     */
    public Fc {
      require(name, "units", units, 1, Shapes.MAX_EXTENT);
    }

    /**
     * Creates a layer that reads the planes of all towers.
     *
     * @param name as parameters and planes are called
     * @param units units of each tower
     * @param firstTowerOnly whether only tower a has it
     * @param parameters start values and rates
     */
    public Fc(String name, int units, boolean firstTowerOnly, Parameters parameters) {
      this(name, units, firstTowerOnly, Reads.ALL, parameters);
    }

    @Override
    public int width() {
      return units;
    }

    @Override
    public Fc withWidth(int width) {
      return new Fc(name, width, firstTowerOnly, reads, parameters);
    }

    @Override
    public <R> R accept(WeightedVisitor<R> visitor) {
      return visitor.fc(this);
    }
  }

  /**
   * The rectifier, {@code max(0, x)}.
   *
   * @param name as its plane and its parameters are called
   */
  record Relu(String name) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.relu(this);
    }
  }

  /**
   * The hyperbolic tangent, which the paper holds the rectifier against (figure 1).
   *
   * @param name as its plane and its parameters are called
   */
  record Tanh(String name) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.tanh(this);
    }
  }

  /**
   * The logistic function, {@code 1 / (1 + exp(-x))}: saturating, and never below 0.
   *
   * @param name as its plane and its parameters are called
   */
  record Sigmoid(String name) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.sigmoid(this);
    }
  }

  /**
   * Local response normalisation.
   *
   * @param name as its plane and its parameters are called
   * @param over what the window spans
   * @param size maps in the window, or rows and columns of it, odd
   * @param k constant
   * @param alpha multiplies the plain sum of squares (D5)
   * @param beta exponent
   */
  record Lrn(String name, Over over, int size, float k, float alpha, float beta)
      implements LayerSpec {
    /** What a window spans. */
    public enum Over {
      /** Neighbouring maps of a tower at one pixel, as in the 2012 source. */
      MAPS,
      /**
       * Neighbouring maps at one pixel, of whichever tower: the other reading of the paper (D6).
       */
      ALL_MAPS,
      /** Neighbouring pixels of one map, in rows and columns (D4). */
      PIXELS
    }

    /**
     * Checks every value.
     *
     * @param name as its plane and its parameters are called
     * @param over what the window spans
     * @param size maps in the window, or rows and columns of it, odd
     * @param k constant
     * @param alpha multiplies the plain sum of squares (D5)
     * @param beta exponent
     */
    public Lrn {
      require(name, "lrn size", size, 1, Shapes.MAX_SIDE);
      if (size % 2 == 0) {
        throw new IllegalArgumentException(
            name + ": lrn size is " + size + "; allowed: an odd number");
      }
      if (!(k > 0) || !(alpha >= 0) || !Float.isFinite(k + alpha + beta)) {
        throw new IllegalArgumentException(
            name
                + ": lrn has k="
                + k
                + ", alpha="
                + alpha
                + ", beta="
                + beta
                + "; allowed: finite values, k > 0, alpha >= 0");
      }
    }

    /**
     * Creates the paper's kind, over maps.
     *
     * @param name as its plane is called
     * @param size neighbours in the sum, the map itself included
     * @param k constant term
     * @param alpha factor on the sum of squares
     * @param beta power
     */
    public Lrn(String name, int size, float k, float alpha, float beta) {
      this(name, Over.MAPS, size, k, alpha, beta);
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.lrn(this);
    }
  }

  /**
   * Pooling.
   *
   * @param name as its plane and its parameters are called
   * @param size rows and columns of a window
   * @param stride pixels between windows
   * @param mode maximum or average
   * @param ties who receives the gradient among equal maxima
   */
  record Pool(String name, int size, int stride, PoolShape.Mode mode, PoolShape.Ties ties)
      implements LayerSpec {
    /**
     * Checks every value that does not depend on the input.
     *
     * @param name as its plane and its parameters are called
     * @param size rows and columns of a window
     * @param stride pixels between windows
     * @param mode maximum or average
     * @param ties who receives the gradient among equal maxima
     */
    public Pool {
      if (size < 1 || stride < 1 || size > Shapes.MAX_SIDE || stride > Shapes.MAX_SIDE) {
        throw new IllegalArgumentException(
            name + ": pool size " + size + ", stride " + stride + "; allowed: 1 to 16384");
      }
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.pool(this);
    }
  }

  /**
   * Dropout, not inverted.
   *
   * @param name as its plane and its parameters are called
   * @param keep probability that a unit is kept
   */
  record Dropout(String name, float keep) implements LayerSpec {
    /**
     * Checks the probability.
     *
     * @param name as its plane and its parameters are called
     * @param keep probability that a unit is kept
     */
    public Dropout {
      if (!(keep > 0 && keep <= 1)) {
        throw new IllegalArgumentException(
            name + ": dropout keep is " + keep + "; allowed: above 0, up to 1");
      }
    }

    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.dropout(this);
    }
  }

  private static void require(String layer, String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "%s: %s is %d; allowed: %d to %,d", layer, what, value, least, most));
    }
  }

  /**
   * Softmax with log-loss; the last layer, on the first tower.
   *
   * @param name as its plane and its parameters are called
   */
  record Softmax(String name) implements LayerSpec {
    @Override
    public <R> R accept(LayerVisitor<R> visitor) {
      return visitor.softmax(this);
    }
  }
}
