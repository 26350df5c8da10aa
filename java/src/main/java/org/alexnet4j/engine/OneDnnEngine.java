package org.alexnet4j.engine;

import static org.alexnet4j.device.NativeStatus.check;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_BIAS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DIFF_WEIGHTS;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_DST;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_SRC;
import static org.bytedeco.dnnl.global.dnnl.DNNL_ARG_WEIGHTS;

import com.google.common.collect.ImmutableSortedMap;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.Pointer;

/**
 * Runs convolutions and fully-connected layers of a {@code cpu} device through oneDNN, everything
 * else as {@link KernelEngine}: the yardstick for the speed of our own kernels and a second opinion
 * on their results.
 *
 * <p>Grouped convolutions stay with our kernels; towers have none. So does the product of one image
 * that is added to y: there oneDNN 3.11 (inner_product, brg_matmul:avx2, N = 1, post-op sum)
 * damages the heap of the process, also when called from C++.
 *
 * <p>Threads: as {@link Engine}; oneDNN uses as many cores as the engine was opened with.
 */
public final class OneDnnEngine extends LibraryEngine {
  private static final memory.format_tag ANY = memory.format_tag.any;
  private static final memory.format_tag NHWC = memory.format_tag.acdb;
  private static final memory.format_tag ROWS = memory.format_tag.ab;

  /** Tells the operations of one engine apart. */
  private record Key(
      String pass, Record shape, boolean bias, boolean accumulate, boolean relu, Buffer weights) {}

  private final int threads;
  private final engine host = new engine(engine.kind.cpu, 0);
  private final stream queue = new stream(host);
  private final Map<Key, OneDnnOperation> operations = new HashMap<>();
  private final Map<Buffer, Pointer> addresses = new IdentityHashMap<>();
  private Thread prepared;
  private long version;

  /**
   * Opens the engine.
   *
   * @throws IllegalArgumentException if the device is not a {@code cpu}
   */
  public OneDnnEngine(Device device, int threads) {
    super(device);
    if (device.id().kind() != DeviceKind.CPU) {
      throw new IllegalArgumentException("oneDNN runs on cpu devices, not on " + device.id());
    }
    this.threads = threads;
  }

  @Override
  public EngineKind kind() {
    return EngineKind.ONEDNN;
  }

  @Override
  public void convFprop(
      Stream stream,
      ConvShape s,
      Buffer x,
      Buffer w,
      Buffer bias,
      Buffer y,
      Buffer sums,
      boolean accumulate,
      boolean relu) {
    if (s.G() != 1) {
      super.convFprop(stream, s, x, w, bias, y, sums, accumulate, relu);
      return;
    }
    Key key = new Key("conv fprop", s, bias != null, accumulate, relu, w);
    OneDnnOperation operation = get(key, () -> convFprop(s, key));
    if (bias == null) {
      operation.run(target(stream), version, at(x), at(w), at(y));
    } else {
      operation.run(target(stream), version, at(x), at(w), at(y), at(bias));
    }
  }

  private OneDnnOperation convFprop(ConvShape s, Key key) {
    convolution_forward.primitive_desc d = describe(s, key);
    OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
    operation.primitive(new convolution_forward(d));
    operation
        .input(DNNL_ARG_SRC, x(s), d.src_desc())
        .weights(DNNL_ARG_WEIGHTS, w(s, NHWC), d.weights_desc())
        .output(DNNL_ARG_DST, y(s), d.dst_desc());
    return key.bias ? operation.input(DNNL_ARG_BIAS, bias(s.K()), bias(s.K())) : operation;
  }

  private convolution_forward.primitive_desc describe(ConvShape s, Key key) {
    int forward = org.bytedeco.dnnl.global.dnnl.prop_kind.forward_training.value;
    int direct = org.bytedeco.dnnl.global.dnnl.algorithm.convolution_direct.value;
    primitive_attr attributes = attributes(key.accumulate, key.relu);
    return key.bias
        ? new convolution_forward.primitive_desc(
            host,
            forward,
            direct,
            x(s),
            w(s, ANY),
            bias(s.K()),
            y(s),
            strides(s),
            before(s),
            after(s),
            attributes,
            false)
        : new convolution_forward.primitive_desc(
            host,
            forward,
            direct,
            x(s),
            w(s, ANY),
            y(s),
            strides(s),
            before(s),
            after(s),
            attributes,
            false);
  }

