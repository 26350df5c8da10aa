// square_fprop_direct: the square of each element, one thread per element.
// Math     y = x * x
// Shapes   x, y: [count] float32; y may be x
// Units    none
// Cost     8 bytes and 1 FLOP per element; memory-bound
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace
// Valid    validate_square. NaN stays NaN. Same bits on every kind of device
// Measured not yet
#include "common/launch.cuh"
#include "square/square.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void square_fprop_direct(SquareShape s, const float* x, float* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < s.count) y[i] = x[i] * x[i];
}

int prefer_direct(const SquareShape&) { return 1; }

Status launch_direct(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(square_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

}  // namespace

ALEXNET_VARIANT(SquareFprop, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
