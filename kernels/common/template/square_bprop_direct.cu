// square_bprop_direct: gradient of the square, one thread per element.
// Math     dx = 2 * x * dy
// Shapes   x, dy, dx: [count] float32; dx may be dy
// Units    none
// Cost     12 bytes and 2 FLOP per element; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_square. NaN stays NaN. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "square/square.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void square_bprop_direct(SquareShape s, const float* x, const float* dy, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) dx[i] = 2.f * x[i] * dy[i];
}

int prefer_direct(const SquareShape&) { return 1; }

Status launch_direct(const SquareShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(square_bprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(SquareBprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
