package org.alexnet4j.engine;

import static org.alexnet4j.device.NativeStatus.check;

import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.BufferHandle;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.LrnPoolShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SgdShape;
import org.alexnet4j.shape.SoftmaxShape;

/**
 * Runs the operations through the C ABI: the registered kernels of the stream's device kind.
 *
 * <p>Threads: as {@link Engine}.
 */
public class KernelEngine implements Engine {
  private final NativeShapes shapes = new NativeShapes();

  private static BufferHandle handle(Buffer buffer) {
    return buffer == null ? null : buffer.handle();
  }

  private static int flag(boolean value) {
    return value ? 1 : 0;
  }

  @Override
  public EngineKind kind() {
    return EngineKind.KERNELS;
  }

  @Override
  public void inputFprop(
      Stream stream,
      InputShape shape,
      Buffer settings,
      Buffer images,
      Buffer crops,
      Buffer mean,
      Buffer noise,
      Buffer x) {
    check(
        AlexnetAbi.alexnet_input_fprop(
            stream.handle(),
            shapes.of(shape),
            settings.handle(),
            images.handle(),
            crops.handle(),
            mean.handle(),
            handle(noise),
            x.handle()));
  }

  @Override
  public void convFprop(
      Stream stream,
      ConvShape shape,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu) {
    check(
        AlexnetAbi.alexnet_conv_fprop(
            stream.handle(),
            shapes.of(shape),
            x.handle(),
            w.handle(),
            handle(bias),
            handle(y),
            handle(sums),
            flag(accumulate),
            flag(relu)));
  }

  @Override
  public void convDgrad(
      Stream stream, ConvShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    check(
        AlexnetAbi.alexnet_conv_dgrad(
            stream.handle(), shapes.of(shape), dy.handle(), w.handle(), handle(mask), dx.handle()));
  }

  @Override
  public void convWgrad(Stream stream, ConvShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    check(
        AlexnetAbi.alexnet_conv_wgrad(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dw.handle(), handle(db)));
  }

  @Override
  public void localFprop(
      Stream stream,
      ConvShape shape,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu) {
    check(
        AlexnetAbi.alexnet_local_fprop(
            stream.handle(),
            shapes.of(shape),
            x.handle(),
            w.handle(),
            handle(bias),
            handle(y),
            handle(sums),
            flag(accumulate),
            flag(relu)));
  }

  @Override
  public void localDgrad(
      Stream stream, ConvShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    check(
        AlexnetAbi.alexnet_local_dgrad(
            stream.handle(), shapes.of(shape), dy.handle(), w.handle(), handle(mask), dx.handle()));
  }

  @Override
  public void localWgrad(
      Stream stream, ConvShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    check(
        AlexnetAbi.alexnet_local_wgrad(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dw.handle(), handle(db)));
  }

  @Override
  public void fcFprop(
      Stream stream,
      FcShape shape,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu,
      DropoutShape dropout,
      Buffer settings,
      boolean training) {
    check(
        AlexnetAbi.alexnet_fc_fprop(
            stream.handle(),
            shapes.of(shape),
            x.handle(),
            w.handle(),
            handle(bias),
            handle(y),
            handle(sums),
            flag(accumulate),
            flag(relu),
            dropout == null ? null : shapes.of(dropout),
            handle(settings),
            flag(training)));
  }

  @Override
  public void fcDgrad(Stream stream, FcShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    check(
        AlexnetAbi.alexnet_fc_dgrad(
            stream.handle(), shapes.of(shape), dy.handle(), w.handle(), handle(mask), dx.handle()));
  }

  @Override
  public void fcWgrad(Stream stream, FcShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    check(
        AlexnetAbi.alexnet_fc_wgrad(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dw.handle(), handle(db)));
  }

  @Override
  public void fcWgradUpdate(
      Stream stream,
      FcShape shape,
      SgdShape update,
      Buffer settings,
      Buffer x,
      Buffer dy,
      Buffer w,
      Buffer v,
      Buffer db) {
    check(
        AlexnetAbi.alexnet_fc_wgrad_update(
            stream.handle(),
            shapes.of(shape),
            shapes.of(update),
            settings.handle(),
            x.handle(),
            dy.handle(),
            w.handle(),
            v.handle(),
            handle(db)));
  }

  @Override
  public void biasGrad(Stream stream, long rows, int channels, Buffer dy, Buffer db) {
    check(AlexnetAbi.alexnet_bias_grad(stream.handle(), rows, channels, dy.handle(), db.handle()));
  }

