package org.alexnet4j.engine;

import static org.alexnet4j.engine.CudnnLibrary.check;
import static org.bytedeco.cuda.global.cudnn.*;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.shape.ConvShape;
import org.bytedeco.cuda.cudnn.cudnnActivationStruct;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdDataAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionBwdFilterAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionFwdAlgoPerf_t;
import org.bytedeco.cuda.cudnn.cudnnConvolutionStruct;
import org.bytedeco.cuda.cudnn.cudnnFilterStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * One convolution of cuDNN, all three passes: NHWC, fp32 with fused multiply-adds only. For each
 * pass the quickest algorithm is found by measurement at first use, among the deterministic ones or
 * among all.
 *
 * <p>Threads: as {@link Engine}.
 */
@SuppressWarnings(
    "deprecation") // cuDNN's classic interface: short, and all that LRN and pooling have
final class CudnnConvolution implements AutoCloseable {
  private static final int CANDIDATES = 16;
  private static final FloatPointer ONE = new FloatPointer(1f);
  private static final FloatPointer ZERO = new FloatPointer(0f);

  /** One of cuDNN's algorithms as it measured it. */
  private record Candidate(int algorithm, int status, int math, int determinism, long memory) {}

  private final cudnnContext handle;
  private final ConvShape shape;
  private final boolean fastest;
  private final CudnnWorkspace workspace;
  private final CudnnGeometry geometry;
  private final CudnnWorkspace padded = new CudnnWorkspace();
  private final CudnnWorkspace paddedGradient = new CudnnWorkspace();
  private final cudnnTensorStruct x = new cudnnTensorStruct();
  private final cudnnTensorStruct plain = new cudnnTensorStruct();
  private final cudnnTensorStruct image = new cudnnTensorStruct();
  private final cudnnTensorStruct y = new cudnnTensorStruct();
  private final cudnnTensorStruct bias = new cudnnTensorStruct();
  private final cudnnFilterStruct w = new cudnnFilterStruct();
  private final cudnnConvolutionStruct convolution = new cudnnConvolutionStruct();
  private Candidate forward;
  private Candidate data;
  private Candidate filter;
  private boolean fused = true;

  CudnnConvolution(cudnnContext handle, ConvShape s, boolean fastest, CudnnWorkspace workspace) {
    this.handle = handle;
    this.shape = s;
    this.fastest = fastest;
    this.workspace = workspace;
    this.geometry = CudnnGeometry.of(s);
    tensor(x, s.N(), s.C(), geometry.H(), geometry.W());
    tensor(y, s.N(), s.K(), s.P(), s.Q());
    tensor(bias, 1, s.K(), 1, 1);
    check(cudnnCreateFilterDescriptor(w), "cudnnCreateFilterDescriptor");
    check(
        cudnnSetFilter4dDescriptor(
            w, CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC, s.K(), s.C() / s.G(), s.R(), s.S()),
        "cudnnSetFilter4dDescriptor");
    check(cudnnCreateConvolutionDescriptor(convolution), "cudnnCreateConvolutionDescriptor");
    int pad = geometry.pad();
    check(
        cudnnSetConvolution2dDescriptor(
            convolution,
            pad,
            pad,
            s.stride(),
            s.stride(),
            1,
            1,
            CUDNN_CROSS_CORRELATION,
            CUDNN_DATA_FLOAT),
        "cudnnSetConvolution2dDescriptor");
    check(cudnnSetConvolutionGroupCount(convolution, s.G()), "cudnnSetConvolutionGroupCount");
    check(cudnnSetConvolutionMathType(convolution, CUDNN_FMA_MATH), "cudnnSetConvolutionMathType");
    if (geometry.copied(s)) {
      padded.zeros(paddedBytes());
      tensor(plain, s.N(), s.C(), s.H(), s.W());
      int row = geometry.W() * s.C();
      check(cudnnCreateTensorDescriptor(image), "cudnnCreateTensorDescriptor");
      check(
          cudnnSetTensor4dDescriptorEx(
              image,
              CUDNN_DATA_FLOAT,
              s.N(),
              s.C(),
              s.H(),
              s.W(),
              geometry.H() * row,
              1,
              row,
              s.C()),
          "cudnnSetTensor4dDescriptorEx");
    }
  }

