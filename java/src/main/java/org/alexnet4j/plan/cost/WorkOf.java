package org.alexnet4j.plan.cost;

import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.OperationVisitor;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TowerPlan;

/** Finds what an operation of a tower asks of its device. */
record WorkOf(TowerPlan tower) implements OperationVisitor<Work> {
  /** Every operand crosses the memory bus once. */
  private Work of(Operation operation, long macs) {
    double bytes = 0;
    for (int id : operation.buffers()) {
      bytes += bytes(id);
    }
    return new Work(2.0 * macs, bytes);
  }

  private double bytes(int buffer) {
    return tower.buffers().get(buffer).bytes();
  }

  /** Adds that a parameter is read and written. */
  private Work updating(Work work, ParameterSpec parameter) {
    double again = bytes(parameter.value()) + bytes(parameter.velocity());
    return new Work(work.flops(), work.bytes() + again);
  }

  @Override
  public Work input(Operation.Input o) {
    return of(o, 0);
  }

  @Override
  public Work convFprop(Operation.ConvFprop o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work convDgrad(Operation.ConvDgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work convWgrad(Operation.ConvWgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work localFprop(Operation.LocalFprop o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work localDgrad(Operation.LocalDgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work localWgrad(Operation.LocalWgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work fcFprop(Operation.FcFprop o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work fcDgrad(Operation.FcDgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work fcWgrad(Operation.FcWgrad o) {
    return of(o, o.shape().macs());
  }

  @Override
  public Work fcWgradUpdate(Operation.FcWgradUpdate o) {
    return updating(of(o, o.shape().macs()), o.parameter());
  }

  @Override
  public Work biasGrad(Operation.BiasGrad o) {
    return of(o, 0);
  }

  @Override
  public Work reluFprop(Operation.ReluFprop o) {
    return of(o, 0);
  }

  @Override
  public Work reluBprop(Operation.ReluBprop o) {
    return of(o, 0);
  }

  @Override
  public Work tanhFprop(Operation.TanhFprop o) {
    return of(o, 0);
  }

  @Override
  public Work tanhBprop(Operation.TanhBprop o) {
    return of(o, 0);
  }

  @Override
  public Work sigmoidFprop(Operation.SigmoidFprop o) {
    return of(o, 0);
  }

  @Override
  public Work sigmoidBprop(Operation.SigmoidBprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnFprop(Operation.LrnFprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnBprop(Operation.LrnBprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnMapFprop(Operation.LrnMapFprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnMapBprop(Operation.LrnMapBprop o) {
    return of(o, 0);
  }

  /** What is copied is read and written; the rest of both planes is left alone. */
  @Override
  public Work channelsCopy(Operation.ChannelsCopy o) {
    return new Work(0, 8.0 * o.shape().values());
  }

  @Override
  public Work poolFprop(Operation.PoolFprop o) {
    return of(o, 0);
  }

  @Override
  public Work poolBprop(Operation.PoolBprop o) {
    return of(o, 0);
  }

  @Override
  public Work dropoutFprop(Operation.DropoutFprop o) {
    return of(o, 0);
  }

  @Override
  public Work dropoutBprop(Operation.DropoutBprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnPoolFprop(Operation.LrnPoolFprop o) {
    return of(o, 0);
  }

  @Override
  public Work lrnPoolBprop(Operation.LrnPoolBprop o) {
    return of(o, 0);
  }

  @Override
  public Work softmaxLoss(Operation.SoftmaxLoss o) {
    return of(o, 0);
  }

  @Override
  public Work softmaxFprop(Operation.SoftmaxFprop o) {
    return of(o, 0);
  }

  @Override
  public Work softmaxMetrics(Operation.SoftmaxMetrics o) {
    return of(o, 0);
  }

  @Override
  public Work softmaxBprop(Operation.SoftmaxBprop o) {
    return of(o, 0);
  }

  @Override
  public Work cast(Operation.Cast o) {
    return of(o, 0);
  }

  @Override
  public Work add(Operation.Add o) {
    return of(o, 0);
  }

  @Override
  public Work sgdUpdate(Operation.SgdUpdate o) {
    Work work = of(o, 0);
    for (ParameterSpec parameter : o.parameters()) {
      work = updating(work, parameter);
    }
    return work;
  }

  /** What others send is written; what they get is read. */
  @Override
  public Work allgather(Operation.Allgather o) {
    return new Work(0, o.pieces().sum());
  }

  @Override
  public Work alltoall(Operation.Alltoall o) {
    return new Work(0, o.sent().sum() + o.received().sum());
  }

  @Override
  public Work beginAlltoall(Operation.BeginAlltoall o) {
    return new Work(0, o.sent().sum() + o.received().sum());
  }

  @Override
  public Work beginAllgather(Operation.BeginAllgather o) {
    return new Work(0, o.pieces().sum());
  }

  @Override
  public Work awaitMove(Operation.AwaitMove o) {
    return new Work(0, 0);
  }

  @Override
  public Work send(Operation.Send o) {
    return of(o, 0);
  }

  @Override
  public Work receive(Operation.Receive o) {
    return of(o, 0);
  }
}
