// local_wgrad_direct: gradient of the loss with respect to a locally connected layer's filters, one thread per weight.
// Math     dw[p,q,k,r,s,c] = sum over n of x[n, p*stride + r - pad, q*stride + s - pad, c] * dy[n,p,q,k]; x is 0
//          outside the image. db[p,q,k] = sum over n of dy[n,p,q,k]
// Shapes   x: [N,H,W,C], dy: [N,P,Q,K], dw: [P,Q,K,R,S,C], db: [P,Q,K] or null; float32, no aliasing
// Units    none
// Cost     2*N FLOP and 4 bytes written per weight; a warp reads adjacent x and shares dy: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [p,q,k,r,s,c], the next P*Q*K threads own db. No shared
//          memory, no workspace
// Valid    validate_local. Sum ascends in n: bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "local/local.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void local_wgrad_direct(ConvShape s, const float* x, const float* dy, float* dw, float* db) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x, outputs = local_bias_count(s);
  float sum = 0.f;
  if (i >= local_w_count(s)) {
    const int64_t output = i - local_w_count(s);
    if (db == nullptr || output >= outputs) return;
    for (int64_t n = 0; n < s.N; ++n) sum += dy[n * outputs + output];
    db[output] = sum;
    return;
  }
  const int c = int(i % s.C);
  const int ss = int(i / s.C % s.S);
  const int r = int(i / s.C / s.S % s.R);
  const int64_t output = i / s.C / s.S / s.R;  // of [p,q,k]
  const int q = int(output / s.K % conv_Q(s));
  const int p = int(output / s.K / conv_Q(s));
  const int h = p * s.stride + r - s.pad, ww = q * s.stride + ss - s.pad;
  if (h >= 0 && h < s.H && ww >= 0 && ww < s.W) {
    for (int64_t n = 0; n < s.N; ++n) sum += x[((n * s.H + h) * s.W + ww) * s.C + c] * dy[n * outputs + output];
  }
  dw[i] = sum;
}

Status launch_direct(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const int64_t threads = local_w_count(s) + (db != nullptr ? local_bias_count(s) : 0);
  return launch(local_wgrad_direct, blocks_for(threads, kThreads), kThreads, 0, stream, s, x, dy, dw, db);
}

}  // namespace

ALEXNET_VARIANT(LocalWgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
