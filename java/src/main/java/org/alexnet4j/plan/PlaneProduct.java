package org.alexnet4j.plan;

import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Local;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.WeightedVisitor;
import org.alexnet4j.shape.DropoutShape;

/**
 * How a layer with weights multiplies the planes that it reads: extents and the operation of each
 * pass. Planes are those of one tower; numbers named like tensors are buffer ids, -1 for none.
 */
interface PlaneProduct {
  /**
   * Returns that of a layer.
   *
   * @param batch images
   * @param width outputs of a tower
   */
  static PlaneProduct of(Weighted layer, int batch, int width) {
    return layer.accept(
        new WeightedVisitor<PlaneProduct>() {
          @Override
          public PlaneProduct conv(Conv conv) {
            return new ConvProduct(conv, batch, width);
          }

          @Override
          public PlaneProduct local(Local local) {
            return LocalProduct.of(local, batch, width);
          }

          @Override
          public PlaneProduct fc(Fc fc) {
            return new FcProduct(fc, batch, width);
          }
        });
  }

  /** Returns what of a plane one filter or unit reads at a time. */
  Extent window(Extent plane);

  /** Returns what the layer computes of a plane. */
  Extent output(Extent plane);

  /**
   * Returns the rows and columns of output positions that have weights and biases of their own; one
   * channel. A layer that shares them over its output has one position.
   */
  default Extent positions(Extent plane) {
    return new Extent(1, 1, 1);
  }

  /** Returns the multiply-accumulates of a batch. */
  long macs(Extent plane);

  /** Returns whether weights can be updated where their gradients arise. */
  boolean updatesAtOnce();

  /**
   * Returns the way forward.
   *
   * @param y where the result goes; -1 where it stays in sums
   * @param sums where bfloat16 has the planes before and after this one as float32; -1 for none
   * @param accumulate whether it adds to the planes before, which are in sums or else in y
   * @param relu whether it rectifies
   * @param dropout by which it drops out, or null; a convolution has none
   */
  Operation fprop(
      Extent plane,
      int x,
      int w,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu,
      DropoutShape dropout);

  /** Returns the way back to the plane. */
  Operation dgrad(Extent plane, int dy, int w, int mask, int dx);

  /** Returns the way back to the weights, with their update where no gradient is stored. */
  Operation wgrad(Extent plane, int x, int dy, ParameterSpec weight, int db);
}
