// fc_wgrad_direct: gradient of the loss with respect to a fully connected layer's weights, one thread per weight.
// Math     dw[k,c] = sum over n of dy[n,k] * x[n,c]; db[k] = sum over n of dy[n,k]
// Shapes   x: [N,C], dy: [N,K], dw: [K,C], db: [K] or null; float32, no aliasing
// Units    none
// Cost     2*N FLOP and 4 bytes written per weight: bound by memory for small N
// Launch   kThreads per block; thread i owns flat element i of [k,c], those with c = 0 also db[k]. No shared memory,
//          no workspace
// Valid    validate_fc. Sum ascends in n: bit-reproducible on one kind of device
// Measured not yet
#include "common/launch.cuh"
#include "fc/fc.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void fc_wgrad_direct(FcShape s, const float* x, const float* dy, float* dw, float* db) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.K) * s.C) return;
  const int64_t k = i / s.C, c = i % s.C;
  float sum = 0.f;
  for (int64_t n = 0; n < s.N; ++n) sum += dy[n * s.K + k] * x[n * s.C + c];
  dw[i] = sum;
  if (db == nullptr || c != 0) return;
  float column = 0.f;
  for (int64_t n = 0; n < s.N; ++n) column += dy[n * s.K + k];
  db[k] = column;
}

Status launch_direct(const FcShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return launch(fc_wgrad_direct, blocks_for(int64_t(s.K) * s.C, kThreads), kThreads, 0, stream, s, x, dy, dw, db);
}

}  // namespace

ALEXNET_VARIANT(FcWgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
