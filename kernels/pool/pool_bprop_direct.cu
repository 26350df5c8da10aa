// pool_bprop_direct: gradient of max or average pooling, one thread per input element, gathering from its windows.
// Math     max: dx[n,h,w,c] = sum of dy[n,p,q,c] over the windows that cover (h,w) and whose maximum it is;
//          average: sum of dy[n,p,q,c] / area(p,q) over the windows that cover (h,w)
// Shapes   x, dx: [N,H,W,C], y, dy: [N,P,Q,C]; float32, in `direct_bf16` bf16, sums float32; no aliasing
// Units    ties all: every pixel equal to the maximum receives its gradient; first: only the first in row-major order
// Cost     12 to 20 bytes per element, in bf16 half of it, ceil(size/stride)^2 comparisons; memory-bound
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_pool. Sum from +0, ascending in p, q: same bits on every kind of device
// Measured not yet
#include "common/bf16.h"
#include "common/launch.cuh"
#include "pool/pool.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

// Whether no pixel of the window that starts at (first_h, first_w) and comes before (h,w) equals `maximum`.
// `plane` is x of one image and channel.
template <class T>
__device__ bool is_first(const PoolShape& s, const T* plane, int first_h, int first_w, int h, int w, float maximum) {
  const int end_w = first_w + s.size < s.W ? first_w + s.size : s.W;
  for (int hh = first_h; hh <= h; ++hh)
    for (int ww = first_w; ww < (hh < h ? end_w : w); ++ww)
      if (float(plane[(int64_t(hh) * s.W + ww) * s.C]) == maximum) return false;
  return true;
}

template <class T>
__global__ void pool_bprop_direct(PoolShape s, const T* x, const T* y, const T* dy, T* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= pool_x_count(s)) return;
  const int c = int(i % s.C);
  const int w = int(i / s.C % s.W);
  const int h = int(i / s.C / s.W % s.H);
  const int64_t n = i / s.C / s.W / s.H;
  const T* plane = x + n * s.H * s.W * s.C + c;
  const int first_p = h < s.size ? 0 : (h - s.size) / s.stride + 1;  // the first window that reaches down to row h
  const int first_q = w < s.size ? 0 : (w - s.size) / s.stride + 1;
  float sum = 0.f;
  for (int p = first_p; p < pool_P(s) && p * s.stride <= h; ++p) {
    for (int q = first_q; q < pool_Q(s) && q * s.stride <= w; ++q) {
      const int first_h = p * s.stride, first_w = q * s.stride;
      const int64_t out = ((n * pool_P(s) + p) * pool_Q(s) + q) * s.C + c;
      if (s.mode == ALEXNET_POOL_AVERAGE) {
        const int rows = s.H - first_h < s.size ? s.H - first_h : s.size;
        const int columns = s.W - first_w < s.size ? s.W - first_w : s.size;
        sum += float(dy[out]) / float(rows * columns);
      } else if (float(x[i]) == float(y[out]) &&
                 (s.ties == ALEXNET_TIES_ALL || is_first(s, plane, first_h, first_w, h, w, float(y[out])))) {
        sum += float(dy[out]);
      }
    }
  }
  dx[i] = T(sum);
}

Status launch_direct(const PoolShape& s, const float* x, const float* y, const float* dy, float* dx, Stream stream) {
  return launch(pool_bprop_direct<float>, blocks_for(pool_x_count(s), kThreads), kThreads, 0, stream, s, x, y, dy, dx);
}

Status launch_direct_bf16(const PoolShape& s, const float* x, const float* y, const float* dy, float* dx,
                          Stream stream) {
  return launch(pool_bprop_direct<Bf16>, blocks_for(pool_x_count(s), kThreads), kThreads, 0, stream, s, as_bf16(x),
                as_bf16(y), as_bf16(dy), as_bf16(dx));
}

}  // namespace

ALEXNET_VARIANT(PoolBprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, PoolBprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
