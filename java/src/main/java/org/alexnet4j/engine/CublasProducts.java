package org.alexnet4j.engine;

import static org.alexnet4j.engine.CudnnLibrary.checkBlas;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_N;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.CUBLAS_PEDANTIC_MATH;
import static org.bytedeco.cuda.global.cublas.cublasCreate_v2;
import static org.bytedeco.cuda.global.cublas.cublasDestroy_v2;
import static org.bytedeco.cuda.global.cublas.cublasSetMathMode;
import static org.bytedeco.cuda.global.cublas.cublasSetStream_v2;
import static org.bytedeco.cuda.global.cublas.cublasSgemm_v2;

import org.alexnet4j.shape.FcShape;
import org.bytedeco.cuda.cublas.cublasContext;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * The products of a fully-connected layer by cuBLAS in strict fp32. Its matrices are column-major:
 * there our x is x^T, and row-major y = x w^T is y^T = w x^T. Threads: one.
 */
final class CublasProducts implements AutoCloseable {
  private static final FloatPointer ONE = new FloatPointer(1f);
  private static final FloatPointer ZERO = new FloatPointer(0f);

  private final cublasContext handle = new cublasContext();

  CublasProducts() {
    checkBlas(cublasCreate_v2(handle), "cublasCreate");
    checkBlas(cublasSetMathMode(handle, CUBLAS_PEDANTIC_MATH), "cublasSetMathMode");
  }

  void setStream(CUstream_st queue) {
    checkBlas(cublasSetStream_v2(handle, queue), "cublasSetStream");
  }

  /** {@code y (+)= x w^T}. */
  void fprop(FcShape s, Pointer x, Pointer w, Pointer y, boolean accumulate) {
    multiply(CUBLAS_OP_T, CUBLAS_OP_N, s.K(), s.N(), s.C(), w, s.C(), x, s.C(), accumulate, y);
  }

  /** {@code dx = dy w}. */
  void dgrad(FcShape s, Pointer dy, Pointer w, Pointer dx) {
    multiply(CUBLAS_OP_N, CUBLAS_OP_N, s.C(), s.N(), s.K(), w, s.C(), dy, s.K(), false, dx);
  }

  /** {@code dw = dy^T x}. */
  void wgrad(FcShape s, Pointer x, Pointer dy, Pointer dw) {
    multiply(CUBLAS_OP_N, CUBLAS_OP_T, s.C(), s.K(), s.N(), x, s.C(), dy, s.K(), false, dw);
  }

  /** Column-major {@code c[rows, columns] (+)= a b}, each transposed if asked for. */
  private void multiply(
      int a,
      int b,
      int rows,
      int columns,
      int terms,
      Pointer left,
      int leftStride,
      Pointer right,
      int rightStride,
      boolean accumulate,
      Pointer to) {
    checkBlas(
        cublasSgemm_v2(
            handle,
            a,
            b,
            rows,
            columns,
            terms,
            ONE,
            new FloatPointer(left),
            leftStride,
            new FloatPointer(right),
            rightStride,
            accumulate ? ONE : ZERO,
            new FloatPointer(to),
            rows),
        "cublasSgemm");
  }

  @Override
  public void close() {
    cublasDestroy_v2(handle);
  }
}
