package org.alexnet4j.engine;

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
 * Carries out operations on one device.
 *
 * <p>Layouts: activations {@code [N,H,W,C]}, filters {@code [K,R,S,C/G]}, fully-connected weights
 * {@code [K,C]}, all float and contiguous; formulas and order of additions stand in {@code
 * alexnet.h} and in the families' headers. Every method queues its work on the stream and returns;
 * buffers stay with their owner. Shapes and sizes are checked before anything is launched; on a
 * stream that rehearses they are checked and nothing is launched. {@code settings} is a buffer with
 * an {@code alexnet_step_settings}, read when the operation runs.
 *
 * <p>Errors: {@link IllegalArgumentException} for shapes or buffers that do not fit, {@link
 * org.alexnet4j.device.NativeException} for everything else. After its first use of a shape an
 * engine allocates nothing for it.
 *
 * <p>Threads: one engine belongs to one tower's thread.
 */
public interface Engine extends AutoCloseable {

  /** Returns whose code this is. */
  EngineKind kind();

  /**
   * {@code x[N,size,size,3]} from the slot of {@code uint8 images[2,N,source,source,3]} that the
   * settings name; {@code noise[N,4]} (red, green, blue, factor) may be null.
   */
  void inputFprop(
      Stream stream,
      InputShape shape,
      Buffer settings,
      Buffer images,
      Buffer crops,
      Buffer mean,
      Buffer noise,
      Buffer x);

  /**
   * {@code y = relu((accumulate ? y : 0) + x * w + bias)}; bias may be null. In bfloat16, sums are
   * float32 in the place of y for what accumulates, and y may be null; else they are null.
   */
  void convFprop(
      Stream stream,
      ConvShape shape,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu);

  /**
   * {@code dx} from {@code dy} and {@code w}; if {@code mask}, the output of the rectifier that
   * made x, is not null: 0 where it is not positive.
   */
  void convDgrad(Stream stream, ConvShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx);

  /**
   * {@code dw} from {@code x} and {@code dy}; {@code db}, the sum of {@code dy} over images and
   * pixels, may be null.
   */
  void convWgrad(Stream stream, ConvShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db);

  /**
   * As {@link #convFprop} with one group, but each output position has filters and biases of its
   * own: {@code w[P,Q,K,R,S,C]}, {@code bias[P,Q,K]}.
   */
  void localFprop(
      Stream stream,
      ConvShape shape,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu);

  /** The gradient of {@link #localFprop} by {@code x}; the mask as in {@link #convDgrad}. */
  void localDgrad(Stream stream, ConvShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx);

  /**
   * {@code dw[P,Q,K,R,S,C]} from {@code x} and {@code dy}; {@code db[P,Q,K]}, the sum of {@code dy}
   * over images, may be null.
   */
  void localWgrad(Stream stream, ConvShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db);

  /**
   * {@code y = dropout(relu((accumulate ? y : 0) + x * w^T + bias))}; bias may be null, and so may
   * be dropout, which is that of {@link #dropoutFprop}; only it needs the settings.
   */
  void fcFprop(
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
      boolean training);

  /** {@code dx = dy * w}, 0 where {@code mask}, unless it is null, is not positive. */
  void fcDgrad(Stream stream, FcShape shape, Buffer dy, Buffer w, Buffer mask, Buffer dx);

  /** {@code dw = dy^T * x}; {@code db}, the column sums of {@code dy}, may be null. */
  void fcWgrad(Stream stream, FcShape shape, Buffer x, Buffer dy, Buffer dw, Buffer db);

  /**
   * {@link #fcWgrad} and {@link #sgdUpdate} of {@code w} and {@code v}; no {@code dw} is stored.
   */
  void fcWgradUpdate(
      Stream stream,
      FcShape shape,
      SgdShape update,
      Buffer settings,
      Buffer x,
      Buffer dy,
      Buffer w,
      Buffer v,
      Buffer db);

  /** {@code db[K]} is the sum over {@code rows} of {@code dy[rows,K]}, in a fixed order. */
  void biasGrad(Stream stream, long rows, int channels, Buffer dy, Buffer db);

  /** {@code y = max(0, x)}; {@code y} may be {@code x}. */
  void reluFprop(Stream stream, long count, Buffer x, Buffer y);

