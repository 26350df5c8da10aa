// local_dgrad_direct: gradient of the loss with respect to a locally connected layer's input, one thread per element.
// Math     dx[n,h,w,c] = sum over r, s, k of dy[n,p,q,k] * w[p,q,k,r,s,c], where p = (h + pad - r)/stride and
//          q = (w + pad - s)/stride are whole and inside the output; 0 where mask <= 0
// Shapes   dy: [N,P,Q,K], w: [P,Q,K,R,S,C], mask: [N,H,W,C] or null, dx: [N,H,W,C]; float32, no aliasing
// Units    none
// Cost     2*K*R*S/stride^2 FLOP per element; a warp shares dy and reads adjacent w: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_local. Sum ascends in r, s, k: bit-reproducible on one kind of device. Uncovered pixels get 0
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "local/local.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void local_dgrad_direct(ConvShape s, const float* dy, const float* w, const float* mask, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= conv_x_count(s)) return;
  const int c = int(i % s.C);
  const int ww = int(i / s.C % s.W);
  const int h = int(i / s.C / s.W % s.H);
  const int64_t n = i / s.C / s.W / s.H;
  const int64_t filter_count = int64_t(s.R) * s.S * s.C;
  float sum = 0.f;
  for (int r = 0; r < s.R; ++r) {
    const int from_h = h + s.pad - r, p = from_h / s.stride;
    if (from_h < 0 || from_h % s.stride != 0 || p >= conv_P(s)) continue;
    for (int ss = 0; ss < s.S; ++ss) {
      const int from_w = ww + s.pad - ss, q = from_w / s.stride;
      if (from_w < 0 || from_w % s.stride != 0 || q >= conv_Q(s)) continue;
      const int64_t position = int64_t(p) * conv_Q(s) + q;
      const float* gradient = dy + n * local_bias_count(s) + position * s.K;                        // [K]
      const float* filter = w + position * s.K * filter_count + (int64_t(r) * s.S + ss) * s.C + c;  // [K, ...]
      for (int k = 0; k < s.K; ++k) sum += gradient[k] * filter[k * filter_count];
    }
  }
  dx[i] = apply_mask(mask, i, sum);
}

Status launch_direct(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  return launch(local_dgrad_direct, blocks_for(conv_x_count(s), kThreads), kThreads, 0, stream, s, dy, w, mask, dx);
}

}  // namespace

ALEXNET_VARIANT(LocalDgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
