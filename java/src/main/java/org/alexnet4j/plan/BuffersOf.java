package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.stream.Stream;

/** Finds the ids of all buffers that an operation reads or writes. */
enum BuffersOf implements OperationVisitor<ImmutableList<Integer>> {
  VISITOR;

  private static ImmutableList<Integer> present(int... ids) {
    return Arrays.stream(ids)
        .filter(id -> id >= 0)
        .boxed()
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public ImmutableList<Integer> input(Operation.Input o) {
    return ImmutableList.of(o.images(), o.crops(), o.mean(), o.noise(), o.x());
  }

  @Override
  public ImmutableList<Integer> convFprop(Operation.ConvFprop o) {
    return present(o.x(), o.w(), o.bias(), o.y(), o.sums());
  }

  @Override
  public ImmutableList<Integer> convDgrad(Operation.ConvDgrad o) {
    return present(o.dy(), o.w(), o.mask(), o.dx());
  }

  @Override
  public ImmutableList<Integer> convWgrad(Operation.ConvWgrad o) {
    return present(o.x(), o.dy(), o.dw(), o.db());
  }

  @Override
  public ImmutableList<Integer> localFprop(Operation.LocalFprop o) {
    return present(o.x(), o.w(), o.bias(), o.y(), o.sums());
  }

  @Override
  public ImmutableList<Integer> localDgrad(Operation.LocalDgrad o) {
    return present(o.dy(), o.w(), o.mask(), o.dx());
  }

  @Override
  public ImmutableList<Integer> localWgrad(Operation.LocalWgrad o) {
    return present(o.x(), o.dy(), o.dw(), o.db());
  }

  @Override
  public ImmutableList<Integer> fcFprop(Operation.FcFprop o) {
    return present(o.x(), o.w(), o.bias(), o.y(), o.sums());
  }

  @Override
  public ImmutableList<Integer> fcDgrad(Operation.FcDgrad o) {
    return present(o.dy(), o.w(), o.mask(), o.dx());
  }

  @Override
  public ImmutableList<Integer> fcWgrad(Operation.FcWgrad o) {
    return present(o.x(), o.dy(), o.dw(), o.db());
  }

  @Override
  public ImmutableList<Integer> fcWgradUpdate(Operation.FcWgradUpdate o) {
    return present(o.x(), o.dy(), o.parameter().value(), o.parameter().velocity(), o.db());
  }

  @Override
  public ImmutableList<Integer> biasGrad(Operation.BiasGrad o) {
    return ImmutableList.of(o.dy(), o.db());
  }

  @Override
  public ImmutableList<Integer> reluFprop(Operation.ReluFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> reluBprop(Operation.ReluBprop o) {
    return ImmutableList.of(o.y(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> tanhFprop(Operation.TanhFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> tanhBprop(Operation.TanhBprop o) {
    return ImmutableList.of(o.y(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> sigmoidFprop(Operation.SigmoidFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> sigmoidBprop(Operation.SigmoidBprop o) {
    return ImmutableList.of(o.y(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> lrnFprop(Operation.LrnFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> lrnBprop(Operation.LrnBprop o) {
    return ImmutableList.of(o.x(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> lrnMapFprop(Operation.LrnMapFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> lrnMapBprop(Operation.LrnMapBprop o) {
    return ImmutableList.of(o.x(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> channelsCopy(Operation.ChannelsCopy o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> poolFprop(Operation.PoolFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> poolBprop(Operation.PoolBprop o) {
    return ImmutableList.of(o.x(), o.y(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> dropoutFprop(Operation.DropoutFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> dropoutBprop(Operation.DropoutBprop o) {
    return ImmutableList.of(o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> lrnPoolFprop(Operation.LrnPoolFprop o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> lrnPoolBprop(Operation.LrnPoolBprop o) {
    return ImmutableList.of(o.x(), o.dy(), o.dx());
  }

  @Override
  public ImmutableList<Integer> softmaxLoss(Operation.SoftmaxLoss o) {
    return present(o.logits(), o.labels(), o.probabilities(), o.metrics(), o.dlogits());
  }

  @Override
  public ImmutableList<Integer> softmaxFprop(Operation.SoftmaxFprop o) {
    return ImmutableList.of(o.logits(), o.probabilities());
  }

  @Override
  public ImmutableList<Integer> softmaxMetrics(Operation.SoftmaxMetrics o) {
    return ImmutableList.of(o.probabilities(), o.labels(), o.metrics());
  }

  @Override
  public ImmutableList<Integer> softmaxBprop(Operation.SoftmaxBprop o) {
    return ImmutableList.of(o.probabilities(), o.labels(), o.dlogits());
  }

  @Override
  public ImmutableList<Integer> add(Operation.Add o) {
    return present(o.a(), o.b(), o.mask(), o.y());
  }

  @Override
  public ImmutableList<Integer> cast(Operation.Cast o) {
    return ImmutableList.of(o.x(), o.y());
  }

  @Override
  public ImmutableList<Integer> sgdUpdate(Operation.SgdUpdate o) {
    return o.parameters().stream()
        .flatMap(p -> Stream.of(p.value(), p.velocity(), p.gradient()))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public ImmutableList<Integer> allgather(Operation.Allgather o) {
    return ImmutableList.of(o.buffer());
  }

  @Override
  public ImmutableList<Integer> alltoall(Operation.Alltoall o) {
    return present(o.from(), o.to());
  }

  @Override
  public ImmutableList<Integer> beginAlltoall(Operation.BeginAlltoall o) {
    return present(o.from(), o.to());
  }

  @Override
  public ImmutableList<Integer> beginAllgather(Operation.BeginAllgather o) {
    return ImmutableList.of(o.buffer());
  }

  @Override
  public ImmutableList<Integer> awaitMove(Operation.AwaitMove o) {
    return present(o.from(), o.to());
  }

  @Override
  public ImmutableList<Integer> send(Operation.Send o) {
    return ImmutableList.of(o.buffer());
  }

  @Override
  public ImmutableList<Integer> receive(Operation.Receive o) {
    return ImmutableList.of(o.buffer());
  }
}
