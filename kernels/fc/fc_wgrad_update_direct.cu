// fc_wgrad_update_direct: a fully connected layer's weight gradient, applied at once, one thread per weight.
// Math     g = sum over n of dy[n,k] * x[n,c]; v = momentum * v - decay * rate * w - rate * g; w = w + v.
//          db[k] = sum over n of dy[n,k]
// Shapes   x: [N,C], dy: [N,K], w, v: [K,C], db: [K] or null; float32, no aliasing
// Units    rate: learning rate; decay: per unit of rate
// Cost     2*N FLOP and 16 bytes per weight (24 with the gradient stored): bound by memory for small N
// Launch   kThreads per block; thread i owns flat element i of [k,c], those with c = 0 also db[k]. No shared memory
// Valid    validate_fc, validate_sgd. The bits of fc_wgrad_direct and then sgd_update (sgd.h has the rounding)
// Measured not yet
#include "common/launch.cuh"
#include "common/sgd.cuh"
#include "fc/fc.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void fc_wgrad_update_direct(FcShape s, SgdShape sgd, const StepSettings* settings, const float* x,
                                       const float* dy, float* w, float* v, float* db) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.K) * s.C) return;
  const int64_t k = i / s.C, c = i % s.C;
  float sum = 0.f;
  for (int64_t n = 0; n < s.N; ++n) sum += dy[n * s.K + k] * x[n * s.C + c];
  sgd_apply(sgd_rates(sgd, *settings), w + i, v + i, sum);
  if (db == nullptr || c != 0) return;
  float column = 0.f;
  for (int64_t n = 0; n < s.N; ++n) column += dy[n * s.K + k];
  db[k] = column;
}

Status launch_direct(const FcShape& s, const SgdShape& sgd, const StepSettings* settings, const float* x,
                     const float* dy, float* w, float* v, float* db, Stream stream) {
  return launch(fc_wgrad_update_direct, blocks_for(int64_t(s.K) * s.C, kThreads), kThreads, 0, stream, s, sgd, settings,
                x, dy, w, v, db);
}

}  // namespace

ALEXNET_VARIANT(FcWgradUpdate, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
