// fill: sets floats to a value, because CUDA's own memset writes bytes.
#include <cuda_runtime.h>

#include <algorithm>

#include "runtime/cuda/cuda_status.h"

namespace alexnet {

namespace {

constexpr int kThreads = 256;
constexpr int64_t kMaxBlocks = 65536;

__global__ void fill_kernel(float* to, int64_t count, float value) {
  const int64_t step = int64_t(gridDim.x) * blockDim.x;
  for (int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) to[i] = value;
}

}  // namespace

Status cuda_fill(cudaStream_t stream, float* to, int64_t count, float value) {
  if (count == 0) return {};
  const int64_t blocks = std::min((count + kThreads - 1) / kThreads, kMaxBlocks);
  fill_kernel<<<unsigned(blocks), kThreads, 0, stream>>>(to, count, value);
  return cuda_status(cudaGetLastError(), "fill");
}

}  // namespace alexnet
