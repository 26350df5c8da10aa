// relu_bprop_direct: gradient of the rectified linear unit, one thread per element.
// Math     dx = y > 0 ? dy : 0
// Shapes   y, dy, dx: [count] float32; dx may be dy
// Units    none
// Cost     12 bytes per element; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_relu. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "relu/relu.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void relu_bprop_direct(ReluShape s, const float* y, const float* dy, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) dx[i] = y[i] > 0.f ? dy[i] : 0.f;
}

int prefer_direct(const ReluShape&) { return 1; }

Status launch_direct(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(relu_bprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(ReluBprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
