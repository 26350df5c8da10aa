package org.alexnet4j.plan;

import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;

/** A convolution of a plane. */
record ConvProduct(Conv layer, int batch, int width) implements PlaneProduct {
  ConvShape shape(Extent e) {
    int kernel = layer.kernel();
    return new ConvShape(
        batch,
        e.c(),
        e.h(),
        e.w(),
        width,
        kernel,
        kernel,
        layer.stride(),
        layer.pad(),
        1,
        layer.rounding());
  }

  @Override
  public Extent window(Extent plane) {
    return new Extent(layer.kernel(), layer.kernel(), plane.c());
  }

  @Override
  public Extent output(Extent plane) {
    ConvShape shape = shape(plane);
    return new Extent(shape.P(), shape.Q(), width);
  }

  @Override
  public long macs(Extent plane) {
    return shape(plane).macs();
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
    return new Operation.ConvFprop(
        layer.name(), shape(plane), x, w, bias, y, sums, accumulate, relu);
  }

  @Override
  public Operation dgrad(Extent plane, int dy, int w, int mask, int dx) {
    return new Operation.ConvDgrad(layer.name(), shape(plane), dy, w, mask, dx);
  }

  @Override
  public Operation wgrad(Extent plane, int x, int dy, ParameterSpec weight, int db) {
    return new Operation.ConvWgrad(layer.name(), shape(plane), x, dy, weight.gradient(), db);
  }
}
