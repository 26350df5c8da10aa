// tanh_bprop_direct: gradient of the hyperbolic tangent, one thread per element.
// Math     dx = dy * (1 - y^2)
// Shapes   y, dy, dx: [count] float32; dx may be dy
// Units    none
// Cost     12 bytes and 3 FLOP per element; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_tanh. Bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "tanh/tanh.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void tanh_bprop_direct(TanhShape s, const float* y, const float* dy, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) dx[i] = dy[i] * (1.f - y[i] * y[i]);
}

int prefer_direct(const TanhShape&) { return 1; }

Status launch_direct(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(tanh_bprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(TanhBprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
