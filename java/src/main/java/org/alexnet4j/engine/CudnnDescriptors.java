package org.alexnet4j.engine;

import static org.alexnet4j.engine.CudnnLibrary.check;
import static org.bytedeco.cuda.global.cudnn.*;

import java.util.HashMap;
import java.util.Map;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;
import org.bytedeco.cuda.cudnn.cudnnLRNStruct;
import org.bytedeco.cuda.cudnn.cudnnPoolingStruct;
import org.bytedeco.cuda.cudnn.cudnnTensorStruct;

/** cuDNN's descriptors of our shapes, made once for each. Threads: one. */
@SuppressWarnings("deprecation") // as CudnnEngine
final class CudnnDescriptors implements AutoCloseable {
  private final boolean fastest;
  private final Map<Extents, cudnnTensorStruct> tensors = new HashMap<>();
  private final Map<LrnShape, cudnnLRNStruct> normalizations = new HashMap<>();
  private final Map<PoolShape, cudnnPoolingStruct> poolings = new HashMap<>();

  /** Extents of a packed NHWC tensor. */
  private record Extents(int N, int C, int H, int W) {}

  /** Makes an empty collection; {@code fastest} lets pooling's gradient add in any order. */
  CudnnDescriptors(boolean fastest) {
    this.fastest = fastest;
  }

  cudnnTensorStruct tensor(int N, int C, int H, int W) {
    return tensors.computeIfAbsent(
        new Extents(N, C, H, W),
        key -> {
          cudnnTensorStruct tensor = new cudnnTensorStruct();
          CudnnConvolution.tensor(tensor, N, C, H, W);
          return tensor;
        });
  }

  cudnnTensorStruct poolX(PoolShape s) {
    return tensor(s.N(), s.C(), s.H(), s.W());
  }

  cudnnTensorStruct poolY(PoolShape s) {
    return tensor(s.N(), s.C(), s.P(), s.Q());
  }

  cudnnLRNStruct normalization(LrnShape shape) {
    return normalizations.computeIfAbsent(
        shape,
        s -> {
          cudnnLRNStruct lrn = new cudnnLRNStruct();
          check(cudnnCreateLRNDescriptor(lrn), "cudnnCreateLRNDescriptor");
          check(
              cudnnSetLRNDescriptor(lrn, s.size(), CudnnGeometry.alpha(s), s.beta(), s.k()),
              "cudnnSetLRNDescriptor");
          return lrn;
        });
  }

  cudnnPoolingStruct pooling(PoolShape shape) {
    return poolings.computeIfAbsent(
        shape,
        s -> {
          cudnnPoolingStruct pool = new cudnnPoolingStruct();
          check(cudnnCreatePoolingDescriptor(pool), "cudnnCreatePoolingDescriptor");
          int mode = fastest ? CUDNN_POOLING_MAX : CUDNN_POOLING_MAX_DETERMINISTIC;
          int size = s.size();
          int stride = s.stride();
          check(
              cudnnSetPooling2dDescriptor(
                  pool, mode, CUDNN_PROPAGATE_NAN, size, size, 0, 0, stride, stride),
              "cudnnSetPooling2dDescriptor");
          return pool;
        });
  }

  @Override
  public void close() {
    normalizations.values().forEach(lrn -> cudnnDestroyLRNDescriptor(lrn));
    poolings.values().forEach(pool -> cudnnDestroyPoolingDescriptor(pool));
    tensors.values().forEach(tensor -> cudnnDestroyTensorDescriptor(tensor));
  }
}
