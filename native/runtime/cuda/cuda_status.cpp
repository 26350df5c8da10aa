#include "runtime/cuda/cuda_status.h"

namespace alexnet {

Status cuda_status(cudaError_t error, const char* what) {
  if (error == cudaSuccess) return {};
  const alexnet_status code = error == cudaErrorMemoryAllocation ? ALEXNET_OUT_OF_MEMORY : ALEXNET_BACKEND;
  return {code, format_text("%s: %s: %s", what, cudaGetErrorName(error), cudaGetErrorString(error))};
}

}  // namespace alexnet
