package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.SgdUpdate;
import org.alexnet4j.plan.ExchangePlan;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.OperationVisitor;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.ParameterSpec.Part;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.SoftmaxShape;
import org.alexnet4j.tower.link.RankLinks;
import org.alexnet4j.tower.link.RankMove;
import org.alexnet4j.tower.link.RankMover;

/**
 * Binds the operations of a plan to a tower's buffers, streams and engine. Internal.
 *
 * @hidden
 */
public final class Binder implements OperationVisitor<Instruction> {
  private final int tower;
  private final Engine engine;
  private final Stream compute;
  private final Stream copy;
  private final Exchange exchange;
  private final Buffer settings;
  private final Buffer[] buffers;
  private final RankLinks links; // null if there is one rank alone
  private final RankMover mover;
  private final List<Moved> moves = new ArrayList<>();
  private final Map<Integer, RankMove> beside = new HashMap<>(); // by what is sent
  private final Map<Integer, Future<?>> begun = new HashMap<>();

  Binder(
      int tower,
      Engine engine,
      Stream compute,
      Stream copy,
      Exchange exchange,
      Buffer settings,
      Buffer[] buffers,
      RankLinks links,
      RankMover mover) {
    this.tower = tower;
    this.engine = engine;
    this.compute = compute;
    this.copy = copy;
    this.exchange = exchange;
    this.settings = settings;
    this.buffers = buffers;
    this.links = links;
    this.mover = mover;
  }

  /**
   * A move between ranks that was bound.
   *
   * @param layer for which it moves
   * @param kind of move
   * @param buffer what is sent, by id of the plan; -1 for nothing
   */
  record Moved(String layer, String kind, int buffer, RankMove move) {

    /** Returns the name of what is sent, empty for nothing. */
    String plane(TowerPlan plan) {
      return buffer < 0 ? "" : plan.buffers().get(buffer).name();
    }
  }

  /** Returns the moves between ranks among what was bound; whoever asks closes them. */
  List<Moved> moves() {
    return moves;
  }

  /**
   * Binds an operation alone, as a training step with labels does it, for benchmarks.
   *
   * @param operation which
   * @param engine carries it out
   * @param compute stream that computes
   * @param settings as {@code alexnet_step_settings}
   * @param buffers by id of the plan; null where the operation has none
   * @return what queues the operation once
   * @throws IllegalArgumentException if it is one side of a transfer
   */
  public static Runnable ofStep(
      Operation operation, Engine engine, Stream compute, Buffer settings, Buffer[] buffers) {
    if (Tower.isMove(operation)) {
      throw new IllegalArgumentException("a transfer cannot be done by one tower alone");
    }
    Exchange none = new Exchange(new ExchangePlan(ImmutableList.of()), new AbortSignal());
    Instruction bound =
        operation.accept(
            new Binder(0, engine, compute, compute, none, settings, buffers, null, null));
    PassState step = new PassState();
    step.training = true;
    step.labelled = true;
    return () -> bound.run(step);
  }

  private Buffer at(int id) {
    return id < 0 ? null : buffers[id];
  }

  /** Returns where a plane is stored on another tower, or what else there is. */
  private Buffer stored(int id, Buffer otherwise) {
    Buffer peer = exchange.storedAt(tower, id);
    return peer == null ? otherwise : peer;
  }

  @Override
  public Instruction input(Operation.Input o) {
    return s -> {
      if (!s.skipInput) {
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
    };
  }

  @Override
  public Instruction convFprop(Operation.ConvFprop o) {
    return s ->
        engine.convFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            at(o.sums()),
            o.accumulate(),
            o.relu());
  }

