// lrn_map_fprop_direct: local response normalisation inside each map, one thread per element.
// Math     d = k + alpha * sum of x[n,i,j,c]^2 over |h - i| <= size/2, |w - j| <= size/2, clipped; y = x * d^-beta
// Shapes   x, y: [N,H,W,C] float32, in `direct_bf16` bf16, d float32; no aliasing; lrn_map_bprop computes d again
// Units    alpha multiplies the plain sum. Source: D4, size 5, k 1, alpha 4e-5, beta 0.75
// Cost     8 bytes per element, in bf16 4, if the window hits cache, size^2 loads and FMA, one power. Predicted for 128
//          images of a tower's [27,27,128] on an H200: 96 MB, 22 us at 4.3 TB/s, but 1.2 GB through the L1, 36 us at
//          128 bytes a cycle and multiprocessor: bound by the L1
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c], so that a warp's loads are contiguous in c.
//          No shared memory, no workspace
// Valid    validate_lrn. Sum ascends in rows, then columns: bit-reproducible on one kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "lrn/lrn_power.cuh"
#include "lrn_map/lrn_map.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void lrn_map_fprop_direct(LrnShape s, const T* x, T* y) {
  const int64_t element = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (element >= lrn_count(s)) return;
  const int64_t pixel = element / s.C;
  const int w = int(pixel % s.W), h = int(pixel / s.W % s.H);
  const LrnMapWindow window = lrn_map_window(s, h, w);
  float sum = 0.f;
  for (int i = window.top; i < window.bottom; ++i) {
    const T* row = x + element + (int64_t(i - h) * s.W - w) * s.C;  // [W,C], from channel c on
    for (int j = window.left; j < window.right; ++j) {
      const float value = float(row[int64_t(j) * s.C]);
      sum += value * value;
    }
  }
  y[element] = T(float(x[element]) * lrn_powers(s.k, s.beta, s.k + s.alpha * sum).power);
}

Status launch_direct(const LrnShape& s, const float* x, float* y, Stream stream) {
  return launch(lrn_map_fprop_direct<float>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, x, y);
}

Status launch_direct_bf16(const LrnShape& s, const float* x, float* y, Stream stream) {
  return launch(lrn_map_fprop_direct<Bf16>, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y));
}

}  // namespace

ALEXNET_VARIANT(LrnMapFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, LrnMapFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