  /** Creates and sets the descriptor of a packed NHWC tensor. */
  static void tensor(cudnnTensorStruct tensor, int N, int C, int H, int W) {
    check(cudnnCreateTensorDescriptor(tensor), "cudnnCreateTensorDescriptor");
    check(
        cudnnSetTensor4dDescriptor(tensor, CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, N, C, H, W),
        "cudnnSetTensor4dDescriptor");
  }

  /** Finds fprop's algorithm and allocates for it, so that {@link #forward} does neither. */
  CudnnConvolution prepareForward() {
    if (forward == null) {
      forward = findForward();
      workspace.of(forward.memory);
    }
    return this;
  }

  /** The same for {@link #backwardData}. */
  CudnnConvolution prepareData() {
    if (data == null) {
      data = findData();
      workspace.of(data.memory);
      if (geometry.copied(shape)) {
        paddedGradient.of(paddedBytes());
      }
    }
    return this;
  }

  /** The same for {@link #backwardFilter}. */
  CudnnConvolution prepareFilter() {
    if (filter == null) {
      filter = findFilter();
      workspace.of(filter.memory);
    }
    return this;
  }

  /** {@code y = relu((accumulate ? y : 0) + x * w + bias)}; {@code b} may be null. */
  void forward(
      Pointer px,
      Pointer pw,
      Pointer b,
      Pointer py,
      boolean accumulate,
      cudnnActivationStruct relu) {
    Pointer in = padded(px);
    FloatPointer old = accumulate ? ONE : ZERO;
    if (fused && b != null && relu != null) {
      int status =
          cudnnConvolutionBiasActivationForward(
              handle,
              ONE,
              x,
              in,
              w,
              pw,
              convolution,
              forward.algorithm,
              workspace.of(forward.memory),
              forward.memory,
              old,
              y,
              py,
              bias,
              b,
              relu,
              y,
              py);
      fused = status != CUDNN_STATUS_NOT_SUPPORTED;
      if (fused) {
        check(status, "cudnnConvolutionBiasActivationForward");
        return;
      }
    }
    check(
        cudnnConvolutionForward(
            handle,
            ONE,
            x,
            in,
            w,
            pw,
            convolution,
            forward.algorithm,
            workspace.of(forward.memory),
            forward.memory,
            old,
            y,
            py),
        "cudnnConvolutionForward");
    if (b != null) {
      check(cudnnAddTensor(handle, ONE, bias, b, ONE, y, py), "cudnnAddTensor");
    }
    if (relu != null) {
      check(
          cudnnActivationForward(handle, relu, ONE, y, py, ZERO, y, py), "cudnnActivationForward");
    }
  }

  /** {@code dx} from {@code dy} and {@code w}. */
  void backwardData(Pointer pdy, Pointer pw, Pointer pdx) {
    boolean copied = geometry.copied(shape);
    Pointer to = copied ? paddedGradient.of(paddedBytes()) : pdx;
    check(
        cudnnConvolutionBackwardData(
            handle,
            ONE,
            w,
            pw,
            y,
            pdy,
            convolution,
            data.algorithm,
            workspace.of(data.memory),
            data.memory,
            ZERO,
            x,
            to),
        "cudnnConvolutionBackwardData");
    if (copied) {
      check(
          cudnnTransformTensor(handle, ONE, image, inside(to), ZERO, plain, pdx),
          "cudnnTransformTensor");
    }
  }

  /** {@code dw} from {@code x} and {@code dy}. */
  void backwardFilter(Pointer px, Pointer pdy, Pointer pdw) {
    Pointer in = padded(px);
    check(
        cudnnConvolutionBackwardFilter(
            handle,
            ONE,
            x,
            in,
            y,
            pdy,
            convolution,
            filter.algorithm,
            workspace.of(filter.memory),
            filter.memory,
            ZERO,
            w,
            pdw),
        "cudnnConvolutionBackwardFilter");
  }