  @Override
  public void convDgrad(Stream stream, ConvShape s, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    if (s.G() != 1) {
      super.convDgrad(stream, s, dy, w, mask, dx);
      return;
    }
    Key key = new Key("conv dgrad", s, false, false, false, w);
    get(
            key,
            () -> {
              var d =
                  new convolution_backward_data.primitive_desc(
                      host,
                      org.bytedeco.dnnl.global.dnnl.algorithm.convolution_direct,
                      x(s),
                      w(s, ANY),
                      y(s),
                      strides(s),
                      before(s),
                      after(s),
                      describe(s, key));
              OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
              operation.primitive(new convolution_backward_data(d));
              return operation
                  .input(DNNL_ARG_DIFF_DST, y(s), d.diff_dst_desc())
                  .weights(DNNL_ARG_WEIGHTS, w(s, NHWC), d.weights_desc())
                  .output(DNNL_ARG_DIFF_SRC, x(s), d.diff_src_desc());
            })
        .run(target(stream), version, at(dy), at(w), at(dx));
    applyMask(stream, s.xCount(), mask, dx);
  }

  @Override
  public void convWgrad(Stream stream, ConvShape s, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    if (s.G() != 1) {
      super.convWgrad(stream, s, x, dy, dw, db);
      return;
    }
    Key key = new Key("conv wgrad", s, false, false, false, null);
    get(
            key,
            () -> {
              var d =
                  new convolution_backward_weights.primitive_desc(
                      host,
                      org.bytedeco.dnnl.global.dnnl.algorithm.convolution_direct,
                      x(s),
                      w(s, ANY),
                      y(s),
                      strides(s),
                      before(s),
                      after(s),
                      describe(s, key));
              OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
              operation.primitive(new convolution_backward_weights(d));
              return operation
                  .input(DNNL_ARG_SRC, x(s), d.src_desc())
                  .input(DNNL_ARG_DIFF_DST, y(s), d.diff_dst_desc())
                  .output(DNNL_ARG_DIFF_WEIGHTS, w(s, NHWC), d.diff_weights_desc());
            })
        .run(target(stream), version, at(x), at(dy), at(dw));
    sumBias(stream, (long) s.N() * s.P() * s.Q(), s.K(), dy, db);
  }

  @Override
  public void fcFprop(
      Stream stream,
      FcShape s,
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
    if (s.N() == 1 && accumulate) {
      super.fcFprop(stream, s, x, w, bias, y, sums, accumulate, relu, dropout, settings, training);
      return;
    }
    Key key = new Key("fc fprop", s, bias != null, accumulate, relu, null);
    OneDnnOperation operation = get(key, () -> fcFprop(s, key));
    if (bias == null) {
      operation.run(target(stream), version, at(x), at(w), at(y));
    } else {
      operation.run(target(stream), version, at(x), at(w), at(y), at(bias));
    }
    if (dropout != null) {
      dropoutFprop(stream, dropout, settings, y, y, training);
    }
  }

  private OneDnnOperation fcFprop(FcShape s, Key key) {
    inner_product_forward.primitive_desc d = describe(s, key);
    OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
    operation.primitive(new inner_product_forward(d));
    operation
        .input(DNNL_ARG_SRC, rows(s.N(), s.C()), d.src_desc())
        .input(DNNL_ARG_WEIGHTS, rows(s.K(), s.C()), d.weights_desc())
        .output(DNNL_ARG_DST, rows(s.N(), s.K()), d.dst_desc());
    return key.bias ? operation.input(DNNL_ARG_BIAS, bias(s.K()), bias(s.K())) : operation;
  }

  private inner_product_forward.primitive_desc describe(FcShape s, Key key) {
    int forward = org.bytedeco.dnnl.global.dnnl.prop_kind.forward_training.value;
    primitive_attr attributes = attributes(key.accumulate, key.relu);
    memory.desc x = rows(s.N(), s.C());
    memory.desc w = rows(s.K(), s.C());
    memory.desc y = rows(s.N(), s.K());
    return key.bias
        ? new inner_product_forward.primitive_desc(
            host, forward, x, w, bias(s.K()), y, attributes, false)
        : new inner_product_forward.primitive_desc(host, forward, x, w, y, attributes, false);
  }

  @Override
  public void fcDgrad(Stream stream, FcShape s, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    Key key = new Key("fc dgrad", s, false, false, false, null);
    get(
            key,
            () -> {
              var d =
                  new inner_product_backward_data.primitive_desc(
                      host,
                      rows(s.N(), s.C()),
                      rows(s.K(), s.C()),
                      rows(s.N(), s.K()),
                      describe(s, key));
              OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
              operation.primitive(new inner_product_backward_data(d));
              return operation
                  .input(DNNL_ARG_DIFF_DST, rows(s.N(), s.K()), d.diff_dst_desc())
                  .input(DNNL_ARG_WEIGHTS, rows(s.K(), s.C()), d.weights_desc())
                  .output(DNNL_ARG_DIFF_SRC, rows(s.N(), s.C()), d.diff_src_desc());
            })
        .run(target(stream), version, at(dy), at(w), at(dx));
    applyMask(stream, (long) s.N() * s.C(), mask, dx);
  }

