// tanh_fprop_direct: hyperbolic tangent, one thread per element.
// Math     y = tanh(x)
// Shapes   x, y: [count] float32; y may be x
// Units    none
// Cost     8 bytes per element, one tanhf of about 20 instructions; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_tanh. NaN stays NaN. Bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "tanh/tanh.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void tanh_fprop_direct(TanhShape s, const float* x, float* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) y[i] = tanhf(x[i]);
}

int prefer_direct(const TanhShape&) { return 1; }

Status launch_direct(const TanhShape& s, const float* x, float* y, Stream stream) {
  return launch(tanh_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

}  // namespace

ALEXNET_VARIANT(TanhFprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
