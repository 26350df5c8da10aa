// lrn_fprop_direct: local response normalisation across channels, one thread per element.
// Math     d = k + alpha * sum of x[n,h,w,j]^2 over j in [c - size/2, c + size/2], clipped to [0, C)
//          y = x * d^-beta
// Shapes   x, y: [N,H,W,C] float32, in `direct_bf16` bf16, d float32; no aliasing; lrn_bprop computes d again
// Units    alpha multiplies the plain sum. Paper: section 3.3, size 5, k 2, alpha 1e-4, beta 0.75
// Cost     8 bytes per element, in bf16 4, if the window hits cache, 2*size FLOP and one powf; memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_lrn. Sum ascends in j: bit-reproducible on one kind of device. A tower passes its own C
// Measured on an H200, 128 images, one tower, and share of the roofline: norm1 157 us 24 %, norm2 98 us 25 %
//          (docs/measurements/gpu.md)
#include "common/bf16.h"
#include "common/launch.cuh"
#include "lrn/lrn.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void lrn_fprop_direct(LrnShape s, const T* x, T* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= lrn_count(s)) return;
  const int c = int(i % s.C), half = s.size / 2;
  const T* pixel = x + (i - c);  // [C]
  const int first = c > half ? c - half : 0;
  const int last = c < s.C - 1 - half ? c + half : s.C - 1;
  float sum = 0.f;
  for (int j = first; j <= last; ++j) sum += float(pixel[j]) * float(pixel[j]);
  y[i] = T(float(pixel[c]) * powf(s.k + s.alpha * sum, -s.beta));
}

Status launch_direct(const LrnShape& s, const float* x, float* y, Stream stream) {
  return launch(lrn_fprop_direct<float>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_direct_bf16(const LrnShape& s, const float* x, float* y, Stream stream) {
  return launch(lrn_fprop_direct<Bf16>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

}  // namespace

ALEXNET_VARIANT(LrnFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
