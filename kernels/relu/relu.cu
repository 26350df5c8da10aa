// relu: rectified linear unit and its gradient; `direct` has one element to a thread, `vector` four.
// Math     y = x < 0 ? 0 : x; dx = y > 0 ? dy : 0
// Shapes   x, y, dy, dx: [count] float32, in `vector_bf16` bf16; y may be x, dx may be dy
// Units    none
// Cost     fprop 8 bytes per element, bprop 12, in bf16 half of it: memory-bound. Predicted at 4.3 TB/s: conv1
//          of 128 images, one tower: fprop 149 MB, 35 us; bprop 223 MB, 52 us
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_relu. NaN stays NaN, -0 stays -0. Same bits on every kind of device
// Measured not yet
#include "relu/relu.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Rectified {
  __device__ float operator()(float x) const { return x < 0.f ? 0.f : x; }
};
struct Passed {
  __device__ float operator()(float y, float dy) const { return y > 0.f ? dy : 0.f; }
};

template <class T>
__global__ void relu_fprop_direct(ReluShape s, const T* x, T* y) {
  map_one(s.count, y, Rectified{}, x);
}

template <class T>
__global__ void relu_fprop_vector(ReluShape s, const T* x, T* y) {
  map_four(s.count, y, Rectified{}, x);
}

template <class T>
__global__ void relu_bprop_direct(ReluShape s, const T* y, const T* dy, T* dx) {
  map_one(s.count, dx, Passed{}, y, dy);
}

template <class T>
__global__ void relu_bprop_vector(ReluShape s, const T* y, const T* dy, T* dx) {
  map_four(s.count, dx, Passed{}, y, dy);
}

Status launch_fprop_direct(const ReluShape& s, const float* x, float* y, Stream stream) {
  return launch(relu_fprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_vector(const ReluShape& s, const float* x, float* y, Stream stream) {
  return launch(relu_fprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_bf16(const ReluShape& s, const float* x, float* y, Stream stream) {
  return launch(relu_fprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

Status launch_bprop_direct(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(relu_bprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_vector(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(relu_bprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_bf16(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(relu_bprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(y),
                as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(ReluFprop, "direct", prefers<1>, launch_fprop_direct)
ALEXNET_VARIANT(ReluFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, ReluFprop, "vector_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT(ReluBprop, "direct", prefers<1>, launch_bprop_direct)
ALEXNET_VARIANT(ReluBprop, "vector", prefers<2>, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, ReluBprop, "vector_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
