package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.LrnPoolShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.Pieces;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SoftmaxShape;

/**
 * One operation of a tower. Numbers named like tensors are buffer ids; -1 means none. Each
 * operation is one method of the engine or one side of a transfer.
 *
 * @hidden
 */
public sealed interface Operation {

  /** {@return the layer that the operation belongs to} */
  String layer();

  /**
   * Lets a visitor do what it does with operations of this kind.
   *
   * @param <R> what the visitor returns
   * @param visitor has a method for each kind
   * @return what it returns
   */
  <R> R accept(OperationVisitor<R> visitor);

  /** {@return the ids of all buffers that it reads or writes} */
  default ImmutableList<Integer> buffers() {
    return accept(BuffersOf.VISITOR);
  }

  /** {@return the buffer whose kernel can store it on another device as well, or -1} */
  default int storable() {
    return -1;
  }

  /**
   * Crop, flip, mean and noise.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param images pixels as they are stored
   * @param crops window of each image
   * @param mean what is subtracted
   * @param noise of each image, or -1
   * @param x what is read
   * @hidden
   */
  record Input(String layer, InputShape shape, int images, int crops, int mean, int noise, int x)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.input(this);
    }
  }

  /**
   * Convolution of one plane; several planes accumulate in order.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param w weights
   * @param bias biases
   * @param y what is written, or -1 where the result stays in sums
   * @param sums float32 values before they are rounded to {@code y}, or -1: bfloat16 alone has them
   * @param accumulate whether the product is added to the planes before, which are in sums or else
   *     in {@code y}
   * @param relu whether {@code y} is rectified
   * @hidden
   */
  record ConvFprop(
      String layer,
      ConvShape shape,
      int x,
      int w,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.convFprop(this);
    }
  }

  /**
   * Gradient with respect to one plane, masked by the rectifier that made it.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param dy gradient of what was written
   * @param w weights
   * @param mask plane whose zeros are zeros of the gradient, or -1
   * @param dx gradient of what was read
   * @hidden
   */
  record ConvDgrad(String layer, ConvShape shape, int dy, int w, int mask, int dx)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.convDgrad(this);
    }

    @Override
    public int storable() {
      return dx;
    }
  }

  /**
   * Gradient with respect to the weights for one plane, and to the biases.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dw gradient of the weights
   * @param db gradient of the biases
   * @hidden
   */
  record ConvWgrad(String layer, ConvShape shape, int x, int dy, int dw, int db)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.convWgrad(this);
    }
  }

  /**
   * Locally connected product of one plane; several planes accumulate in order.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param w weights
   * @param bias biases
   * @param y what is written, or -1 where the result stays in sums
   * @param sums float32 values before they are rounded to {@code y}, or -1: bfloat16 alone has them
   * @param accumulate whether the product is added to the planes before, which are in sums or else
   *     in {@code y}
   * @param relu whether {@code y} is rectified
   * @hidden
   */
  record LocalFprop(
      String layer,
      ConvShape shape,
      int x,
      int w,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.localFprop(this);
    }
  }

  /**
   * Gradient with respect to one plane, masked by the rectifier that made it.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param dy gradient of what was written
   * @param w weights
   * @param mask plane whose zeros are zeros of the gradient, or -1
   * @param dx gradient of what was read
   * @hidden
   */
  record LocalDgrad(String layer, ConvShape shape, int dy, int w, int mask, int dx)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.localDgrad(this);
    }

    @Override
    public int storable() {
      return dx;
    }
  }

  /**
   * Gradient with respect to the weights for one plane, and to the biases.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dw gradient of the weights
   * @param db gradient of the biases
   * @hidden
   */
  record LocalWgrad(String layer, ConvShape shape, int x, int dy, int dw, int db)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.localWgrad(this);
    }
  }

  /**
   * Fully-connected product of one plane; the last one drops out, unless dropout is null.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param w weights
   * @param bias biases
   * @param y what is written, or -1 where the result stays in sums
   * @param sums float32 values before they are rounded to {@code y}, or -1: bfloat16 alone has them
   * @param accumulate whether the product is added to the planes before, which are in sums or else
   *     in {@code y}
   * @param relu whether {@code y} is rectified
   * @param dropout of the units, or null
   * @hidden
   */
  record FcFprop(
      String layer,
      FcShape shape,
      int x,
      int w,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu,
      DropoutShape dropout)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.fcFprop(this);
    }
  }

  /**
   * Gradient with respect to one plane, masked by the rectifier that made it.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param dy gradient of what was written
   * @param w weights
   * @param mask plane whose zeros are zeros of the gradient, or -1
   * @param dx gradient of what was read
   * @hidden
   */
  record FcDgrad(String layer, FcShape shape, int dy, int w, int mask, int dx)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.fcDgrad(this);
    }

    @Override
    public int storable() {
      return dx;
    }
  }

  /**
   * Gradient with respect to the weights for one plane, and to the biases.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dw gradient of the weights
   * @param db gradient of the biases
   * @hidden
   */
  record FcWgrad(String layer, FcShape shape, int x, int dy, int dw, int db) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.fcWgrad(this);
    }
  }

  /**
   * The same with the update of the weights, whose gradient is not stored.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param parameter the weights that are updated
   * @param db gradient of the biases
   * @hidden
   */
  record FcWgradUpdate(String layer, FcShape shape, int x, int dy, ParameterSpec parameter, int db)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.fcWgradUpdate(this);
    }
  }

  /**
   * Gradient with respect to the biases.
   *
   * @param layer that it belongs to
   * @param rows of {@code dy}
   * @param channels values of a row
   * @param dy gradient of what was written
   * @param db gradient of the biases
   * @hidden
   */
  record BiasGrad(String layer, long rows, int channels, int dy, int db) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.biasGrad(this);
    }
  }

  /**
   * Rectifier that is not fused into the layer before.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record ReluFprop(String layer, long count, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.reluFprop(this);
    }
  }

  /**
   * Gradient of the rectifier.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param y what is written
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record ReluBprop(String layer, long count, int y, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.reluBprop(this);
    }
  }

  /**
   * Hyperbolic tangent.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record TanhFprop(String layer, long count, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.tanhFprop(this);
    }
  }

  /**
   * Gradient of the hyperbolic tangent.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param y what is written
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record TanhBprop(String layer, long count, int y, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.tanhBprop(this);
    }
  }

  /**
   * Logistic function.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record SigmoidFprop(String layer, long count, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.sigmoidFprop(this);
    }
  }

  /**
   * Gradient of the logistic function.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param y what is written
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record SigmoidBprop(String layer, long count, int y, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.sigmoidBprop(this);
    }
  }

  /**
   * Local response normalisation over maps.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record LrnFprop(String layer, LrnShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnFprop(this);
    }
  }

  /**
   * Gradient of the normalisation.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record LrnBprop(String layer, LrnShape shape, int x, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnBprop(this);
    }
  }

  /**
   * Local response normalisation inside each map, over its pixels.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record LrnMapFprop(String layer, LrnShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnMapFprop(this);
    }
  }

  /**
   * Gradient of the normalisation inside each map.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record LrnMapBprop(String layer, LrnShape shape, int x, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnMapBprop(this);
    }
  }

  /**
   * Copies neighbouring channels: what another tower needs of a plane, or both side by side. The
   * other channels of {@code y} stay as they are.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record ChannelsCopy(String layer, ChannelsShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.channelsCopy(this);
    }
  }

  /**
   * Pooling.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record PoolFprop(String layer, PoolShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.poolFprop(this);
    }
  }

  /**
   * Gradient of pooling.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record PoolBprop(String layer, PoolShape shape, int x, int y, int dy, int dx)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.poolBprop(this);
    }
  }

  /**
   * Dropout with a fresh mask in training, the factor keep otherwise.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record DropoutFprop(String layer, DropoutShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.dropoutFprop(this);
    }
  }

  /**
   * Gradient of dropout with the same mask.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record DropoutBprop(String layer, DropoutShape shape, int dy, int dx) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.dropoutBprop(this);
    }
  }

  /**
   * Rectifier, normalisation and pooling of maxima, or two of them.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param y what is written
   * @hidden
   */
  record LrnPoolFprop(String layer, LrnPoolShape shape, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnPoolFprop(this);
    }

    @Override
    public int storable() {
      return y;
    }
  }

  /**
   * Gradient of all of them.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param x what is read
   * @param dy gradient of what was written
   * @param dx gradient of what was read
   * @hidden
   */
  record LrnPoolBprop(String layer, LrnPoolShape shape, int x, int dy, int dx)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.lrnPoolBprop(this);
    }
  }

  /**
   * Class probabilities; if the batch has labels, loss and shares per image, and in a training pass
   * the gradient of the mean log-loss with respect to the logits.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param logits of each image and class
   * @param labels class of each image
   * @param scale factor on the gradient
   * @param probabilities of each image and class
   * @param metrics loss and shares of errors
   * @param dlogits their gradient
   * @hidden
   */
  record SoftmaxLoss(
      String layer,
      SoftmaxShape shape,
      int logits,
      int labels,
      float scale,
      int probabilities,
      int metrics,
      int dlogits)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.softmaxLoss(this);
    }
  }

  /**
   * Class probabilities.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param logits of each image and class
   * @param probabilities of each image and class
   * @hidden
   */
  record SoftmaxFprop(String layer, SoftmaxShape shape, int logits, int probabilities)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.softmaxFprop(this);
    }
  }

  /**
   * Loss and shares per image; skipped when a batch has no labels.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param probabilities of each image and class
   * @param labels class of each image
   * @param metrics loss and shares of errors
   * @hidden
   */
  record SoftmaxMetrics(
      String layer, SoftmaxShape shape, int probabilities, int labels, int metrics)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.softmaxMetrics(this);
    }
  }

  /**
   * Gradient of the mean log-loss with respect to the logits.
   *
   * @param layer that it belongs to
   * @param shape extents
   * @param probabilities of each image and class
   * @param labels class of each image
   * @param scale factor on the gradient
   * @param dlogits their gradient
   * @hidden
   */
  record SoftmaxBprop(
      String layer, SoftmaxShape shape, int probabilities, int labels, float scale, int dlogits)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.softmaxBprop(this);
    }
  }

  /**
   * Ordered sum of two partial gradients, masked by the rectifier that made their plane.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param a first term
   * @param b second term
   * @param mask plane whose zeros are zeros of the gradient, or -1
   * @param y what is written
   * @param parameters whether they are gradients of parameters, float32 in any precision, instead
   * @hidden
   */
  record Add(String layer, long count, int a, int b, int mask, int y, boolean parameters)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.add(this);
    }
  }

  /**
   * Copy of weights as bfloat16, for the products that read them.
   *
   * @param layer that it belongs to
   * @param count elements
   * @param x the weights
   * @param y their copy
   * @hidden
   */
  record Cast(String layer, long count, int x, int y) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.cast(this);
    }
  }

  /**
   * Update of a tower's parameter pieces whose gradients were stored.
   *
   * @param layer that it belongs to
   * @param parameters of the tower
   * @hidden
   */
  record SgdUpdate(String layer, ImmutableList<ParameterSpec> parameters) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.sgdUpdate(this);
    }
  }

  /**
   * Each rank's piece of a buffer goes to all ranks.
   *
   * @param layer that it belongs to
   * @param buffer that moves
   * @param pieces where each rank's lies
   * @hidden
   */
  record Allgather(String layer, int buffer, Pieces pieces) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.allgather(this);
    }
  }

  /**
   * Each rank sends a piece of one buffer to each rank, and has one of each rank in the other.
   *
   * @param layer that it belongs to
   * @param from what is sent, or -1 if nothing is
   * @param sent for each rank that gets it
   * @param to what is received, or -1 if nothing is
   * @param received of each rank
   * @hidden
   */
  record Alltoall(String layer, int from, Pieces sent, int to, Pieces received)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.alltoall(this);
    }
  }

  /**
   * Begins what {@link Alltoall} does; meanwhile the tower goes on, and leaves both buffers alone.
   *
   * @param layer that it belongs to
   * @param from what is sent, or -1 if nothing is
   * @param sent for each rank that gets it
   * @param to what is received, or -1 if nothing is
   * @param received of each rank
   * @hidden
   */
  record BeginAlltoall(String layer, int from, Pieces sent, int to, Pieces received)
      implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.beginAlltoall(this);
    }
  }

  /**
   * Begins what {@link Allgather} does; meanwhile the tower goes on, and leaves the buffer alone.
   *
   * @param layer that it belongs to
   * @param buffer of all pieces
   * @param pieces of each rank
   * @hidden
   */
  record BeginAllgather(String layer, int buffer, Pieces pieces) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.beginAllgather(this);
    }
  }

  /**
   * Waits for the end of what was begun.
   *
   * @param layer that it belongs to
   * @param from what is sent, which tells the move
   * @param to where it arrives, or -1 if nothing does
   * @hidden
   */
  record AwaitMove(String layer, int from, int to) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.awaitMove(this);
    }
  }

  /**
   * Announces that the source of a transfer is complete.
   *
   * @param layer that it belongs to
   * @param transfer index in the exchange plan
   * @param buffer that moves
   * @hidden
   */
  record Send(String layer, int transfer, int buffer) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.send(this);
    }
  }

  /**
   * Waits for a transfer's source and copies it here.
   *
   * @param layer that it belongs to
   * @param transfer index in the exchange plan
   * @param buffer that moves
   * @hidden
   */
  record Receive(String layer, int transfer, int buffer) implements Operation {
    @Override
    public <R> R accept(OperationVisitor<R> visitor) {
      return visitor.receive(this);
    }
  }
}
