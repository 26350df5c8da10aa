// cast: float32 values rounded to bf16; `direct` has one value to a thread, `vector` four.
// Math     y = the nearest bf16 to x, of two the even one
// Shapes   x: [count] float32, y: [count] bf16; no aliasing
// Units    none
// Cost     6 bytes per value: memory-bound. Predicted at 4.3 TB/s: a tower's 30 million weights 183 MB, 43 us
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_cast. Same bits on every kind of device
// Measured not yet
#include "cast/cast.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Itself {
  __device__ float operator()(float x) const { return x; }
};

__global__ void cast_fprop_direct(CastShape s, const float* x, Bf16* y) { map_one(s.count, y, Itself{}, x); }

__global__ void cast_fprop_vector(CastShape s, const float* x, Bf16* y) { map_four(s.count, y, Itself{}, x); }

Status launch_direct(const CastShape& s, const float* x, Bf16* y, Stream stream) {
  return launch(cast_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_vector(const CastShape& s, const float* x, Bf16* y, Stream stream) {
  return launch(cast_fprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

}  // namespace

ALEXNET_VARIANT(CastFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT(CastFprop, "vector", prefers<2>, launch_vector)

}  // namespace alexnet
