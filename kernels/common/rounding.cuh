// rounding on emu and cuda: factors rounded into memory of their own, one thread per value.
// Math     to[i] = from[i] rounded as rounding.h says
// Cost     8 bytes per value: bound by memory
// Launch   kThreads per block; thread i owns value i. No shared memory
#ifndef ALEXNET_ROUNDING_CUH
#define ALEXNET_ROUNDING_CUH

#include "common/launch.cuh"
#include "common/rounding.h"

namespace alexnet {
namespace {

__global__ void round_values(int64_t count, Precision precision, const float* from, float* to) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) to[i] = rounded(precision, from[i]);
}

Status round_factor(int64_t count, Precision precision, const float* from, float* to, Stream stream) {
  constexpr int kThreads = 256;
  return launch(round_values, blocks_for(count, kThreads), kThreads, 0, stream, count, precision, from, to);
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_ROUNDING_CUH
