// conv_wgrad_direct: gradient of the loss with respect to a convolution's filters, one thread per weight.
// Math     dw[k,r,s,c] = sum over n, p, q of x[n, p*stride + r - pad, q*stride + s - pad, c'] * dy[n,p,q,k],
//          c' = (k / (K/G)) * C/G + c; x is 0 outside the image. db[k] = sum over n, p, q of dy[n,p,q,k]
// Shapes   x: [N,H,W,C], dy: [N,P,Q,K], dw: [K,R,S,C/G], db: [K] or null; float32, no aliasing
// Units    none
// Cost     2*N*P*Q FLOP per weight in one thread: long sums, few threads; bound by latency
// Launch   kThreads per block; thread i owns flat element i of [k,r,s,c], the next K threads own db. No shared memory,
//          no workspace
// Valid    validate_conv. Sum ascends in n, p, q: bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "conv/conv.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void conv_wgrad_direct(ConvShape s, const float* x, const float* dy, float* dw, float* db) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= conv_w_count(s)) {
    const int64_t filter = i - conv_w_count(s);
    if (db == nullptr || filter >= s.K) return;
    float sum = 0.f;
    for (int64_t j = filter; j < conv_y_count(s); j += s.K) sum += dy[j];
    db[filter] = sum;
    return;
  }
  const int depth = s.C / s.G;
  const int ss = int(i / depth % s.S);
  const int r = int(i / depth / s.S % s.R);
  const int k = int(i / depth / s.S / s.R);
  const int c = k / (s.K / s.G) * depth + int(i % depth);
  float sum = 0.f;
  for (int64_t n = 0; n < s.N; ++n) {
    for (int p = 0; p < conv_P(s); ++p) {
      const int h = p * s.stride + r - s.pad;
      if (h < 0 || h >= s.H) continue;
      for (int q = 0; q < conv_Q(s); ++q) {
        const int ww = q * s.stride + ss - s.pad;
        if (ww < 0 || ww >= s.W) continue;
        sum += x[((n * s.H + h) * s.W + ww) * s.C + c] * dy[((n * conv_P(s) + p) * conv_Q(s) + q) * s.K + k];
      }
    }
  }
  dw[i] = sum;
}

Status launch_direct(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const int64_t threads = conv_w_count(s) + (db != nullptr ? s.K : 0);
  return launch(conv_wgrad_direct, blocks_for(threads, kThreads), kThreads, 0, stream, s, x, dy, dw, db);
}

}  // namespace

ALEXNET_VARIANT(ConvWgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
