package org.alexnet4j.engine;

import static org.alexnet4j.engine.CudnnLibrary.check;
import static org.alexnet4j.engine.CudnnLibrary.checkCuda;
import static org.bytedeco.cuda.global.cudnn.*;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.SoftmaxShape;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.cudnn.cudnnActivationStruct;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * Runs what cuDNN and cuBLAS have on a {@code cuda} device through them, everything else as {@link
 * KernelEngine}: the yardstick for the speed of our own kernels and a second opinion on their
 * results. Strict fp32: no tensor cores, no Winograd by another name than cuDNN's own choice.
 *
 * <p>Max-pooling's gradient stays with our kernels where every tied maximum receives it, which
 * cuDNN does not have; so do pooling with clipped windows and averages.
 *
 * <p>{@code ALEXNET_CUDNN=fastest} lets it take algorithms whose sums have no fixed order; without
 * it two runs give the same bits.
 *
 * <p>Threads: as {@link Engine}.
 */
@SuppressWarnings(
    "deprecation") // cuDNN's classic interface: short, and all that LRN and pooling have
public final class CudnnEngine extends LibraryEngine {
  private static final String VARIABLE = "ALEXNET_CUDNN";
  private static final FloatPointer ONE = new FloatPointer(1f);
  private static final FloatPointer ZERO = new FloatPointer(0f);

  private final int index;
  private final boolean fastest = wantsFastest(System.getenv(VARIABLE));
  private final cudnnContext handle = new cudnnContext();
  private final CublasProducts products;
  private final cudnnActivationStruct relu = new cudnnActivationStruct();
  private final CudnnWorkspace workspace = new CudnnWorkspace();
  private final CudnnWorkspace normalized = new CudnnWorkspace();
  private final Map<ConvShape, CudnnConvolution> convolutions = new HashMap<>();
  private final CudnnDescriptors descriptors = new CudnnDescriptors(fastest);
  private final Map<Buffer, Pointer> addresses = new IdentityHashMap<>();
  private Thread thread;
  private Stream current;

  /**
   * Opens the engine.
   *
   * @throws IllegalArgumentException if the device is not a {@code cuda}
   */
  public CudnnEngine(Device device) {
    super(device);
    if (device.id().kind() != DeviceKind.CUDA) {
      throw new IllegalArgumentException("cuDNN runs on cuda devices, not on " + device.id());
    }
    index = device.id().index();
    enter();
    check(cudnnCreate(handle), "cudnnCreate");
    products = new CublasProducts();
    check(cudnnCreateActivationDescriptor(relu), "cudnnCreateActivationDescriptor");
    check(
        cudnnSetActivationDescriptor(relu, CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN, 0),
        "cudnnSetActivationDescriptor");
  }

  /** Returns one line that says why cuDNN cannot be used on this machine, or nothing if it can. */
  public static Optional<String> missing() {
    return CudnnLibrary.missing();
  }

  /** Returns the version of cuDNN. */
  public static String version() {
    return CudnnLibrary.version();
  }

  static boolean wantsFastest(String value) {
    if (value == null || value.equals("deterministic")) {
      return false;
    }
    if (value.equals("fastest")) {
      return true;
    }
    throw new IllegalArgumentException(
        VARIABLE + " is '" + value + "'; allowed: deterministic, fastest");
  }

  @Override
  public EngineKind kind() {
    return EngineKind.CUDNN;
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
    CudnnConvolution convolution = convolution(s).prepareForward();
    if (on(stream)) {
      Pointer b = bias == null ? null : at(bias);
      convolution.forward(at(x), at(w), b, at(y), accumulate, relu ? this.relu : null);
    }
  }

  @Override
  public void convDgrad(Stream stream, ConvShape s, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    CudnnConvolution convolution = convolution(s).prepareData();
    if (on(stream)) {
      convolution.backwardData(at(dy), at(w), at(dx));
    }
    applyMask(stream, s.xCount(), mask, dx);
  }

  @Override
  public void convWgrad(Stream stream, ConvShape s, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    CudnnConvolution convolution = convolution(s).prepareFilter();
    if (on(stream)) {
      convolution.backwardFilter(at(x), at(dy), at(dw));
    }
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
    if (on(stream)) {
      products.fprop(s, at(x), at(w), at(y), accumulate);
    }
    cudnnTensorStruct rows = descriptors.tensor(s.N(), s.K(), 1, 1);
    if (bias != null && on(stream)) {
      check(
          cudnnAddTensor(
              handle, ONE, descriptors.tensor(1, s.K(), 1, 1), at(bias), ONE, rows, at(y)),
          "cudnnAddTensor");
    }
    if (relu && on(stream)) {
      activate(rows, at(y), at(y));
    }
    if (dropout != null) {
      dropoutFprop(stream, dropout, settings, y, y, training);
    }
  }

  @Override
  public void fcDgrad(Stream stream, FcShape s, Buffer dy, Buffer w, Buffer mask, Buffer dx) {
    if (on(stream)) {
      products.dgrad(s, at(dy), at(w), at(dx));
    }
    applyMask(stream, (long) s.N() * s.C(), mask, dx);
  }

  @Override
  public void fcWgrad(Stream stream, FcShape s, Buffer x, Buffer dy, Buffer dw, Buffer db) {
    if (on(stream)) {
      products.wgrad(s, at(x), at(dy), at(dw));
    }
    sumBias(stream, s.N(), s.K(), dy, db);
  }

  @Override
  public void reluFprop(Stream stream, long count, Buffer x, Buffer y) {
    if (count > Integer.MAX_VALUE) {
      super.reluFprop(stream, count, x, y);
      return;
    }
    if (on(stream)) {
      activate(descriptors.tensor(1, (int) count, 1, 1), at(x), at(y));
    }
  }

