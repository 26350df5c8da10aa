package org.alexnet4j.engine;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.alexnet4j.bindings.AlexnetAbi.ChannelsShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.ConvShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.DropoutShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.FcShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.InputShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.LrnPoolShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.LrnShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.PoolShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.SgdArrayStruct;
import org.alexnet4j.bindings.AlexnetAbi.SgdShapeStruct;
import org.alexnet4j.bindings.AlexnetAbi.SoftmaxShapeStruct;
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
import org.bytedeco.javacpp.Pointer;

/**
 * Keeps the C struct of each shape, and of each list of buffers, so that a step allocates none.
 *
 * <p>Threads: any; a struct is written before anybody else can see it.
 */
final class NativeShapes {
  private final Map<Record, Pointer> structs = new ConcurrentHashMap<>();

  private <T extends Pointer> T get(Record shape, Class<T> type, Function<Record, T> make) {
    return type.cast(structs.computeIfAbsent(shape, make));
  }

  ConvShapeStruct of(ConvShape s) {
    return get(
        s,
        ConvShapeStruct.class,
        key ->
            new ConvShapeStruct()
                .N(s.N())
                    .C(s.C())
                    .H(s.H())
                    .W(s.W())
                    .K(s.K())
                    .R(s.R())
                    .S(s.S())
                    .stride(s.stride())
                    .pad(s.pad())
                    .G(s.G())
                    .rounding(s.rounding().ordinal()));
  }

  FcShapeStruct of(FcShape s) {
    return get(s, FcShapeStruct.class, key -> new FcShapeStruct().N(s.N()).C(s.C()).K(s.K()));
  }

  LrnShapeStruct of(LrnShape s) {
    return get(
        s,
        LrnShapeStruct.class,
        key ->
            new LrnShapeStruct()
                .N(s.N())
                    .H(s.H())
                    .W(s.W())
                    .C(s.C())
                    .size(s.size())
                    .k(s.k())
                    .alpha(s.alpha())
                    .beta(s.beta()));
  }

  ChannelsShapeStruct of(ChannelsShape s) {
    return get(
        s,
        ChannelsShapeStruct.class,
        key ->
            new ChannelsShapeStruct()
                .rows(s.rows())
                .x_channels(s.xChannels())
                .x_first(s.xFirst())
                .y_channels(s.yChannels())
                .y_first(s.yFirst())
                .count(s.count()));
  }

  PoolShapeStruct of(PoolShape s) {
    return get(
        s,
        PoolShapeStruct.class,
        key ->
            new PoolShapeStruct()
                .N(s.N())
                    .H(s.H())
                    .W(s.W())
                    .C(s.C())
                    .size(s.size())
                    .stride(s.stride())
                    .mode(s.mode().ordinal())
                    .ties(s.ties().ordinal()));
  }

  LrnPoolShapeStruct of(LrnPoolShape s) {
    return get(
        s,
        LrnPoolShapeStruct.class,
        key -> {
          PoolShape pool = s.pool();
          LrnPoolShapeStruct struct =
              new LrnPoolShapeStruct()
                  .N(pool.N())
                      .H(pool.H())
                      .W(pool.W())
                      .C(pool.C())
                      .lrn_size(0)
                      .pool_size(pool.size())
                      .stride(pool.stride())
                      .ties(pool.ties().ordinal())
                      .relu(s.relu() ? 1 : 0);
          LrnShape lrn = s.lrn();
          return lrn == null
              ? struct
              : struct.lrn_size(lrn.size()).k(lrn.k()).alpha(lrn.alpha()).beta(lrn.beta());
        });
  }

  InputShapeStruct of(InputShape s) {
    return get(
        s,
        InputShapeStruct.class,
        key ->
            new InputShapeStruct()
                .N(s.N())
                    .source(s.source())
                    .size(s.size())
                    .mean_mode(s.mean().ordinal())
                    .block(s.block())
                    .blocks(s.blocks())
                    .slots(s.slots()));
  }

  SoftmaxShapeStruct of(SoftmaxShape s) {
    return get(s, SoftmaxShapeStruct.class, key -> new SoftmaxShapeStruct().N(s.N()).C(s.C()));
  }

  DropoutShapeStruct of(DropoutShape s) {
    return get(
        s,
        DropoutShapeStruct.class,
        key ->
            new DropoutShapeStruct()
                .count(s.count())
                .first(s.first())
                .seed(s.seed())
                .purpose(s.purpose())
                .keep(s.keep()));
  }

  SgdShapeStruct of(SgdShape s) {
    return get(s, SgdShapeStruct.class, key -> fill(new SgdShapeStruct(), s));
  }

  private static SgdShapeStruct fill(SgdShapeStruct struct, SgdShape s) {
    return struct
        .count(s.count())
        .rate_factor(s.rateFactor())
        .decay(s.decay())
        .which_rate(s.bias() ? 1 : 0);
  }

  SgdArrayStruct of(SgdUpdate s) {
    return get(
        s,
        SgdArrayStruct.class,
        key -> {
          SgdArrayStruct structs = new SgdArrayStruct(s.arrays().size());
          for (int i = 0; i < s.arrays().size(); i++) {
            SgdUpdate.Item item = s.arrays().get(i);
            structs.position(i);
            structs.w(item.w().handle()).v(item.v().handle()).g(item.g().handle());
            fill(structs.shape(), item.shape());
          }
          return structs.position(0);
        });
  }

  /** Forgets all structs; a call that has one keeps it. */
  void clear() {
    structs.clear();
  }
}
