// bias_grad_direct: column sums of a gradient, one thread per column.
// Math     db[k] = sum over rows of dy[row,k]
// Shapes   dy: [rows,K], in `direct_bf16` bf16, db: [K]; float32, no aliasing
// Units    none
// Cost     4 bytes, in bf16 2, and 1 FLOP per element of dy in only K threads: bound by latency
// Launch   kThreads per block; thread k owns column k. No shared memory, no workspace
// Valid    validate_bias. Sum ascends in rows: bit-reproducible
// Measured on an H200, 128 images, one tower, and share of the roofline: fc6 17 us 2 % (docs/measurements/gpu.md)
#include "bias/bias.h"
#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 128;

template <class T>
__global__ void bias_grad_direct(BiasShape s, const T* dy, float* db) {
  const int64_t k = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (k >= s.K) return;
  float sum = 0.f;
  for (int64_t row = 0; row < s.rows; ++row) sum += float(dy[row * s.K + k]);
  db[k] = sum;
}

Status launch_direct(const BiasShape& s, const float* dy, float* db, Stream stream) {
  return launch(bias_grad_direct<float>, blocks_for(s.K, kThreads), kThreads, 0, stream, s, dy, db);
}

Status launch_direct_bf16(const BiasShape& s, const float* dy, float* db, Stream stream) {
  return launch(bias_grad_direct<Bf16>, blocks_for(s.K, kThreads), kThreads, 0, stream, s, as_bf16(dy), db);
}

}  // namespace

ALEXNET_VARIANT(BiasGrad, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, BiasGrad, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
