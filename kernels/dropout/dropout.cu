// dropout: dropout of a training or a test pass, and its gradient, which draws the same mask again; `direct` has one
// element to a thread, `vector` the four that share a Philox call.
// Math     training: y[i] = kept(i) ? x[i] : 0, dx[i] = kept(i) ? dy[i] : 0; testing: y[i] = keep * x[i];
//          kept(i) = uniform < keep, uniform from the Philox word of element first + i (dropout.h)
// Shapes   x, y, dy, dx: [count] float32, in `*_bf16` bf16; y may be x, dx may be dy
// Units    keep: probability that a value stays. Paper: section 4.2, 0.5
// Cost     8 bytes per element, in bf16 4, and, in training, a Philox call of about 100 integer operations, in `vector`
//          a quarter of one: memory-bound. Predicted at 4.3 TB/s: fc6 of 128 images, one tower, 2.1 MB, 0.5 us, below
//          what a launch costs
// Launch   kThreads per block. No shared memory, no workspace
// Valid    validate_dropout; `vector` first a multiple of 4. Same bits on every kind of device
// Measured vector on an H200, 128 images, one tower, and share of the roofline: fc6 4 us 13 %, either pass
//          (docs/measurements/gpu.md)
#include "dropout/dropout.h"

#include "common/map.cuh"
#include "common/philox.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Scaled {
  float keep;
  __device__ float operator()(float x) const { return keep * x; }
};

// The mask of this thread's element.
template <class T>
__device__ void mask_one(const DropoutShape& s, const StepSettings* settings, const T* x, T* y) {
  const int64_t i = element_of_thread();
  if (i >= s.count) return;
  const uint32_t word = philox_word(s.seed, s.purpose, settings->step, uint64_t(s.first + i));
  y[i] = T(philox_uniform(word) < s.keep ? float(x[i]) : 0.f);
}

// The mask of this thread's four elements: one Philox call.
template <class T>
__device__ void mask_four(const DropoutShape& s, const StepSettings* settings, const T* x, T* y) {
  const uint64_t group = uint64_t(s.first + first_of_four()) / 4;
  const PhiloxWords words = philox_group(s.seed, s.purpose, settings->step, group);
  int word = 0;
  map_four(
      s.count, y, [&](float v) { return philox_uniform(words.word[word++]) < s.keep ? v : 0.f; }, x);
}

template <class T>
__global__ void dropout_fprop_direct(DropoutShape s, const StepSettings* settings, const T* x, T* y, bool training) {
  if (training) {
    mask_one(s, settings, x, y);
  } else {
    map_one(s.count, y, Scaled{s.keep}, x);
  }
}

template <class T>
__global__ void dropout_fprop_vector(DropoutShape s, const StepSettings* settings, const T* x, T* y, bool training) {
  if (training) {
    mask_four(s, settings, x, y);
  } else {
    map_four(s.count, y, Scaled{s.keep}, x);
  }
}

template <class T>
__global__ void dropout_bprop_direct(DropoutShape s, const StepSettings* settings, const T* dy, T* dx) {
  mask_one(s, settings, dy, dx);
}

template <class T>
__global__ void dropout_bprop_vector(DropoutShape s, const StepSettings* settings, const T* dy, T* dx) {
  mask_four(s, settings, dy, dx);
}

int prefer_vector(const DropoutShape& s, const Target&) { return s.first % 4 == 0 ? 2 : 0; }

template <class T>
Status fprop_direct(const DropoutShape& s, const StepSettings* settings, const T* x, T* y, bool training,
                    Stream stream) {
  return launch(dropout_fprop_direct<T>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, settings, x, y,
                training);
}

template <class T>
Status fprop_vector(const DropoutShape& s, const StepSettings* settings, const T* x, T* y, bool training,
                    Stream stream) {
  return launch(dropout_fprop_vector<T>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, settings, x, y,
                training);
}

template <class T>
Status bprop_direct(const DropoutShape& s, const StepSettings* settings, const T* dy, T* dx, Stream stream) {
  return launch(dropout_bprop_direct<T>, blocks_for(s.count, kThreads), kThreads, 0, stream, s, settings, dy, dx);
}

template <class T>
Status bprop_vector(const DropoutShape& s, const StepSettings* settings, const T* dy, T* dx, Stream stream) {
  return launch(dropout_bprop_vector<T>, blocks_of_four(s.count, kThreads), kThreads, 0, stream, s, settings, dy, dx);
}

Status launch_fprop_direct(const DropoutShape& s, const StepSettings* settings, const float* x, float* y, bool training,
                           Stream stream) {
  return fprop_direct(s, settings, x, y, training, stream);
}

Status launch_fprop_direct_bf16(const DropoutShape& s, const StepSettings* settings, const float* x, float* y,
                                bool training, Stream stream) {
  return fprop_direct(s, settings, as_bf16(x), as_bf16(y), training, stream);
}

Status launch_bprop_direct(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx,
                           Stream stream) {
  return bprop_direct(s, settings, dy, dx, stream);
}

Status launch_bprop_direct_bf16(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx,
                                Stream stream) {
  return bprop_direct(s, settings, as_bf16(dy), as_bf16(dx), stream);
}

Status launch_fprop_vector(const DropoutShape& s, const StepSettings* settings, const float* x, float* y, bool training,
                           Stream stream) {
  return fprop_vector(s, settings, x, y, training, stream);
}

Status launch_fprop_vector_bf16(const DropoutShape& s, const StepSettings* settings, const float* x, float* y,
                                bool training, Stream stream) {
  return fprop_vector(s, settings, as_bf16(x), as_bf16(y), training, stream);
}

Status launch_bprop_vector(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx,
                           Stream stream) {
  return bprop_vector(s, settings, dy, dx, stream);
}

Status launch_bprop_vector_bf16(const DropoutShape& s, const StepSettings* settings, const float* dy, float* dx,
                                Stream stream) {
  return bprop_vector(s, settings, as_bf16(dy), as_bf16(dx), stream);
}

}  // namespace

ALEXNET_VARIANT(DropoutFprop, "direct", prefers<1>, launch_fprop_direct)
ALEXNET_VARIANT(DropoutFprop, "vector", prefer_vector, launch_fprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, DropoutFprop, "direct_bf16", prefers<1>, launch_fprop_direct_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, DropoutFprop, "vector_bf16", prefer_vector, launch_fprop_vector_bf16)
ALEXNET_VARIANT(DropoutBprop, "direct", prefers<1>, launch_bprop_direct)
ALEXNET_VARIANT(DropoutBprop, "vector", prefer_vector, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, DropoutBprop, "direct_bf16", prefers<1>, launch_bprop_direct_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, DropoutBprop, "vector_bf16", prefer_vector, launch_bprop_vector_bf16)

}  // namespace alexnet
