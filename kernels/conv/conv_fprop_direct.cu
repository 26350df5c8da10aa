// conv_fprop_direct: convolution with epilogue, one thread per output element.
// Math     y[n,p,q,k] = relu((accumulate ? y : 0) + product + bias[k]), where product is the sum over r, s, c of
//          x[n, p*stride + r - pad, q*stride + s - pad, c'] * w[k,r,s,c], c' = (k / (K/G)) * C/G + c; x is 0 outside
// Shapes   x: [N,H,W,C], w: [K,R,S,C/G], bias: [K] or null, y: [N,P,Q,K]; float32, no aliasing
// Units    none
// Cost     2*R*S*C/G FLOP per output; threads of a warp share x and read w with a stride: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,p,q,k]. No shared memory, no workspace
// Valid    validate_conv. Sum ascends in r, s, c: bit-reproducible on one kind of device
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "conv/conv.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void conv_fprop_direct(ConvShape s, const float* x, const float* w, float* y, Epilogue epilogue) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= conv_y_count(s)) return;
  const int k = int(i % s.K);
  const int q = int(i / s.K % conv_Q(s));
  const int p = int(i / s.K / conv_Q(s) % conv_P(s));
  const int64_t n = i / s.K / conv_Q(s) / conv_P(s);
  const int depth = s.C / s.G;
  const int first_c = k / (s.K / s.G) * depth;
  float sum = 0.f;
  for (int r = 0; r < s.R; ++r) {
    const int h = p * s.stride + r - s.pad;
    if (h < 0 || h >= s.H) continue;
    for (int ss = 0; ss < s.S; ++ss) {
      const int ww = q * s.stride + ss - s.pad;
      if (ww < 0 || ww >= s.W) continue;
      const float* pixel = x + ((n * s.H + h) * s.W + ww) * s.C + first_c;    // [C/G]
      const float* filter = w + ((int64_t(k) * s.R + r) * s.S + ss) * depth;  // [C/G]
      for (int c = 0; c < depth; ++c) sum += pixel[c] * filter[c];
    }
  }
  y[i] = apply_epilogue(epilogue, sum, k, i, y);
}

Status launch_direct(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                     Stream stream) {
  return launch(conv_fprop_direct, blocks_for(conv_y_count(s), kThreads), kThreads, 0, stream, s, x, w, y, epilogue);
}

}  // namespace

ALEXNET_VARIANT(ConvFprop, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
