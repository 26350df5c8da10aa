// square: the square of each element and its gradient, one element to a thread.
// Math     y = x * x; dx = 2 * x * dy
// Shapes   x, y, dy, dx: [count] float32; y may be x, dx may be dy
// Units    none
// Cost     fprop 8 bytes and 1 FLOP per element, bprop 12 bytes and 2: memory-bound
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_square. NaN stays NaN. Same bits on every kind of device
// Measured not yet
#include "square/square.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Square {
  __device__ float operator()(float x) const { return x * x; }
};
struct Gradient {
  __device__ float operator()(float x, float dy) const { return 2.f * x * dy; }
};

__global__ void square_fprop_direct(SquareShape s, const float* x, float* y) { map_one(s.count, y, Square{}, x); }

__global__ void square_bprop_direct(SquareShape s, const float* x, const float* dy, float* dx) {
  map_one(s.count, dx, Gradient{}, x, dy);
}

Status launch_fprop_direct(const SquareShape& s, const float* x, float* y, Stream stream) {
  return launch(square_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_bprop_direct(const SquareShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(square_bprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(SquareFprop, "direct", prefers<1>, launch_fprop_direct)
ALEXNET_VARIANT(SquareBprop, "direct", prefers<1>, launch_bprop_direct)

}  // namespace alexnet
