// softmax_fprop_direct: probabilities of each row of logits, one warp per row.
// Math     p[n,c] = exp(x[n,c] - m) / sum over j of exp(x[n,j] - m), m = max over j of x[n,j]
// Shapes   logits: [N,C] float32, in `direct_bf16` bf16; probabilities: [N,C] float32, may be logits of float32
// Units    none
// Cost     8 bytes, in bf16 6, per element if a row stays in cache, 2 expf; bound by latency for AlexNet's 128 rows of
//          1000
// Launch   kThreads per block; warp i owns row i, lane l the classes l, l + 32, ... No shared memory, no workspace
// Valid    validate_softmax. Sum per lane ascending, then over lanes as warp_sum: bit-reproducible on one kind
//          of device. A NaN makes the row NaN
// Measured not yet
#include "common/bf16.h"
#include "common/reduce.cuh"
#include "softmax/softmax.h"

namespace alexnet {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = kThreads / 32;

template <class T>
__global__ void softmax_fprop_direct(SoftmaxShape s, const T* logits, float* probabilities) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.x / 32;
  if (row >= s.N) return;  // the whole warp
  const int lane = int(threadIdx.x % 32);
  const T* x = logits + row * s.C;       // [C]
  float* p = probabilities + row * s.C;  // [C]
  float maximum = -INFINITY;
  for (int c = lane; c < s.C; c += 32) maximum = fmaxf(maximum, float(x[c]));
  maximum = warp_max(maximum);
  float sum = 0.f;
  for (int c = lane; c < s.C; c += 32) sum += expf(float(x[c]) - maximum);
  sum = warp_sum(sum);
  for (int c = lane; c < s.C; c += 32) p[c] = expf(float(x[c]) - maximum) / sum;
}

Status launch_direct(const SoftmaxShape& s, const float* logits, float* probabilities, Stream stream) {
  return launch(softmax_fprop_direct<float>, blocks_for(s.N, kRows), kThreads, 0, stream, s, logits, probabilities);
}

Status launch_direct_bf16(const SoftmaxShape& s, const float* logits, float* probabilities, Stream stream) {
  return launch(softmax_fprop_direct<Bf16>, blocks_for(s.N, kRows), kThreads, 0, stream, s, as_bf16(logits),
                probabilities);
}

}  // namespace

ALEXNET_VARIANT(SoftmaxFprop, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, SoftmaxFprop, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
