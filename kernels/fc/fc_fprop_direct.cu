// fc_fprop_direct: fully connected layer with epilogue, one thread per output element.
// Math     y[n,k] = dropout(relu((accumulate ? y : 0) + sum over c of x[n,c] * w[k,c] + bias[k]))
// Shapes   x: [N,C], w: [K,C], bias: [K] or null, y: [N,K]; float32, no aliasing
// Units    none
// Cost     2*C FLOP per output; every weight is read N times: bound by cache traffic
// Launch   kThreads per block; thread i owns flat element i of [n,k]. No shared memory, no workspace
// Valid    validate_fc. Sum ascends in c: bit-reproducible on one kind of device
// Measured not yet
#include "common/epilogue.cuh"
#include "common/launch.cuh"
#include "fc/fc.h"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void fc_fprop_direct(FcShape s, const float* x, const float* w, float* y, Epilogue epilogue) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i >= int64_t(s.N) * s.K) return;
  const int64_t n = i / s.K, k = i % s.K;
  const float* row = x + n * s.C;     // [C]
  const float* filter = w + k * s.C;  // [C]
  float sum = 0.f;
  for (int c = 0; c < s.C; ++c) sum += row[c] * filter[c];
  y[i] = apply_epilogue(epilogue, sum, k, i, y);
}

Status launch_direct(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                     Stream stream) {
  return launch(fc_fprop_direct, blocks_for(int64_t(s.N) * s.K, kThreads), kThreads, 0, stream, s, x, w, y, epilogue);
}

}  // namespace

ALEXNET_VARIANT(FcFprop, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
