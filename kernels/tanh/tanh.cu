// tanh: hyperbolic tangent and its gradient; `direct` has one element to a thread, `vector` four.
// Math     y = tanh(x); dx = dy * (1 - y^2)
// Shapes   x, y, dy, dx: [count] float32, in `vector_bf16` bf16; y may be x, dx may be dy
// Units    none
// Cost     fprop 8 bytes and one tanhf of about 20 instructions per element, bprop 12 bytes, in bf16 half of both:
//          memory-bound. Predicted at 4.3 TB/s: conv1 of 128 images, one tower: fprop 149 MB, 35 us; bprop 223 MB,
//          52 us
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_tanh. NaN stays NaN. Bit-reproducible on one kind of device
// Measured not yet
#include "tanh/tanh.h"

#include "common/map.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Tangent {
  __device__ float operator()(float x) const { return tanhf(x); }
};
struct Gradient {
  __device__ float operator()(float y, float dy) const { return dy * (1.f - y * y); }
};

template <class T>
__global__ void tanh_fprop_direct(TanhShape s, const T* x, T* y) {
  map_one(s.count, y, Tangent{}, x);
}

template <class T>
__global__ void tanh_fprop_vector(TanhShape s, const T* x, T* y) {
  map_four(s.count, y, Tangent{}, x);
}

template <class T>
__global__ void tanh_bprop_direct(TanhShape s, const T* y, const T* dy, T* dx) {
  map_one(s.count, dx, Gradient{}, y, dy);
}

template <class T>
__global__ void tanh_bprop_vector(TanhShape s, const T* y, const T* dy, T* dx) {
  map_four(s.count, dx, Gradient{}, y, dy);
}

Status launch_fprop_direct(const TanhShape& s, const float* x, float* y, Stream stream) {
  return launch(tanh_fprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_vector(const TanhShape& s, const float* x, float* y, Stream stream) {
  return launch(tanh_fprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_fprop_bf16(const TanhShape& s, const float* x, float* y, Stream stream) {
  return launch(tanh_fprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

Status launch_bprop_direct(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(tanh_bprop_direct<float>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_vector(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(tanh_bprop_vector<float>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, y, dy, dx);
}

Status launch_bprop_bf16(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(tanh_bprop_vector<Bf16>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, as_bf16(y),
                as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(TanhFprop, "direct", prefers<1>, launch_fprop_direct)
ALEXNET_VARIANT(TanhFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, TanhFprop, "vector_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT(TanhBprop, "direct", prefers<1>, launch_bprop_direct)
ALEXNET_VARIANT(TanhBprop, "vector", prefers<2>, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, TanhBprop, "vector_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
