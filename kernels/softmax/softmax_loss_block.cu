// softmax_loss_block: probabilities, metrics and gradient of each row of logits, one block per row.
// Math     as softmax_loss_direct
// Shapes   logits, probabilities, dlogits: [N,C] float32, labels: int32[N], metrics: [N,3]; dlogits may be null;
//          probabilities or dlogits may be logits. In `block_bf16` logits and dlogits are bf16, so that only the latter
//          may be the former
// Units    loss in nats; shares from 0 to 1; scale: 1/N for the gradient of the batch's mean loss
// Cost     4 bytes read and 8 written per element, in bf16 2 and 6, one expf: 1.5 MB for 128 rows of 1000, 0.4 us at
//          4.3 TB/s (predicted); bound by latency, that of four meetings of a block
// Launch   kThreads per block; block i owns row i, thread t the classes t, t + kThreads, ... of which it keeps the
//          exponentials. Shared: a value of each warp; no workspace
// Valid    validate_softmax, C up to 1024. The sum runs over a thread, a warp, then the warps: p agrees with the other
//          variants within its rounding, not in every bit. NaN as in softmax.h
// Measured not yet
#include "common/bf16.h"
#include "common/reduce.cuh"
#include "softmax/softmax_metrics.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;
constexpr int kMost = 4;  // classes of a thread

// The sum over the block, in every thread.
template <class T>
__device__ T block_sum(T value, SharedPtr<T> of_warp) {
  value = warp_sum(value);
  if (threadIdx.x % 32 == 0) of_warp[threadIdx.x / 32] = value;
  __syncthreads();  // the warps' sums before they are added
  T sum = of_warp[0];
  for (int warp = 1; warp < kWarps; ++warp) {
    const T next = of_warp[warp];
    sum += next;
  }
  return sum;
}

template <class T>
__global__ void softmax_loss_block(SoftmaxShape s, const T* logits, const int32_t* labels, float scale,
                                   float* probabilities, float* metrics, T* dlogits) {
  __shared__ SharedArray<float, kWarps> maxima, sums;
  __shared__ SharedArray<int, kWarps> betters, equals;
  const int64_t row = blockIdx.x;
  const int thread = int(threadIdx.x), label = labels[row];
  const bool valid = label >= 0 && label < s.C;
  const T* x = logits + row * s.C;  // [C]
  float exponential[kMost];         // the logits first
  float maximum = -INFINITY;
  for (int i = 0; i < kMost; ++i) {
    const int c = thread + i * kThreads;
    exponential[i] = c < s.C ? float(x[c]) : -INFINITY;
    maximum = fmaxf(maximum, exponential[i]);
  }
  const float own_logit = valid ? float(x[label]) : NAN;
  maximum = warp_max(maximum);
  if (thread % 32 == 0) maxima[thread / 32] = maximum;
  __syncthreads();  // the warps' maxima before their reads; every read of logits before one is written over
  for (int warp = 0; warp < kWarps; ++warp) {
    const float next = maxima[warp];
    maximum = fmaxf(maximum, next);
  }
  float sum = 0.f;
  for (int i = 0; i < kMost; ++i) {
    exponential[i] = thread + i * kThreads < s.C ? expf(exponential[i] - maximum) : 0.f;
    sum += exponential[i];
  }
  sum = block_sum<float>(sum, sums);
  const float own = expf(own_logit - maximum) / sum;
  int better = 0, equal = 0;
  for (int i = 0; i < kMost; ++i) {
    const int c = thread + i * kThreads;
    if (c >= s.C) break;
    const float p = exponential[i] / sum;
    better += p > own;
    equal += p == own;
    probabilities[row * s.C + c] = p;
    if (dlogits != nullptr) dlogits[row * s.C + c] = T(valid ? scale * (p - (c == label ? 1.f : 0.f)) : NAN);
  }
  better = block_sum<int>(better, betters);
  equal = block_sum<int>(equal, equals);
  if (thread == 0) write_metrics(own, better, equal, metrics + row * 3);
}

int prefer_block(const SoftmaxShape& s, const Target&) { return s.C <= kMost * kThreads ? 2 : 0; }

Status launch_block(const SoftmaxShape& s, const float* logits, const int32_t* labels, float scale,
                    float* probabilities, float* metrics, float* dlogits, Stream stream) {
  return launch(softmax_loss_block<float>, dim3(unsigned(s.N)), kThreads, 0, stream, s, logits, labels, scale,
                probabilities, metrics, dlogits);
}

Status launch_block_bf16(const SoftmaxShape& s, const float* logits, const int32_t* labels, float scale,
                         float* probabilities, float* metrics, float* dlogits, Stream stream) {
  return launch(softmax_loss_block<Bf16>, dim3(unsigned(s.N)), kThreads, 0, stream, s, as_bf16(logits), labels, scale,
                probabilities, metrics, as_bf16(dlogits));
}

}  // namespace

ALEXNET_VARIANT(SoftmaxLoss, "block", prefer_block, launch_block)
ALEXNET_VARIANT_OF(Precision::kBf16, SoftmaxLoss, "block_bf16", prefer_block, launch_block_bf16)

}  // namespace alexnet