  /** Copies the image into the tensor with zeros around it, where there has to be one. */
  private Pointer padded(Pointer px) {
    if (!geometry.copied(shape)) {
      return px;
    }
    Pointer to = padded.of(0);
    check(
        cudnnTransformTensor(handle, ONE, plain, px, ZERO, image, inside(to)),
        "cudnnTransformTensor");
    return to;
  }

  /** Returns where the image begins inside the tensor with zeros around it. */
  private Pointer inside(Pointer tensor) {
    long floats = (long) geometry.top() * (geometry.W() + 1) * shape.C();
    return new FloatPointer(tensor).getPointer(floats);
  }

  private long paddedBytes() {
    return 4L * shape.N() * geometry.H() * geometry.W() * shape.C();
  }

  private Candidate findForward() {
    List<Candidate> found = new ArrayList<>();
    try (IntPointer count = new IntPointer(1);
        cudnnConvolutionFwdAlgoPerf_t p = new cudnnConvolutionFwdAlgoPerf_t(CANDIDATES)) {
      check(
          cudnnFindConvolutionForwardAlgorithm(handle, x, w, convolution, y, CANDIDATES, count, p),
          "cudnnFindConvolutionForwardAlgorithm");
      for (int i = 0; i < count.get(); i++) {
        p.position(i);
        found.add(new Candidate(p.algo(), p.status(), p.mathType(), p.determinism(), p.memory()));
      }
      p.position(0);
    }
    return choose(found, "fprop");
  }

  private Candidate findData() {
    List<Candidate> found = new ArrayList<>();
    try (IntPointer count = new IntPointer(1);
        cudnnConvolutionBwdDataAlgoPerf_t p = new cudnnConvolutionBwdDataAlgoPerf_t(CANDIDATES)) {
      check(
          cudnnFindConvolutionBackwardDataAlgorithm(
              handle, w, y, convolution, x, CANDIDATES, count, p),
          "cudnnFindConvolutionBackwardDataAlgorithm");
      for (int i = 0; i < count.get(); i++) {
        p.position(i);
        found.add(new Candidate(p.algo(), p.status(), p.mathType(), p.determinism(), p.memory()));
      }
      p.position(0);
    }
    return choose(found, "dgrad");
  }

  private Candidate findFilter() {
    List<Candidate> found = new ArrayList<>();
    try (IntPointer count = new IntPointer(1);
        cudnnConvolutionBwdFilterAlgoPerf_t p =
            new cudnnConvolutionBwdFilterAlgoPerf_t(CANDIDATES)) {
      check(
          cudnnFindConvolutionBackwardFilterAlgorithm(
              handle, x, y, convolution, w, CANDIDATES, count, p),
          "cudnnFindConvolutionBackwardFilterAlgorithm");
      for (int i = 0; i < count.get(); i++) {
        p.position(i);
        found.add(new Candidate(p.algo(), p.status(), p.mathType(), p.determinism(), p.memory()));
      }
      p.position(0);
    }
    return choose(found, "wgrad");
  }

  /** Returns the first that qualifies; cuDNN sorts them by time. */
  private Candidate choose(List<Candidate> found, String pass) {
    return found.stream()
        .filter(c -> c.status == CUDNN_STATUS_SUCCESS && c.math == CUDNN_FMA_MATH)
        .filter(c -> fastest || c.determinism == CUDNN_DETERMINISTIC)
        .findFirst()
        .orElseThrow(
            () ->
                new UnsupportedOperationException(
                    "cuDNN has no "
                        + (fastest ? "" : "deterministic ")
                        + "fp32 algorithm for conv "
                        + pass
                        + " of "
                        + shape
                        + " in NHWC"));
  }

  @Override
  public void close() {
    padded.close();
    paddedGradient.close();
    cudnnDestroyTensorDescriptor(x);
    cudnnDestroyTensorDescriptor(y);
    cudnnDestroyTensorDescriptor(bias);
    if (geometry.copied(shape)) {
      cudnnDestroyTensorDescriptor(plain);
      cudnnDestroyTensorDescriptor(image);
    }
    cudnnDestroyFilterDescriptor(w);
    cudnnDestroyConvolutionDescriptor(convolution);
  }
}
