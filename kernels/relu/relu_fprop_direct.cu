// relu_fprop_direct: rectified linear unit, one thread per element.
// Math     y = x < 0 ? 0 : x
// Shapes   x, y: [count] float32; y may be x
// Units    none
// Cost     8 bytes per element; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_relu. NaN stays NaN, -0 stays -0. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "relu/relu.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void relu_fprop_direct(ReluShape s, const float* x, float* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) y[i] = x[i] < 0.f ? 0.f : x[i];
}

int prefer_direct(const ReluShape&) { return 1; }

Status launch_direct(const ReluShape& s, const float* x, float* y, Stream stream) {
  return launch(relu_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

}  // namespace

ALEXNET_VARIANT(ReluFprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
