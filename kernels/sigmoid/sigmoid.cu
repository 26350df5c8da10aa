// sigmoid: logistic function and its gradient; `direct` has one element to a thread, `vector` four.
// Math     e = exp(-|x|); y = x >= 0 ? 1 / (1 + e) : e / (1 + e); dx = dy * y * (1 - y)
// Shapes   x, y, dy, dx: [count] float32, in `vector_bf16` bf16; y may be x, dx may be dy
// Units    none
// Cost     fprop 8 bytes and one expf and one division of about 20 instructions per element, bprop 12 bytes, in bf16
//          half of both: memory-bound. Predicted at 4.3 TB/s: conv1 of 128 images, one tower: fprop 149 MB, 35 us;
//          bprop 223 MB, 52 us
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_sigmoid. NaN stays NaN. Bit-reproducible on one kind of device
// Measured not yet
#include "sigmoid/sigmoid.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Logistic {
  __device__ float operator()(float x) const {
    const float e = expf(-fabsf(x));
    return (x >= 0.f ? 1.f : e) / (1.f + e);
  }
};
struct Gradient {
  __device__ float operator()(float y, float dy) const { return dy * y * (1.f - y); }
};

template <class T>
__global__ void sigmoid_fprop_direct(SigmoidShape s, const T* x, T* y) {
  map_one(s.count, y, Logistic{}, x);
}

template <class T>
__global__ void sigmoid_fprop_vector(SigmoidShape s, const T* x, T* y) {
  map_four(s.count, y, Logistic{}, x);
}

template <class T>
__global__ void sigmoid_bprop_direct(SigmoidShape s, const T* y, const T* dy, T* dx) {
  map_one(s.count, dx, Gradient{}, y, dy);
}

template <class T>
__global__ void sigmoid_bprop_vector(SigmoidShape s, const T* y, const T* dy, T* dx) {
  map_four(s.count, dx, Gradient{}, y, dy);
}

Status launch_fprop_direct(const SigmoidShape& s, const float* x, float* y, Stream stream) {
  return launch(sigmoid_fprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_vector(const SigmoidShape& s, const float* x, float* y, Stream stream) {
  return launch(sigmoid_fprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_bf16(const SigmoidShape& s, const float* x, float* y, Stream stream) {
  return launch(sigmoid_fprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

Status launch_bprop_direct(const SigmoidShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(sigmoid_bprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_vector(const SigmoidShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(sigmoid_bprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_bf16(const SigmoidShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(sigmoid_bprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(y),
                as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(SigmoidFprop, "direct", prefers<1>, launch_fprop_direct)
ALEXNET_VARIANT(SigmoidFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, SigmoidFprop, "vector_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT(SigmoidBprop, "direct", prefers<1>, launch_bprop_direct)
ALEXNET_VARIANT(SigmoidBprop, "vector", prefers<2>, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, SigmoidBprop, "vector_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
