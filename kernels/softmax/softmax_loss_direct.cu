// softmax_loss_direct: probabilities, metrics and gradient of each row of logits, one warp per row.
// Math     p = softmax(logits); metrics = (-log p[label], share(1), share(5)); dlogits = scale * (p - one_hot(label))
// Shapes   logits, probabilities, dlogits: [N,C] float32, labels: int32[N], metrics: [N,3]; dlogits may be null;
//          probabilities or dlogits may be logits. In `direct_bf16` logits and dlogits are bf16, so that only the
//          latter may be the former
// Units    loss in nats; shares from 0 to 1; scale: 1/N for the gradient of the batch's mean loss
// Cost     4 bytes read and 8 written per element, in bf16 2 and 6, if a row stays in cache, 2 expf; bound by latency
//          for AlexNet's 128 rows of 1000
// Launch   kThreads per block; warp i owns row i, lane l the classes l, l + 32, ... No shared memory, no workspace
// Valid    validate_softmax. Same order of additions as softmax_fprop_direct: the bits of the three direct passes. NaN
//          as in softmax.h
// Measured not yet
#include "common/bf16.h"
#include "common/reduce.cuh"
#include "softmax/softmax_metrics.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = kThreads / 32;

template <class T>
__global__ void softmax_loss_direct(SoftmaxShape s, const T* logits, const int32_t* labels, float scale,
                                    float* probabilities, float* metrics, T* dlogits) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.x / 32;
  if (row >= s.N) return;  // the whole warp
  const int lane = int(threadIdx.x % 32), label = labels[row];
  const bool valid = label >= 0 && label < s.C;
  const T* x = logits + row * s.C;  // [C]
  float maximum = -INFINITY;
  for (int c = lane; c < s.C; c += 32) maximum = fmaxf(maximum, float(x[c]));
  maximum = warp_max(maximum);
  float sum = 0.f;
  for (int c = lane; c < s.C; c += 32) sum += expf(float(x[c]) - maximum);
  const float own_logit = valid ? float(x[label]) : NAN;
  sum = warp_sum(sum);  // after it lanes write over logits: each has read the label's
  const float own = expf(own_logit - maximum) / sum;
  int better = 0, equal = 0;
  for (int c = lane; c < s.C; c += 32) {
    const float p = expf(float(x[c]) - maximum) / sum;
    better += p > own;
    equal += p == own;
    probabilities[row * s.C + c] = p;
    if (dlogits != nullptr) dlogits[row * s.C + c] = T(valid ? scale * (p - (c == label ? 1.f : 0.f)) : NAN);
  }
  better = warp_sum(better);
  equal = warp_sum(equal);
  if (lane == 0) write_metrics(own, better, equal, metrics + row * 3);
}

Status launch_direct(const SoftmaxShape& s, const float* logits, const int32_t* labels, float scale,
                     float* probabilities, float* metrics, float* dlogits, Stream stream) {
  return launch(softmax_loss_direct<float>, blocks_for(s.N, kRows), kThreads, 0, stream, s, logits, labels, scale,
                probabilities, metrics, dlogits);
}

Status launch_direct_bf16(const SoftmaxShape& s, const float* logits, const int32_t* labels, float scale,
                          float* probabilities, float* metrics, float* dlogits, Stream stream) {
  return launch(softmax_loss_direct<Bf16>, blocks_for(s.N, kRows), kThreads, 0, stream, s, as_bf16(logits), labels,
                scale, probabilities, metrics, as_bf16(dlogits));
}

}  // namespace

ALEXNET_VARIANT(SoftmaxLoss, "direct", prefers<1>, launch_direct)
ALEXNET_VARIANT_OF(Precision::kBf16, SoftmaxLoss, "direct_bf16", prefers<1>, launch_direct_bf16)

}  // namespace alexnet
