package org.alexnet4j.plan;

import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Local;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;

/**
 * A locally connected product with a plane.
 *
 * @param windows the convolution with the same windows
 */
record LocalProduct(ConvProduct windows) implements PlaneProduct {
  static LocalProduct of(Local l, int batch, int width) {
    Conv conv =
        new Conv(
            l.name(),
            l.maps(),
            l.kernel(),
            l.stride(),
            l.pad(),
            l.rounding(),
            l.reads(),
            l.parameters());
    return new LocalProduct(new ConvProduct(conv, batch, width));
  }

  private String name() {
    return windows.layer().name();
  }

  @Override
  public Extent window(Extent plane) {
    return windows.window(plane);
  }

  @Override
  public Extent output(Extent plane) {
    return windows.output(plane);
  }

  @Override
  public Extent positions(Extent plane) {
    ConvShape shape = windows.shape(plane);
    return new Extent(shape.P(), shape.Q(), 1);
  }

  @Override
  public long macs(Extent plane) {
    return windows.macs(plane);
  }

  @Override
  public boolean updatesAtOnce() {
    return false;
  }

  @Override
  public Operation fprop(
      Extent plane,
      int x,
      int w,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu,
      DropoutShape dropout) {
    return new Operation.LocalFprop(
        name(), windows.shape(plane), x, w, bias, y, sums, accumulate, relu);
  }

  @Override
  public Operation dgrad(Extent plane, int dy, int w, int mask, int dx) {
    return new Operation.LocalDgrad(name(), windows.shape(plane), dy, w, mask, dx);
  }

  @Override
  public Operation wgrad(Extent plane, int x, int dy, ParameterSpec weight, int db) {
    return new Operation.LocalWgrad(name(), windows.shape(plane), x, dy, weight.gradient(), db);
  }
}