  @Override
  public void fcWgrad(Stream stream, FcShape s, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    Key key = new Key("fc wgrad", s, false, false, false, null);
    get(
            key,
            () -> {
              var d =
                  new inner_product_backward_weights.primitive_desc(
                      host,
                      rows(s.N(), s.C()),
                      rows(s.K(), s.C()),
                      rows(s.N(), s.K()),
                      describe(s, key));
              OneDnnOperation operation = new OneDnnOperation(host, key.pass + s, d);
              operation.primitive(new inner_product_backward_weights(d));
              return operation
                  .input(DNNL_ARG_SRC, rows(s.N(), s.C()), d.src_desc())
                  .input(DNNL_ARG_DIFF_DST, rows(s.N(), s.K()), d.diff_dst_desc())
                  .output(DNNL_ARG_DIFF_WEIGHTS, rows(s.K(), s.C()), d.diff_weights_desc());
            })
        .run(target(stream), version, at(x), at(dy), at(dw));
    sumBias(stream, s.N(), s.K(), dy, db);
  }

  @Override
  public void sgdUpdate(Stream stream, SgdUpdate update, Buffer settings) {
    version++;
    super.sgdUpdate(stream, update, settings);
  }

  @Override
  public boolean recordable() {
    return false;
  }

  @Override
  public void weightsChanged() {
    version++;
  }

  /** Returns what oneDNN runs: its implementation's name by pass and shape. */
  public ImmutableSortedMap<String, String> implementations() {
    ImmutableSortedMap.Builder<String, String> names = ImmutableSortedMap.naturalOrder();
    Map<String, String> byPass = new HashMap<>();
    operations.forEach((key, o) -> byPass.put(key.pass + " " + key.shape, o.implementation()));
    return names.putAll(byPass).build();
  }

  /** Returns where to run, or null in a rehearsal: the operation has been made then, no more. */
  private stream target(Stream stream) {
    return stream.isRehearsing() ? null : queue;
  }

  private OneDnnOperation get(Key key, Supplier<OneDnnOperation> make) {
    if (prepared != Thread.currentThread()) {
      check(AlexnetAbi.alexnet_openmp_threads(threads));
      prepared = Thread.currentThread();
    }
    OneDnnOperation operation = operations.get(key);
    if (operation == null) {
      operation = make.get();
      operations.put(key, operation);
    }
    return operation;
  }

  private Pointer at(Buffer buffer) {
    Pointer address = addresses.get(buffer);
    if (address == null) {
      address = buffer.hostAddress();
      addresses.put(buffer, address);
    }
    return address;
  }

  private static primitive_attr attributes(boolean accumulate, boolean relu) {
    primitive_attr attributes = new primitive_attr();
    org.bytedeco.dnnl.post_ops after = new org.bytedeco.dnnl.post_ops();
    if (accumulate) {
      after.append_sum();
    }
    if (relu) {
      after.append_eltwise(org.bytedeco.dnnl.global.dnnl.algorithm.eltwise_relu, 0, 0);
    }
    attributes.set_post_ops(after);
    return attributes;
  }

  private static memory.desc desc(memory.format_tag tag, long... dimensions) {
    return new memory.desc(dimensions, memory.data_type.f32, tag);
  }

  private static memory.desc rows(long rows, long columns) {
    return desc(ROWS, rows, columns);
  }

  private static memory.desc bias(long channels) {
    return desc(memory.format_tag.a, channels);
  }

  private static memory.desc x(ConvShape s) {
    return desc(NHWC, s.N(), s.C(), s.H(), s.W());
  }

  private static memory.desc w(ConvShape s, memory.format_tag tag) {
    return desc(tag, s.K(), s.C(), s.R(), s.S());
  }

  private static memory.desc y(ConvShape s) {
    return desc(NHWC, s.N(), s.K(), s.P(), s.Q());
  }

  private static long[] strides(ConvShape s) {
    return new long[] {s.stride(), s.stride()};
  }

  private static long[] before(ConvShape s) {
    return new long[] {s.pad(), s.pad()};
  }

  /** The zeros at the bottom and right that the last windows reach. */
  private static long[] after(ConvShape s) {
    return new long[] {
      (long) (s.P() - 1) * s.stride() + s.R() - s.H() - s.pad(),
      (long) (s.Q() - 1) * s.stride() + s.S() - s.W() - s.pad()
    };
  }

  @Override
  void forget(Buffer buffer) {
    addresses.remove(buffer);
  }

  @Override
  public void close() {
    operations.values().forEach(OneDnnOperation::close);
    operations.clear();
    addresses.clear();
    queue.close();
    host.close();
    super.close();
  }
}
