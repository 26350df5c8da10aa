// fc_dgrad_direct: gradient of the loss with respect to a fully connected layer's input, one thread per element.
// Math     dx[n,c] = sum over k of dy[n,k] * w[k,c]; 0 where mask <= 0
// Shapes   dy: [N,K], w: [K,C], mask: [N,C] or null, dx: [N,C]; float32, no aliasing
// Units    none
// Cost     2*K FLOP per element; every weight is read N times: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,c]. No shared memory, no workspace
// Valid    validate_fc. Sum ascends in k: bit-reproducible on one kind of device
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "fc/fc.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void fc_dgrad_direct(FcShape s, const float* dy, const float* w, const float* mask, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.N) * s.C) return;
  const int64_t n = i / s.C, c = i % s.C;
  float sum = 0.f;
  for (int64_t k = 0; k < s.K; ++k) sum += dy[n * s.K + k] * w[k * s.C + c];
  dx[i] = apply_mask(mask, i, sum);
}

Status launch_direct(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  return launch(fc_dgrad_direct, blocks_for(int64_t(s.N) * s.C, kThreads), kThreads, 0, stream, s, dy, w, mask, dx);
}

}  // namespace

ALEXNET_VARIANT(FcDgrad, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
