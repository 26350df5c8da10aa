package org.alexnet4j.plan;

/**
 * What is done with operations, kind by kind. A new kind of operation is a method here, so that the
 * compiler lists everything that does not know it yet.
 *
 * @param <R> what comes of an operation
 * @hidden
 */
public interface OperationVisitor<R> {
  R input(Operation.Input operation);

  R convFprop(Operation.ConvFprop operation);

  R convDgrad(Operation.ConvDgrad operation);

  R convWgrad(Operation.ConvWgrad operation);

  R localFprop(Operation.LocalFprop operation);

  R localDgrad(Operation.LocalDgrad operation);

  R localWgrad(Operation.LocalWgrad operation);

  R fcFprop(Operation.FcFprop operation);

  R fcDgrad(Operation.FcDgrad operation);

  R fcWgrad(Operation.FcWgrad operation);

  R fcWgradUpdate(Operation.FcWgradUpdate operation);

  R biasGrad(Operation.BiasGrad operation);

  R reluFprop(Operation.ReluFprop operation);

  R reluBprop(Operation.ReluBprop operation);

  R tanhFprop(Operation.TanhFprop operation);

  R tanhBprop(Operation.TanhBprop operation);

  R sigmoidFprop(Operation.SigmoidFprop operation);

  R sigmoidBprop(Operation.SigmoidBprop operation);

  R lrnFprop(Operation.LrnFprop operation);

  R lrnBprop(Operation.LrnBprop operation);

  R lrnMapFprop(Operation.LrnMapFprop operation);

  R lrnMapBprop(Operation.LrnMapBprop operation);

  R channelsCopy(Operation.ChannelsCopy operation);

  R poolFprop(Operation.PoolFprop operation);

  R poolBprop(Operation.PoolBprop operation);

  R dropoutFprop(Operation.DropoutFprop operation);

  R dropoutBprop(Operation.DropoutBprop operation);

  R lrnPoolFprop(Operation.LrnPoolFprop operation);

  R lrnPoolBprop(Operation.LrnPoolBprop operation);

  R softmaxLoss(Operation.SoftmaxLoss operation);

  R softmaxFprop(Operation.SoftmaxFprop operation);

  R softmaxMetrics(Operation.SoftmaxMetrics operation);

  R softmaxBprop(Operation.SoftmaxBprop operation);

  R add(Operation.Add operation);

  R cast(Operation.Cast operation);

  R sgdUpdate(Operation.SgdUpdate operation);

  R allgather(Operation.Allgather operation);

  R alltoall(Operation.Alltoall operation);

  R beginAlltoall(Operation.BeginAlltoall operation);

  R beginAllgather(Operation.BeginAllgather operation);

  R awaitMove(Operation.AwaitMove operation);

  R send(Operation.Send operation);

  R receive(Operation.Receive operation);
}
