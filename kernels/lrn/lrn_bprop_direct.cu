// lrn_bprop_direct: gradient of local response normalisation, one thread per element, denominators computed again.
// Math     dx[c] = dy[c] * d[c]^-beta - 2*alpha*beta * x[c] * sum over i of dy[i] * x[i] * d[i]^(-beta-1),
//          i in [c - size/2, c + size/2] clipped to [0, C), d as in lrn_fprop_direct
// Shapes   x, dy, dx: [N,H,W,C] float32, in `direct_bf16` bf16, sums float32; no aliasing
// Units    alpha multiplies the plain sum. Paper: section 3.3, size 5, k 2, alpha 1e-4, beta 0.75
// Cost     12 bytes per element, in bf16 6, if the windows hit cache, 2*size^2 FLOP and size + 1 powf; bound by powf
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_lrn. Sums ascend in channels: bit-reproducible on one kind of device. A tower passes its own C
// Measured on an H200, 128 images, one tower, and share of the roofline: norm1 698 us 8 %, norm2 441 us 8 %
//          (docs/measurements/gpu.md)
#include "common/bf16.h"
#include "common/launch.cuh"
#include "lrn/lrn.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__device__ int first_of_window(const LrnShape& s, int c) { return c > s.size / 2 ? c - s.size / 2 : 0; }
__device__ int last_of_window(const LrnShape& s, int c) { return c < s.C - 1 - s.size / 2 ? c + s.size / 2 : s.C - 1; }

template <class T>
__device__ float denominator(const LrnShape& s, const T* pixel, int c) {
  float sum = 0.f;
  for (int j = first_of_window(s, c); j <= last_of_window(s, c); ++j) sum += float(pixel[j]) * float(pixel[j]);
  return s.k + s.alpha * sum;
}

template <class T>
__global__ void lrn_bprop_direct(LrnShape s, const T* x, const T* dy, T* dx) {
  const int64_t element = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (element >= lrn_count(s)) return;
  const int c = int(element % s.C);
  const T* pixel = x + (element - c);      // [C]
  const T* gradient = dy + (element - c);  // [C]
  float sum = 0.f;
  for (int i = first_of_window(s, c); i <= last_of_window(s, c); ++i)
    sum += float(gradient[i]) * float(pixel[i]) * powf(denominator(s, pixel, i), -s.beta - 1.f);
  const float own = float(gradient[c]) * powf(denominator(s, pixel, c), -s.beta);
  dx[element] = T(own - 2.f * s.alpha * s.beta * float(pixel[c]) * sum);
}

Status launch_direct(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(lrn_bprop_direct<float>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, x, dy, dx);
}

Status launch_direct_bf16(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(lrn_bprop_direct<Bf16>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(LrnBprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnBprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
