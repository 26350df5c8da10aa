package org.alexnet4j.plan;

import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;

/** A fully-connected product with a plane. */
record FcProduct(Fc layer, int batch, int width) implements PlaneProduct {
  private FcShape shape(Extent plane) {
    return new FcShape(batch, plane.count(), width);
  }

  @Override
  public Extent window(Extent plane) {
    return plane;
  }

  @Override
  public Extent output(Extent plane) {
    return new Extent(1, 1, width);
  }

  @Override
  public long macs(Extent plane) {
    return shape(plane).macs();
  }

  @Override
  public boolean updatesAtOnce() {
    return true;
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
    return new Operation.FcFprop(
        layer.name(), shape(plane), x, w, bias, y, sums, accumulate, relu, dropout);
  }

  @Override
  public Operation dgrad(Extent plane, int dy, int w, int mask, int dx) {
    return new Operation.FcDgrad(layer.name(), shape(plane), dy, w, mask, dx);
  }

  @Override
  public Operation wgrad(Extent plane, int x, int dy, ParameterSpec weight, int db) {
    return weight.gradient() < 0
        ? new Operation.FcWgradUpdate(layer.name(), shape(plane), x, dy, weight, db)
        : new Operation.FcWgrad(layer.name(), shape(plane), x, dy, weight.gradient(), db);
  }
}