  @Override
  public Instruction convDgrad(Operation.ConvDgrad o) {
    Buffer dx = stored(o.dx(), at(o.dx()));
    return s -> engine.convDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), dx);
  }

  @Override
  public Instruction convWgrad(Operation.ConvWgrad o) {
    return s -> engine.convWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Instruction localFprop(Operation.LocalFprop o) {
    return s ->
        engine.localFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            at(o.sums()),
            o.accumulate(),
            o.relu());
  }

  @Override
  public Instruction localDgrad(Operation.LocalDgrad o) {
    Buffer dx = stored(o.dx(), at(o.dx()));
    return s -> engine.localDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), dx);
  }

  @Override
  public Instruction localWgrad(Operation.LocalWgrad o) {
    return s ->
        engine.localWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Instruction fcFprop(Operation.FcFprop o) {
    return s ->
        engine.fcFprop(
            compute,
            o.shape(),
            at(o.x()),
            at(o.w()),
            at(o.bias()),
            at(o.y()),
            at(o.sums()),
            o.accumulate(),
            o.relu(),
            o.dropout(),
            settings,
            s.training);
  }

  @Override
  public Instruction fcDgrad(Operation.FcDgrad o) {
    Buffer dx = stored(o.dx(), at(o.dx()));
    return s -> engine.fcDgrad(compute, o.shape(), at(o.dy()), at(o.w()), at(o.mask()), dx);
  }

  @Override
  public Instruction fcWgrad(Operation.FcWgrad o) {
    return s -> engine.fcWgrad(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dw()), at(o.db()));
  }

  @Override
  public Instruction fcWgradUpdate(Operation.FcWgradUpdate o) {
    ParameterSpec p = o.parameter();
    return s -> {
      float factor = s.factors.weight(o.layer());
      if (factor > 0) {
        engine.fcWgradUpdate(
            compute,
            o.shape(),
            p.update(factor),
            settings,
            at(o.x()),
            at(o.dy()),
            at(p.value()),
            at(p.velocity()),
            at(o.db()));
      } else if (o.db() >= 0) {
        engine.biasGrad(compute, o.shape().N(), o.shape().K(), at(o.dy()), at(o.db()));
      }
    };
  }

  @Override
  public Instruction biasGrad(Operation.BiasGrad o) {
    return s -> engine.biasGrad(compute, o.rows(), o.channels(), at(o.dy()), at(o.db()));
  }

  @Override
  public Instruction reluFprop(Operation.ReluFprop o) {
    return s -> engine.reluFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction reluBprop(Operation.ReluBprop o) {
    return s -> engine.reluBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction tanhFprop(Operation.TanhFprop o) {
    return s -> engine.tanhFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction tanhBprop(Operation.TanhBprop o) {
    return s -> engine.tanhBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction sigmoidFprop(Operation.SigmoidFprop o) {
    return s -> engine.sigmoidFprop(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction sigmoidBprop(Operation.SigmoidBprop o) {
    return s -> engine.sigmoidBprop(compute, o.count(), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction lrnFprop(Operation.LrnFprop o) {
    return s -> engine.lrnFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction lrnBprop(Operation.LrnBprop o) {
    return s -> engine.lrnBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction lrnMapFprop(Operation.LrnMapFprop o) {
    return s -> engine.lrnMapFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction lrnMapBprop(Operation.LrnMapBprop o) {
    return s -> engine.lrnMapBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction channelsCopy(Operation.ChannelsCopy o) {
    return s -> engine.channelsCopy(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction poolFprop(Operation.PoolFprop o) {
    return s -> engine.poolFprop(compute, o.shape(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction poolBprop(Operation.PoolBprop o) {
    return s -> engine.poolBprop(compute, o.shape(), at(o.x()), at(o.y()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction dropoutFprop(Operation.DropoutFprop o) {
    return s -> engine.dropoutFprop(compute, o.shape(), settings, at(o.x()), at(o.y()), s.training);
  }

  @Override
  public Instruction dropoutBprop(Operation.DropoutBprop o) {
    return s -> {
      if (s.training) {
        engine.dropoutBprop(compute, o.shape(), settings, at(o.dy()), at(o.dx()));
      } else {
        // The gradient of y = keep * x is the same product.
        engine.dropoutFprop(compute, o.shape(), settings, at(o.dy()), at(o.dx()), false);
      }
    };
  }

  @Override
  public Instruction lrnPoolFprop(Operation.LrnPoolFprop o) {
    Buffer peer = stored(o.y(), null);
    return s -> engine.lrnPoolFprop(compute, o.shape(), at(o.x()), at(o.y()), peer);
  }

  @Override
  public Instruction lrnPoolBprop(Operation.LrnPoolBprop o) {
    return s -> engine.lrnPoolBprop(compute, o.shape(), at(o.x()), at(o.dy()), at(o.dx()));
  }

  @Override
  public Instruction softmaxLoss(Operation.SoftmaxLoss o) {
    return s -> {
      if (s.labelled) {
        engine.softmaxLoss(
            compute,
            o.shape(),
            at(o.logits()),
            at(o.labels()),
            scale(o.scale(), o.shape(), s),
            at(o.probabilities()),
            at(o.metrics()),
            s.training ? at(o.dlogits()) : null);
        if (s.training) {
          clearMissing(at(o.dlogits()), o.shape(), s);
        }
      } else {
        engine.softmaxFprop(compute, o.shape(), at(o.logits()), at(o.probabilities()));
      }
    };
  }

  @Override
  public Instruction softmaxFprop(Operation.SoftmaxFprop o) {
    return s -> engine.softmaxFprop(compute, o.shape(), at(o.logits()), at(o.probabilities()));
  }

  @Override
  public Instruction softmaxMetrics(Operation.SoftmaxMetrics o) {
    return s -> {
      if (s.labelled) {
        engine.softmaxMetrics(
            compute, o.shape(), at(o.probabilities()), at(o.labels()), at(o.metrics()));
      }
    };
  }

  @Override
  public Instruction softmaxBprop(Operation.SoftmaxBprop o) {
    return s -> {
      engine.softmaxBprop(
          compute,
          o.shape(),
          at(o.probabilities()),
          at(o.labels()),
          scale(o.scale(), o.shape(), s),
          at(o.dlogits()));
      clearMissing(at(o.dlogits()), o.shape(), s);
    };
  }

  /** Returns the factor that makes a mean over the images that a batch has, from a whole one's. */
  private static float scale(float whole, SoftmaxShape shape, PassState s) {
    return s.missing == 0 ? whole : 1f / (shape.N() - s.missing);
  }

  /** Images that a short batch lacks move nothing; their places hold those of an earlier batch. */
  private void clearMissing(Buffer dlogits, SoftmaxShape shape, PassState s) {
    if (s.missing > 0) {
      long row = dlogits.bytes() / shape.N();
      compute.clear(dlogits, (shape.N() - s.missing) * row, s.missing * row);
    }
  }

  @Override
  public Instruction cast(Operation.Cast o) {
    return s -> engine.cast(compute, o.count(), at(o.x()), at(o.y()));
  }

  @Override
  public Instruction add(Operation.Add o) {
    return o.parameters()
        ? s -> engine.addParameters(compute, o.count(), at(o.a()), at(o.b()), at(o.y()))
        : s -> engine.add(compute, o.count(), at(o.a()), at(o.b()), at(o.mask()), at(o.y()));
  }

  @Override
  public Instruction sgdUpdate(Operation.SgdUpdate operation) {
    Map<RateFactors, Optional<SgdUpdate>> updates = new HashMap<>();
    return s ->
        updates
            .computeIfAbsent(s.factors, factors -> update(operation, factors))
            .ifPresent(update -> engine.sgdUpdate(compute, update, settings));
  }

  /** Returns the update without what is frozen; nothing if all are. */
  private Optional<SgdUpdate> update(Operation.SgdUpdate operation, RateFactors factors) {
    ImmutableList.Builder<SgdUpdate.Item> arrays = ImmutableList.builder();
    for (ParameterSpec p : operation.parameters()) {
      float factor = p.part() == Part.WEIGHT ? factors.weight(p.layer()) : factors.bias(p.layer());
      if (factor > 0) {
        arrays.add(
            new SgdUpdate.Item(
                p.update(factor), at(p.value()), at(p.velocity()), at(p.gradient())));
      }
    }
    ImmutableList<SgdUpdate.Item> learning = arrays.build();
    return learning.isEmpty() ? Optional.empty() : Optional.of(new SgdUpdate(learning));
  }

  @Override
  public Instruction allgather(Operation.Allgather o) {
    RankMove move = links.allgather(tower, false, compute, at(o.buffer()), o.pieces());
    moves.add(new Moved(o.layer(), "allgather", o.buffer(), move));
    return s -> move.run(s.training);
  }

  @Override
  public Instruction alltoall(Operation.Alltoall o) {
    RankMove move =
        links.alltoall(tower, false, compute, at(o.from()), o.sent(), at(o.to()), o.received());
    moves.add(new Moved(o.layer(), "alltoall", o.from(), move));
    return s -> move.run(s.training);
  }

  @Override
  public Instruction beginAllgather(Operation.BeginAllgather o) {
    RankMove move = links.allgather(tower, true, compute, at(o.buffer()), o.pieces());
    return begin(new Moved(o.layer(), "allgather", o.buffer(), move));
  }

  @Override
  public Instruction beginAlltoall(Operation.BeginAlltoall o) {
    RankMove move =
        links.alltoall(tower, true, compute, at(o.from()), o.sent(), at(o.to()), o.received());
    return begin(new Moved(o.layer(), "alltoall", o.from(), move));
  }

  private Instruction begin(Moved moved) {
    moves.add(moved);
    beside.put(moved.buffer(), moved.move());
    return s -> begun.put(moved.buffer(), mover.begin(moved.move(), s.training));
  }

  @Override
  public Instruction awaitMove(Operation.AwaitMove o) {
    RankMove move = beside.get(o.from());
    return s -> mover.await(move, begun.get(o.from()));
  }

  @Override
  public Instruction send(Operation.Send o) {
    return s -> exchange.send(o.transfer(), compute, copy, s.pass);
  }

  @Override
  public Instruction receive(Operation.Receive o) {
    return s -> exchange.receive(o.transfer(), compute, copy, s.pass);
  }
}
