package org.alexnet4j.engine;

import java.util.Optional;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.cudnn;
import org.bytedeco.javacpp.Loader;

/** cuDNN, cuBLAS and the CUDA runtime of this machine: whether they are there, and their errors. */
final class CudnnLibrary {
  private CudnnLibrary() {}

  /** Returns one line that says what is missing, or nothing if the libraries can be called. */
  static Optional<String> missing() {
    try {
      Loader.load(cudart.class);
      Loader.load(cublas.class);
      Loader.load(cudnn.class);
      cudnn.cudnnGetVersion();
      return Optional.empty();
    } catch (LinkageError e) {
      return Optional.of(line(e));
    }
  }

  /** Returns the line for a failure to load: what the system's loader said, and what helps. */
  static String line(LinkageError failure) {
    return OptionalClasses.missing(failure, "cuDNN", "org.bytedeco:cuda")
        .orElseGet(
            () ->
                "cuDNN is not usable: "
                    + OptionalClasses.root(failure).getMessage()
                    + "; it needs a GPU's driver, and libcudart.so.13, libcublas.so.13 and"
                    + " libcudnn.so.9 on LD_LIBRARY_PATH");
  }

  /** Returns cuDNN's version as in 9.19.0. */
  static String version() {
    long version = cudnn.cudnnGetVersion();
    return version / 10000 + "." + version / 100 % 100 + "." + version % 100;
  }

  /** Turns a status of cuDNN into an exception. */
  static void check(int status, String call) {
    if (status != cudnn.CUDNN_STATUS_SUCCESS) {
      throw new IllegalStateException(
          call + ": cuDNN status " + status + ", " + cudnn.cudnnGetErrorString(status).getString());
    }
  }

  /** Turns a status of cuBLAS into an exception. */
  static void checkBlas(int status, String call) {
    if (status != cublas.CUBLAS_STATUS_SUCCESS) {
      throw new IllegalStateException(call + ": cuBLAS status " + status);
    }
  }

  /** Turns a status of the CUDA runtime into an exception. */
  static void checkCuda(int status, String call) {
    if (status != 0) {
      throw new IllegalStateException(
          call + ": CUDA error " + status + ", " + cudart.cudaGetErrorString(status).getString());
    }
  }
}
