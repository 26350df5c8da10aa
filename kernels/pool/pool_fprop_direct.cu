// pool_fprop_direct: max or average pooling, one thread per output element.
// Math     max: y[n,p,q,c] = maximum over the clipped window of x; average: sum over it, divided by its area
// Shapes   x: [N,H,W,C], y: [N,P,Q,C]; float32, in `direct_bf16` bf16, sums float32; no aliasing
// Units    none
// Cost     4 bytes written and up to 4*(size/stride)^2 read per output, in bf16 half of it, size^2 comparisons;
//          memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,p,q,c]. No shared memory, no workspace
// Valid    validate_pool. Row-major order; NaN in the window gives NaN. Same bits on every kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "pool/pool.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void pool_fprop_direct(PoolShape s, const T* x, T* y) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= pool_y_count(s)) return;
  const int c = int(i % s.C);
  const int q = int(i / s.C % pool_Q(s));
  const int p = int(i / s.C / pool_Q(s) % pool_P(s));
  const int64_t n = i / s.C / pool_Q(s) / pool_P(s);
  const int first_h = p * s.stride, first_w = q * s.stride;
  const int end_h = first_h + s.size < s.H ? first_h + s.size : s.H;
  const int end_w = first_w + s.size < s.W ? first_w + s.size : s.W;
  float sum = 0.f, maximum = float(x[((n * s.H + first_h) * s.W + first_w) * s.C + c]);
  for (int h = first_h; h < end_h; ++h) {
    for (int w = first_w; w < end_w; ++w) {
      const float value = float(x[((n * s.H + h) * s.W + w) * s.C + c]);
      sum += value;
      if (value > maximum || value != value) maximum = value;  // value != value: NaN
    }
  }
  y[i] = T(s.mode == ALEXNET_POOL_MAX ? maximum : sum / float((end_h - first_h) * (end_w - first_w)));
}

Status launch_direct(const PoolShape& s, const float* x, float* y, Stream stream) {
  return launch(pool_fprop_direct<float>, blocks_for(pool_y_count(s), kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_direct_bf16(const PoolShape& s, const float* x, float* y, Stream stream) {
  return launch(pool_fprop_direct<Bf16>, blocks_for(pool_y_count(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

}  // namespace

ALEXNET_VARIANT(PoolFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, PoolFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
