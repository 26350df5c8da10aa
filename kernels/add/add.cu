// add: the sum of two arrays, masked if asked; `direct` has one element to a thread, `vector` four.
// Math     y = mask > 0 ? a + b : 0, or a + b without a mask
// Shapes   a, b, mask, y: [count] float32, in `vector_bf16` bf16; mask may be null; y may be a, b or mask
// Units    none
// Cost     12 bytes per element, with a mask 16, in bf16 half of it, and 1 FLOP: memory-bound. Predicted at 4.3 TB/s:
//          pool2 of 128 images, one tower, masked, 44 MB, 10 us
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

template <class T>
__global__ void add_fprop_direct(int64_t count, const T* a, const T* b, const T* mask, T* y) {
  if (mask == nullptr) {
    map_one(count, y, Sum{}, a, b);
  } else {
    map_one(count, y, Sum{}, a, b, mask);
  }
}

template <class T>
__global__ void add_fprop_vector(int64_t count, const T* a, const T* b, const T* mask, T* y) {
  if (mask == nullptr) {
    map_four(count, y, Sum{}, a, b);
  } else {
    map_four(count, y, Sum{}, a, b, mask);
  }
}

Status launch_direct(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask, y);
}

Status launch_vector(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s.count, a, b, mask,
                y);
}

Status launch_bf16(const AddShape& s, const float* a, const float* b, const float* mask, float* y, Stream stream) {
  return launch(add_fprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s.count, as_bf16(a),
                as_bf16(b), as_bf16(mask), as_bf16(y));
}

}  // namespace

ALEXNET_VARIANT(AddFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT(AddFprop, "vector", prefers<2>, launch_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, AddFprop, "vector_bf16", prefers<2>, launch_bf16)

}  // namespace alexnet
