// conv_dgrad_direct: gradient of the loss with respect to a convolution's input, one thread per input element.
// Math     dx[n,h,w,c] = sum over r, s and k of c's group g of dy[n,p,q,k] * w[k,r,s,c - g*C/G], g = c / (C/G), where
//          p = (h + pad - r)/stride and q = (w + pad - s)/stride are whole and inside the output; 0 where mask <= 0
// Shapes   dy: [N,P,Q,K], w: [K,R,S,C/G], mask: [N,H,W,C] or null, dx: [N,H,W,C]; float32, no aliasing
// Units    none
// Cost     2*K/G*R*S/stride^2 FLOP per element; a warp shares dy and reads adjacent w: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,h,w,c]. No shared memory, no workspace
// Valid    validate_conv. Sum ascends in r, s, k: bit-reproducible on one kind of device. Uncovered pixels get 0
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "conv/conv.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void conv_dgrad_direct(ConvShape s, const float* dy, const float* w, const float* mask, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= conv_x_count(s)) return;
  const int c = int(i % s.C);
  const int ww = int(i / s.C % s.W);
  const int h = int(i / s.C / s.W % s.H);
  const int64_t n = i / s.C / s.W / s.H;
  const int depth = s.C / s.G, filters = s.K / s.G;
  const int first_k = c / depth * filters;
  const int64_t filter_count = int64_t(s.R) * s.S * depth;
  float sum = 0.f;
  for (int r = 0; r < s.R; ++r) {
    const int from_h = h + s.pad - r, p = from_h / s.stride;
    if (from_h < 0 || from_h % s.stride != 0 || p >= conv_P(s)) continue;
    for (int ss = 0; ss < s.S; ++ss) {
      const int from_w = ww + s.pad - ss, q = from_w / s.stride;
      if (from_w < 0 || from_w % s.stride != 0 || q >= conv_Q(s)) continue;
      const float* gradient = dy + ((n * conv_P(s) + p) * conv_Q(s) + q) * s.K + first_k;              // [K/G]
      const float* filter = w + first_k * filter_count + (int64_t(r) * s.S + ss) * depth + c % depth;  // [K/G, ...]
      for (int k = 0; k < filters; ++k) sum += gradient[k] * filter[k * filter_count];
    }
  }
  dx[i] = apply_mask(mask, i, sum);
}

Status launch_direct(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  return launch(conv_dgrad_direct, blocks_for(conv_x_count(s), kThreads), kThreads, 0, stream, s, dy, w, mask, dx);
}

}  // namespace

ALEXNET_VARIANT(ConvDgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
