package org.alexnet4j.engine;

import static org.alexnet4j.engine.CudnnLibrary.checkCuda;

import org.bytedeco.cuda.global.cudart;
import org.bytedeco.javacpp.Pointer;

/** Device memory of the CUDA runtime that cuDNN links to; it grows and never shrinks. */
final class CudnnWorkspace implements AutoCloseable {
  private final Pointer address = new Pointer();
  private long bytes;

  /** Returns memory of at least this size; what was in it is lost when it grows. */
  Pointer of(long wanted) {
    if (wanted > bytes) {
      close();
      checkCuda(cudart.cudaMalloc(address, wanted), "cudaMalloc");
      bytes = wanted;
    }
    return address;
  }

  /** Returns memory of this size filled with zeros. */
  Pointer zeros(long wanted) {
    Pointer memory = of(wanted);
    checkCuda(cudart.cudaMemset(memory, 0, wanted), "cudaMemset");
    // It ran on the default stream, for which the others do not wait.
    checkCuda(cudart.cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    return memory;
  }

  @Override
  public void close() {
    if (bytes > 0) {
      checkCuda(cudart.cudaFree(address), "cudaFree");
      address.setNull();
      bytes = 0;
    }
  }
}
