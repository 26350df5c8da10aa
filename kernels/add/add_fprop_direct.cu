// add_fprop_direct: one thread per element.
// Math     y = mask > 0 ? a + b : 0, or a + b without a mask
// Shapes   a, b, mask, y: [count] float32; mask may be null; y may be a, b or mask.
// Units    none
// Cost     12 bytes, with a mask 16, and 1 FLOP per element; memory-bound.
// Launch   kThreads per block; thread i owns element i. No shared memory, no workspace.
// Valid    count at least 1. Each element is read before it is written by the same thread; bit-reproducible.
// Measured not yet
#include "add/add.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void add_fprop_direct(int64_t count, const float* a, const float* b, const float* mask, float* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) y[i] = mask == nullptr || mask[i] > 0.f ? a[i] + b[i] : 0.f;
}

int prefer_direct(const AddShape&) { return 1; }

Status launch_direct(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask, y);
}

ALEXNET_VARIANT(AddFprop, "direct", prefer_direct, launch_direct)

}  // namespace
}  // namespace alexnet