  /** {@code dx = y > 0 ? dy : 0}; {@code dx} may be {@code dy}. */
  void reluBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx);

  /** {@code y = tanh(x)}; {@code y} may be {@code x}. */
  void tanhFprop(Stream stream, long count, Buffer x, Buffer y);

  /** {@code dx = dy * (1 - y * y)}; {@code dx} may be {@code dy}. */
  void tanhBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx);

  /** {@code y = 1 / (1 + exp(-x))}; {@code y} may be {@code x}. */
  void sigmoidFprop(Stream stream, long count, Buffer x, Buffer y);

  /** {@code dx = dy * y * (1 - y)}; {@code dx} may be {@code dy}. */
  void sigmoidBprop(Stream stream, long count, Buffer y, Buffer dy, Buffer dx);

  /** Normalises over the channels of each pixel. */
  void lrnFprop(Stream stream, LrnShape shape, Buffer x, Buffer y);

  /** The gradient of {@link #lrnFprop}; the denominator is computed again from {@code x}. */
  void lrnBprop(Stream stream, LrnShape shape, Buffer x, Buffer dy, Buffer dx);

  /** Normalises inside each map, over {@code size * size} pixels (D4). */
  void lrnMapFprop(Stream stream, LrnShape shape, Buffer x, Buffer y);

  /** The gradient of {@link #lrnMapFprop}; the denominator is computed again from {@code x}. */
  void lrnMapBprop(Stream stream, LrnShape shape, Buffer x, Buffer dy, Buffer dx);

  /** Copies neighbouring channels; the others of {@code y} stay as they are. */
  void channelsCopy(Stream stream, ChannelsShape shape, Buffer x, Buffer y);

  /** Pools windows. */
  void poolFprop(Stream stream, PoolShape shape, Buffer x, Buffer y);

  /** The gradient of {@link #poolFprop}. */
  void poolBprop(Stream stream, PoolShape shape, Buffer x, Buffer y, Buffer dy, Buffer dx);

  /**
   * ReLU, normalisation and max-pooling in one pass.
   *
   * @param yPeer a second place for {@code y}, which may lie on another device that this one
   *     reaches, or null
   */
  void lrnPoolFprop(Stream stream, LrnPoolShape shape, Buffer x, Buffer y, Buffer yPeer);

  /**
   * The gradient of {@link #lrnPoolFprop}; everything between is computed again from {@code x}.
   * With {@code shape.relu} it is the gradient of the convolution's output before its ReLU.
   */
  void lrnPoolBprop(Stream stream, LrnPoolShape shape, Buffer x, Buffer dy, Buffer dx);

  /** Training: {@code y = x * mask}; else {@code y = keep * x}. {@code y} may be {@code x}. */
  void dropoutFprop(
      Stream stream, DropoutShape shape, Buffer settings, Buffer x, Buffer y, boolean training);

  /** {@code dx = dy * mask}; {@code dx} may be {@code dy}. */
  void dropoutBprop(Stream stream, DropoutShape shape, Buffer settings, Buffer dy, Buffer dx);

  /** {@code probabilities} are the softmax of each row of {@code logits}. */
  void softmaxFprop(Stream stream, SoftmaxShape shape, Buffer logits, Buffer probabilities);

  /** {@code metrics[N,3]} = log-loss, top-1 share, top-5 share for {@code int32 labels[N]}. */
  void softmaxMetrics(
      Stream stream, SoftmaxShape shape, Buffer probabilities, Buffer labels, Buffer metrics);

  /** {@code dlogits = scale * (probabilities - one_hot(labels))}. */
  void softmaxBprop(
      Stream stream,
      SoftmaxShape shape,
      Buffer probabilities,
      Buffer labels,
      float scale,
      Buffer dlogits);

  /**
   * The three above in one pass; {@code dlogits} may be null. {@code probabilities} or {@code
   * dlogits} may be {@code logits}.
   */
  void softmaxLoss(
      Stream stream,
      SoftmaxShape shape,
      Buffer logits,
      Buffer labels,
      float scale,
      Buffer probabilities,
      Buffer metrics,
      Buffer dlogits);

  /**
   * {@code v = momentum v - decay rate w - rate g; w = w + v} for each array, rates as the settings
   * say.
   */
  void sgdUpdate(Stream stream, SgdUpdate update, Buffer settings);

  /**
   * {@code y = mask > 0 ? a + b : 0}, or {@code y = a + b} if {@code mask} is null; {@code y} may
   * be any of the three.
   */
  void add(Stream stream, long count, Buffer a, Buffer b, Buffer mask, Buffer y);

  /** {@code y = a + b} of gradients of parameters, float32 in any precision. */
  void addParameters(Stream stream, long count, Buffer a, Buffer b, Buffer y);

  /** {@code y = x} as bfloat16, for the copy of weights that products read. */
  void cast(Stream stream, long count, Buffer x, Buffer y);

  /**
   * Tells the engine that a weight buffer was written by somebody else than {@link #sgdUpdate} or
   * {@link #fcWgradUpdate}, so that copies in another layout are stale.
   */
  void weightsChanged();

  /**
   * Returns whether all that its operations do is queued on their stream, so that a graph can hold
   * it.
   */
  default boolean recordable() {
    return false;
  }

  /**
   * Returns whether products go through the native library alone, so that those of two streams can
   * be queued together ({@link Stream#pair}).
   */
  default boolean pairable() {
    return false;
  }

  /**
   * Returns whether {@code convDgrad}, {@code fcDgrad} and {@code lrnPoolFprop} can store into the
   * memory of another device that this one reaches.
   */
  default boolean storesOnPeers() {
    return false;
  }

  /** Releases what the engine holds; buffers and streams are not its own. */
  @Override
  void close();
}
