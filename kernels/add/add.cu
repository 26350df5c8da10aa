// add: the sum of two arrays, masked if asked; `direct` has one element to a thread, `vector` four.
// Math     y = mask > 0 ? a + b : 0, or a + b without a mask
// Shapes   a, b, mask, y: [count] float32; mask may be null; y may be a, b or mask
// Units    none
// Cost     12 bytes per element, with a mask 16, and 1 FLOP: memory-bound. Predicted at 4.3 TB/s: pool2 of 128 images,
//          one tower, masked, 44 MB, 10 us
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_add. Each element is read before the same thread writes it. Same bits on every kind of device
// Measured vector on an H200, 128 images, one tower, and share of the roofline: pool2 11 us 78 %, fc6 4 us 24 %
//          (docs/measurements/gpu.md)
#include "add/add.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
  __device__ float operator()(float a, float b, float mask) const { return mask > 0.f ? a + b : 0.f; }
};

__global__ void add_fprop_direct(int64_t count, const float* a, const float* b, const float* mask, float* y) {
  if (mask == nullptr) {
    map_one(count, y, Sum{}, a, b);
  } else {
    map_one(count, y, Sum{}, a, b, mask);
  }
}

__global__ void add_fprop_vector(int64_t count, const float* a, const float* b, const float* mask, float* y) {
  if (mask == nullptr) {
    map_four(count, y, Sum{}, a, b);
  } else {
    map_four(count, y, Sum{}, a, b, mask);
  }
}

Status launch_direct(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_direct, blocks_for(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask, y);
}

Status launch_vector(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask, y);
}

}  // namespace

ALEXNET_VARIANT(AddFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT(AddFprop, "vector", prefers<2>, launch_vector)

}  // namespace alexnet
