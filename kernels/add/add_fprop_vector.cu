// add_fprop_vector: the sum of two arrays, masked if asked, four elements to a thread.
// Math     y = mask > 0 ? a + b : 0, or a + b without a mask
// Shapes   a, b, mask, y: [count] float32; mask may be null; y may be a, b or mask
// Units    none
// Cost     12 bytes per element, with a mask 16: memory-bound. Predicted at 4.3 TB/s: pool2 of 128 images,
//          one tower, masked, 44 MB, 10 us
// Launch   kThreads per block; thread i owns elements 4i to 4i + 3. No shared memory, no workspace
// Valid    validate_add. Each element is read before the same thread writes it. Same bits on every kind of device
// Measured on an H200, 128 images, one tower, and share of the roofline: pool2 11 us 78 %, fc6 4 us 24 %
//          (docs/measurements/gpu.md)
#include "add/add.h"
#include "common/map_four.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void add_fprop_vector(int64_t count, const float* a, const float* b, const float* mask, float* y) {
  if (mask == nullptr) {
    map_four(
        count, y, [](float v, float w) { return v + w; }, a, b);
  } else {
    map_four(
        count, y, [](float v, float w, float m) { return m > 0.f ? v + w : 0.f; }, a, b, mask);
  }
}

int prefer_vector(const AddShape&) { return 2; }

Status launch_vector(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_vector, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask, y);
}

}  // namespace

ALEXNET_VARIANT(AddFprop, "vector", prefer_vector, launch_vector)

}  // namespace alexnet
