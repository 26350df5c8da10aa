// local_fprop_direct: locally connected layer with epilogue, one thread per output element.
// Math     y[n,p,q,k] = relu((accumulate ? y : 0) + product + bias[p,q,k]), where product is the sum over r, s, c of
//          x[n, p*stride + r - pad, q*stride + s - pad, c] * w[p,q,k,r,s,c]; x is 0 outside
// Shapes   x: [N,H,W,C], w: [P,Q,K,R,S,C], bias: [P,Q,K] or null, y: [N,P,Q,K]; float32, no aliasing
// Units    none
// Cost     2*R*S*C FLOP per output; threads of a warp share x and read w with a stride, and every image reads all of w:
//          bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,p,q,k]. No shared memory, no workspace
// Valid    validate_local. Sum ascends in r, s, c: bit-reproducible on one kind of device
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "local/local.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void local_fprop_direct(ConvShape s, const float* x, const float* w, float* y, Epilogue epilogue) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= conv_y_count(s)) return;
  const int64_t output = i % local_bias_count(s), n = i / local_bias_count(s);  // output: of [p,q,k]
  const int q = int(output / s.K % conv_Q(s));
  const int p = int(output / s.K / conv_Q(s));
  float sum = 0.f;
  for (int r = 0; r < s.R; ++r) {
    const int h = p * s.stride + r - s.pad;
    if (h < 0 || h >= s.H) continue;
    for (int ss = 0; ss < s.S; ++ss) {
      const int ww = q * s.stride + ss - s.pad;
      if (ww < 0 || ww >= s.W) continue;
      const float* pixel = x + ((n * s.H + h) * s.W + ww) * s.C;        // [C]
      const float* filter = w + ((output * s.R + r) * s.S + ss) * s.C;  // [C]
      for (int c = 0; c < s.C; ++c) sum += pixel[c] * filter[c];
    }
  }
  y[i] = apply_epilogue(epilogue, sum, output, i, y);
}

Status launch_direct(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                     Stream stream) {
  return launch(local_fprop_direct, blocks_for(conv_y_count(s), kThreads), kThreads, 0, stream, s, x, w, y, epilogue);
}

}  // namespace

ALEXNET_VARIANT(LocalFprop, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
