package org.alexnet4j.jmh;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.SgdUpdate;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.OperationVisitor;
import org.alexnet4j.plan.ParameterSpec;

/**
 * Binds an operation of a plan to buffers, as a training step with labels does it, so that it can
 * run alone. Transfers are none of an engine's operations and are refused.
 */
final class OperationCall implements OperationVisitor<Runnable> {
  private final Engine engine;
  private final Stream compute;
  private final Buffer settings;
  private final Buffer[] buffers;

  /**
   * Creates the binding.
   *
   * @param buffers by id of the plan; null where the operation has none
   */
  OperationCall(Engine engine, Stream compute, Buffer settings, Buffer[] buffers) {
    this.engine = engine;
    this.compute = compute;
    this.settings = settings;
    this.buffers = buffers;
  }

  private Buffer at(int id) {
    return id < 0 ? null : buffers[id];
  }

  @Override
  public Runnable input(Operation.Input o) {
    return () ->
        engine.inputFprop(
            compute,
            o.shape(),
            settings,
            at(o.images()),
            at(o.crops()),
            at(o.mean()),
            at(o.noise()),
            at(o.x()));
  }

  @Override
  public Runnable convFprop(Operation.ConvFprop o) {
    return () ->
        engine.convFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            o.accumulate(),
            o.relu());
  }

  @Override
  public Runnable convDgrad(Operation.ConvDgrad o) {
    return () ->
        engine.convDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), at(o.dx()));
  }

  @Override
  public Runnable convWgrad(Operation.ConvWgrad o) {
    return () ->
        engine.convWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Runnable localFprop(Operation.LocalFprop o) {
    return () ->
        engine.localFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            o.accumulate(),
            o.relu());
  }

  @Override
  public Runnable localDgrad(Operation.LocalDgrad o) {
    return () ->
        engine.localDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), at(o.dx()));
  }

  @Override
  public Runnable localWgrad(Operation.LocalWgrad o) {
    return () ->
        engine.localWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Runnable fcFprop(Operation.FcFprop o) {
    return () ->
        engine.fcFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            o.accumulate(),
            o.relu(),
            o.dropout(),
            settings,
            true);
  }

  @Override
  public Runnable fcDgrad(Operation.FcDgrad o) {
    return () ->
        engine.fcDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), at(o.dx()));
  }

  @Override
  public Runnable fcWgrad(Operation.FcWgrad o) {
    return () -> engine.fcWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Runnable fcWgradUpdate(Operation.FcWgradUpdate o) {
    ParameterSpec p = o.parameter();
    return () ->
        engine.fcWgradUpdate(
            compute,
            o.shape(),
            p.update(1),
            settings,
            at(o.x()),
            at(o.dy()),
            at(p.value()),
            at(p.velocity()),
            at(o.db()));
  }

  @Override
  public Runnable biasGrad(Operation.BiasGrad o) {
    return () -> engine.biasGrad(compute, o.rows(), o.channels(), at(o.dy()), at(o.db()));
  }

  @Override
  public Runnable reluFprop(Operation.ReluFprop o) {
    return () -> engine.reluFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable reluBprop(Operation.ReluBprop o) {
    return () -> engine.reluBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable tanhFprop(Operation.TanhFprop o) {
    return () -> engine.tanhFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable tanhBprop(Operation.TanhBprop o) {
    return () -> engine.tanhBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable sigmoidFprop(Operation.SigmoidFprop o) {
    return () -> engine.sigmoidFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable sigmoidBprop(Operation.SigmoidBprop o) {
    return () -> engine.sigmoidBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable lrnFprop(Operation.LrnFprop o) {
    return () -> engine.lrnFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable lrnBprop(Operation.LrnBprop o) {
    return () -> engine.lrnBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable lrnMapFprop(Operation.LrnMapFprop o) {
    return () -> engine.lrnMapFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable lrnMapBprop(Operation.LrnMapBprop o) {
    return () -> engine.lrnMapBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable channelsCopy(Operation.ChannelsCopy o) {
    return () -> engine.channelsCopy(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable poolFprop(Operation.PoolFprop o) {
    return () -> engine.poolFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Runnable poolBprop(Operation.PoolBprop o) {
    return () -> engine.poolBprop(compute, o.shape(), at(o.x()), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable dropoutFprop(Operation.DropoutFprop o) {
    return () -> engine.dropoutFprop(compute, o.shape(), settings, at(o.x()), at(o.y()), true);
  }

  @Override
  public Runnable dropoutBprop(Operation.DropoutBprop o) {
    return () -> engine.dropoutBprop(compute, o.shape(), settings, at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable lrnPoolFprop(Operation.LrnPoolFprop o) {
    return () -> engine.lrnPoolFprop(compute, o.shape(), at(o.x()), at(o.y()), null);
  }

  @Override
  public Runnable lrnPoolBprop(Operation.LrnPoolBprop o) {
    return () -> engine.lrnPoolBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Runnable softmaxLoss(Operation.SoftmaxLoss o) {
    return () ->
        engine.softmaxLoss(
            compute,
            o.shape(),
            at(o.logits()),
            at(o.labels()),
            o.scale(),
            at(o.probabilities()),
            at(o.metrics()),
            at(o.dlogits()));
  }

  @Override
  public Runnable softmaxFprop(Operation.SoftmaxFprop o) {
    return () -> engine.softmaxFprop(compute, o.shape(), at(o.logits()), at(o.probabilities()));
  }

  @Override
  public Runnable softmaxMetrics(Operation.SoftmaxMetrics o) {
    return () ->
        engine.softmaxMetrics(
            compute, o.shape(), at(o.probabilities()), at(o.labels()), at(o.metrics()));
  }

  @Override
  public Runnable softmaxBprop(Operation.SoftmaxBprop o) {
    return () ->
        engine.softmaxBprop(
            compute, o.shape(), at(o.probabilities()), at(o.labels()), o.scale(), at(o.dlogits()));
  }

  @Override
  public Runnable add(Operation.Add o) {
    return () -> engine.add(compute, o.count(), at(o.a()), at(o.b()), at(o.mask()), at(o.y()));
  }

  @Override
  public Runnable sgdUpdate(Operation.SgdUpdate o) {
    ImmutableList<SgdUpdate.Item> arrays =
        o.parameters().stream()
            .map(
                p ->
                    new SgdUpdate.Item(
                        p.update(1), at(p.value()), at(p.velocity()), at(p.gradient())))
            .collect(ImmutableList.toImmutableList());
    SgdUpdate update = new SgdUpdate(arrays);
    return () -> engine.sgdUpdate(compute, update, settings);
  }

  @Override
  public Runnable send(Operation.Send o) {
    throw new IllegalArgumentException("a transfer is measured by ExchangeBenchmark");
  }

  @Override
  public Runnable receive(Operation.Receive o) {
    throw new IllegalArgumentException("a transfer is measured by ExchangeBenchmark");
  }
}
