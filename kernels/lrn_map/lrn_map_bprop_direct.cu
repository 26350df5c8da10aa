// lrn_map_bprop_direct: gradient of local response normalisation inside each map, one thread per element, denominators
//          computed again.
// Math     dx[h,w] = dy[h,w] * d[h,w]^-beta
//                    - 2*alpha*beta * x[h,w] * sum over (i,j) of dy[i,j] * x[i,j] * d[i,j]^(-beta-1),
//          (i,j) in the window of (h,w), d as in lrn_map_fprop_direct; all in one map c
// Shapes   x, dy, dx: [N,H,W,C] float32, no aliasing
// Units    alpha multiplies the plain sum. Source: D4, size 5, k 1, alpha 4e-5, beta 0.75
// Cost     12 bytes per element if the windows hit cache, size^4 loads and FMA, size^2 powf: bound by the L1
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_lrn. Sums ascend in rows, then columns: bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "lrn/lrn_power.cuh"
#include "lrn_map/lrn_map.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

// Of pixel (h,w); x is the element of its map at (0,0).
__device__ LrnPowers powers_at(const LrnShape& s, const float* x, int h, int w) {
  const LrnMapWindow window = lrn_map_window(s, h, w);
  float sum = 0.f;
  for (int i = window.top; i < window.bottom; ++i) {
    for (int j = window.left; j < window.right; ++j) {
      const float value = x[(int64_t(i) * s.W + j) * s.C];
      sum += value * value;
    }
  }
  return lrn_powers(s.k, s.beta, s.k + s.alpha * sum);
}

__global__ void lrn_map_bprop_direct(LrnShape s, const float* x, const float* dy, float* dx) {
  const int64_t element = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (element >= lrn_count(s)) return;
  const int64_t pixel = element / s.C;
  const int w = int(pixel % s.W), h = int(pixel / s.W % s.H);
  const int64_t map = element - (int64_t(h) * s.W + w) * s.C;
  const LrnMapWindow window = lrn_map_window(s, h, w);
  float sum = 0.f;
  for (int i = window.top; i < window.bottom; ++i) {
    for (int j = window.left; j < window.right; ++j) {
      const int64_t other = map + (int64_t(i) * s.W + j) * s.C;
      sum += dy[other] * x[other] * powers_at(s, x + map, i, j).power_over_d;
    }
  }
  const float own = dy[element] * powers_at(s, x + map, h, w).power;
  dx[element] = own - 2.f * s.alpha * s.beta * x[element] * sum;
}

Status launch_direct(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return launch(lrn_map_bprop_direct, blocks_for(lrn_count(s), kThreads), kThreads, 0, stream, s, x, dy, dx);
}

}  // namespace

ALEXNET_VARIANT(LrnMapBprop, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