  private void activate(cudnnTensorStruct tensor, Pointer from, Pointer to) {
    check(
        cudnnActivationForward(handle, relu, ONE, tensor, from, ZERO, tensor, to),
        "cudnnActivationForward");
  }

  @Override
  public void lrnFprop(Stream stream, LrnShape s, Buffer x, Buffer y) {
    if (!CudnnGeometry.covers(s)) {
      super.lrnFprop(stream, s, x, y);
      return;
    }
    if (on(stream)) {
      normalize(s, at(x), at(y));
    }
  }

  private void normalize(LrnShape s, Pointer x, Pointer y) {
    cudnnTensorStruct t = descriptors.tensor(s.N(), s.C(), s.H(), s.W());
    check(
        cudnnLRNCrossChannelForward(
            handle,
            descriptors.normalization(s),
            CUDNN_LRN_CROSS_CHANNEL_DIM1,
            ONE,
            t,
            x,
            ZERO,
            t,
            y),
        "cudnnLRNCrossChannelForward");
  }

  @Override
  public void lrnBprop(Stream stream, LrnShape s, Buffer x, Buffer dy, Buffer dx) {
    if (!CudnnGeometry.covers(s)) {
      super.lrnBprop(stream, s, x, dy, dx);
      return;
    }
    enter();
    // cuDNN wants fprop's result, which the caller need not have kept.
    Pointer y = normalized.of(4 * s.count());
    if (on(stream)) {
      normalize(s, at(x), y);
      lrnBprop(s, at(x), y, at(dy), at(dx));
    }
  }

  /** {@link #lrnBprop} for a caller who has kept fprop's {@code y}, as cuDNN expects it. */
  public void lrnBprop(Stream stream, LrnShape s, Buffer x, Buffer y, Buffer dy, Buffer dx) {
    if (on(stream)) {
      lrnBprop(s, at(x), at(y), at(dy), at(dx));
    }
  }

  private void lrnBprop(LrnShape s, Pointer x, Pointer y, Pointer dy, Pointer dx) {
    cudnnTensorStruct t = descriptors.tensor(s.N(), s.C(), s.H(), s.W());
    int mode = CUDNN_LRN_CROSS_CHANNEL_DIM1;
    check(
        cudnnLRNCrossChannelBackward(
            handle, descriptors.normalization(s), mode, ONE, t, y, t, dy, t, x, ZERO, t, dx),
        "cudnnLRNCrossChannelBackward");
  }

  @Override
  public void poolFprop(Stream stream, PoolShape s, Buffer x, Buffer y) {
    if (!CudnnGeometry.covers(s)) {
      super.poolFprop(stream, s, x, y);
      return;
    }
    if (!on(stream)) {
      return;
    }
    check(
        cudnnPoolingForward(
            handle,
            descriptors.pooling(s),
            ONE,
            descriptors.poolX(s),
            at(x),
            ZERO,
            descriptors.poolY(s),
            at(y)),
        "cudnnPoolingForward");
  }

  @Override
  public void poolBprop(Stream stream, PoolShape s, Buffer x, Buffer y, Buffer dy, Buffer dx) {
    if (!CudnnGeometry.covers(s) || s.ties() != PoolShape.Ties.FIRST) {
      super.poolBprop(stream, s, x, y, dy, dx);
      return;
    }
    if (!on(stream)) {
      return;
    }
    cudnnTensorStruct in = descriptors.poolX(s);
    cudnnTensorStruct out = descriptors.poolY(s);
    check(
        cudnnPoolingBackward(
            handle,
            descriptors.pooling(s),
            ONE,
            out,
            at(y),
            out,
            at(dy),
            in,
            at(x),
            ZERO,
            in,
            at(dx)),
        "cudnnPoolingBackward");
  }

  @Override
  public void softmaxFprop(Stream stream, SoftmaxShape s, Buffer logits, Buffer probabilities) {
    if (!on(stream)) {
      return;
    }
    cudnnTensorStruct t = descriptors.tensor(s.N(), s.C(), 1, 1);
    check(
        cudnnSoftmaxForward(
            handle,
            CUDNN_SOFTMAX_ACCURATE,
            CUDNN_SOFTMAX_MODE_INSTANCE,
            ONE,
            t,
            at(logits),
            ZERO,
            t,
            at(probabilities)),
        "cudnnSoftmaxForward");
  }

  /**
   * Lets both libraries work on the stream, and the CUDA runtime on the device; false in a
   * rehearsal, which launches nothing.
   */
  private boolean on(Stream stream) {
    enter();
    if (stream.isRehearsing()) {
      return false;
    }
    if (current != stream) {
      CUstream_st queue = new CUstream_st(stream.nativeStream());
      check(cudnnSetStream(handle, queue), "cudnnSetStream");
      products.setStream(queue);
      current = stream;
    }
    return true;
  }

  private void enter() {
    if (thread != Thread.currentThread()) {
      checkCuda(cudart.cudaSetDevice(index), "cudaSetDevice");
      thread = Thread.currentThread();
    }
  }

  private Pointer at(Buffer buffer) {
    return addresses.computeIfAbsent(buffer, Buffer::address);
  }

  private CudnnConvolution convolution(ConvShape shape) {
    enter();
    return convolutions.computeIfAbsent(
        shape, s -> new CudnnConvolution(handle, s, fastest, workspace));
  }

  @Override
  void forget(Buffer buffer) {
    addresses.remove(buffer);
  }

  @Override
  public void close() {
    convolutions.values().forEach(CudnnConvolution::close);
    descriptors.close();
    cudnnDestroyActivationDescriptor(relu);
    workspace.close();
    normalized.close();
    products.close();
    cudnnDestroy(handle);
    super.close();
  }
}
