// lrn_map_bprop_stages: gradient of local response normalisation inside each map; the terms of its sum come first.
// Math     stage 1: term = dy * x * d^(-beta-1), dx = dy * d^-beta, d as in lrn_map_fprop_direct
//          stage 2: dx[h,w] = dx[h,w] - 2*alpha*beta * x[h,w] * sum over (i,j) in the window of (h,w) of term[i,j]
//          `stages_bf16` keeps stage 1's dx as `own`, in float32: dx is rounded once
// Shapes   x, dy, dx: [N,H,W,C] float32, in `stages_bf16` bf16; term, own: the same in float32 in the workspace; no
//          aliasing
// Units    alpha multiplies the plain sum. Source: D4, size 5, k 1, alpha 4e-5, beta 0.75
// Cost     32 bytes per element, in bf16 24, if the windows hit cache, 2*size^2 loads and FMA, one power. Predicted for
//          128 images of a tower's [27,27,128] on an H200: 382 MB, 89 us at 4.3 TB/s; 2.4 GB through the L1, 73 us:
//          memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c], in both stages. No shared memory; workspace
//          of 4 bytes per element, in bf16 8
// Valid    validate_lrn. Sums ascend in rows, then columns: bit-reproducible on one kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "lrn/lrn_power.cuh"
#include "lrn_map/lrn_map.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

struct Sum {
  __device__ static float add(float sum, float value) { return sum + value; }
};
struct SumOfSquares {
  __device__ static float add(float sum, float value) { return sum + value * value; }
};

// Over the window of an element, of the values in its map.
template <class Adds, class T>
__device__ float window_sum(const LrnShape& s, const T* values, int64_t element) {
  const int64_t pixel = element / s.C;
  const int w = int(pixel % s.W), h = int(pixel / s.W % s.H);
  const LrnMapWindow window = lrn_map_window(s, h, w);
  float sum = 0.f;
  for (int i = window.top; i < window.bottom; ++i) {
    const T* row = values + element + (int64_t(i - h) * s.W - w) * s.C;  // [W,C], from channel c on
    for (int j = window.left; j < window.right; ++j) sum = Adds::add(sum, float(row[int64_t(j) * s.C]));
  }
  return sum;
}

// own is dx where that is float32.
template <class T>
__global__ void lrn_map_bprop_terms(LrnShape s, const T* x, const T* dy, float* term, float* own) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= lrn_count(s)) return;
  const LrnPowers p = lrn_powers(s.k, s.beta, s.k + s.alpha * window_sum<SumOfSquares>(s, x, i));
  term[i] = float(dy[i]) * float(x[i]) * p.power_over_d;
  own[i] = float(dy[i]) * p.power;
}

template <class T>
__global__ void lrn_map_bprop_stages(LrnShape s, const T* x, const float* term, const float* own, T* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= lrn_count(s)) return;
  dx[i] = T(own[i] - 2.f * s.alpha * s.beta * float(x[i]) * window_sum<Sum>(s, term, i));
}

int64_t workspace_stages(const LrnShape& s) { return lrn_count(s) * int64_t(sizeof(float)); }

int64_t workspace_bf16(const LrnShape& s) { return 2 * workspace_stages(s); }

template <class T>
Status stages(const LrnShape& s, const T* x, const T* dy, float* own, T* dx, Stream stream) {
  const unsigned blocks = blocks_for(lrn_count(s), kThreads);
  float* const term = static_cast<float*>(stream.workspace);
  ALEXNET_TRY(launch(lrn_map_bprop_terms<T>, blocks, kThreads, 0, stream, s, x, dy, term, own));
  return launch(lrn_map_bprop_stages<T>, blocks, kThreads, 0, stream, s, x, term, own, dx);
}

Status launch_stages(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  return stages(s, x, dy, dx, dx, stream);
}

Status launch_stages_bf16(const LrnShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  float* const own = static_cast<float*>(stream.workspace) + lrn_count(s);
  return stages(s, as_bf16(x), as_bf16(dy), own, as_bf16(dx), stream);
}

}  // namespace

ALEXNET_VARIANT_WORKSPACE(LrnMapBprop, "stages", prefers<2>, workspace_stages, launch_stages)
ALEXNET_VARIANT_PREPARED(LrnMapBprop, "stages_bf16", prefers<2>, workspace_bf16, launch_stages_bf16, Precision::kBf16,
                         nullptr, 0)

}  // namespace alexnet