  @Override
  public void reluFprop(Stream stream, long count, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_relu_fprop(stream.handle(), count, x.handle(), y.handle()));
  }

  @Override
  public void reluBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_relu_bprop(
            stream.handle(), count, y.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void tanhFprop(Stream stream, long count, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_tanh_fprop(stream.handle(), count, x.handle(), y.handle()));
  }

  @Override
  public void tanhBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_tanh_bprop(
            stream.handle(), count, y.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void sigmoidFprop(Stream stream, long count, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_sigmoid_fprop(stream.handle(), count, x.handle(), y.handle()));
  }

  @Override
  public void sigmoidBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_sigmoid_bprop(
            stream.handle(), count, y.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void lrnFprop(Stream stream, LrnShape shape, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_lrn_fprop(stream.handle(), shapes.of(shape), x.handle(), y.handle()));
  }

  @Override
  public void lrnBprop(Stream stream, LrnShape shape, Buffer x, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_lrn_bprop(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void lrnMapFprop(Stream stream, LrnShape shape, Buffer x, Buffer y) {
    check(
        AlexnetAbi.alexnet_lrn_map_fprop(
            stream.handle(), shapes.of(shape), x.handle(), y.handle()));
  }

  @Override
  public void lrnMapBprop(Stream stream, LrnShape shape, Buffer x, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_lrn_map_bprop(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void channelsCopy(Stream stream, ChannelsShape shape, Buffer x, Buffer y) {
    check(
        AlexnetAbi.alexnet_channels_copy(
            stream.handle(), shapes.of(shape), x.handle(), y.handle()));
  }

  @Override
  public void poolFprop(Stream stream, PoolShape shape, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_pool_fprop(stream.handle(), shapes.of(shape), x.handle(), y.handle()));
  }

  @Override
  public void poolBprop(Stream stream, PoolShape shape, Buffer x, Buffer y, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_pool_bprop(
            stream.handle(), shapes.of(shape), x.handle(), y.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void lrnPoolFprop(Stream stream, LrnPoolShape shape, Buffer x, Buffer y, Buffer yPeer) {
    check(
        AlexnetAbi.alexnet_lrn_pool_fprop(
            stream.handle(), shapes.of(shape), x.handle(), y.handle(), handle(yPeer)));
  }

  @Override
  public void lrnPoolBprop(Stream stream, LrnPoolShape shape, Buffer x, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_lrn_pool_bprop(
            stream.handle(), shapes.of(shape), x.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void dropoutFprop(
      Stream stream, DropoutShape shape, Buffer settings, Buffer x, Buffer y, boolean training) {
    check(
        AlexnetAbi.alexnet_dropout_fprop(
            stream.handle(),
            shapes.of(shape),
            settings.handle(),
            x.handle(),
            y.handle(),
            flag(training)));
  }

  @Override
  public void dropoutBprop(
      Stream stream, DropoutShape shape, Buffer settings, Buffer dy, Buffer dx) {
    check(
        AlexnetAbi.alexnet_dropout_bprop(
            stream.handle(), shapes.of(shape), settings.handle(), dy.handle(), dx.handle()));
  }

  @Override
  public void softmaxFprop(Stream stream, SoftmaxShape shape, Buffer logits, Buffer probabilities) {
    check(
        AlexnetAbi.alexnet_softmax_fprop(
            stream.handle(), shapes.of(shape), logits.handle(), probabilities.handle()));
  }

  @Override
  public void softmaxMetrics(
      Stream stream, SoftmaxShape shape, Buffer probabilities, Buffer labels, Buffer metrics) {
    check(
        AlexnetAbi.alexnet_softmax_metrics(
            stream.handle(),
            shapes.of(shape),
            probabilities.handle(),
            labels.handle(),
            metrics.handle()));
  }

  @Override
  public void softmaxBprop(
      Stream stream,
      SoftmaxShape shape,
      Buffer probabilities,
      Buffer labels,
      float scale,
      Buffer dlogits) {
    check(
        AlexnetAbi.alexnet_softmax_bprop(
            stream.handle(),
            shapes.of(shape),
            probabilities.handle(),
            labels.handle(),
            scale,
            dlogits.handle()));
  }

  @Override
  public void softmaxLoss(
      Stream stream,
      SoftmaxShape shape,
      Buffer logits,
      Buffer labels,
      float scale,
      Buffer probabilities,
      Buffer metrics,
      Buffer dlogits) {
    check(
        AlexnetAbi.alexnet_softmax_loss(
            stream.handle(),
            shapes.of(shape),
            logits.handle(),
            labels.handle(),
            scale,
            probabilities.handle(),
            metrics.handle(),
            handle(dlogits)));
  }

  @Override
  public void sgdUpdate(Stream stream, SgdUpdate update, Buffer settings) {
    check(
        AlexnetAbi.alexnet_sgd_update(
            stream.handle(), shapes.of(update), update.arrays().size(), settings.handle()));
  }

  @Override
  public void addParameters(Stream stream, long count, Buffer a, Buffer b, Buffer y) {
    check(
        AlexnetAbi.alexnet_add_parameters(
            stream.handle(), count, a.handle(), b.handle(), y.handle()));
  }

  @Override
  public void cast(Stream stream, long count, Buffer x, Buffer y) {
    check(AlexnetAbi.alexnet_cast(stream.handle(), count, x.handle(), y.handle()));
  }

  @Override
  public void add(Stream stream, long count, Buffer a, Buffer b, Buffer mask, Buffer y) {
    check(
        AlexnetAbi.alexnet_add(
            stream.handle(), count, a.handle(), b.handle(), handle(mask), y.handle()));
  }

  @Override
  public boolean recordable() {
    return true;
  }

  @Override
  public boolean pairable() {
    return true;
  }

  @Override
  public boolean storesOnPeers() {
    return true;
  }

  @Override
  public void weightsChanged() {}

  @Override
  public void close() {
    shapes.clear();
  }
}
