// softmax_metrics_direct: log-loss, top-1 and top-5 share of each row, one warp per row.
// Math     better = classes with p > p[label], equal = classes with p == p[label] (the label included);
//          metrics[n] = (-log p[label], share(1), share(5)), share(t) = better >= t ? 0 : min(1, (t - better) / equal)
// Shapes   probabilities: [N,C] float32, labels: int32[N], metrics: [N,3] float32; no aliasing
// Units    loss in nats; shares from 0 to 1
// Cost     4 bytes and 2 comparisons per element; bound by latency
// Launch   kThreads per block; warp i owns row i, lane l the classes l, l + 32, ... No shared memory, no workspace
// Valid    validate_softmax. Label outside [0, C) or p[label] NaN: all three NaN. Shares: same bits on every kind of
//          device. p[label] = 0 gives +infinity
// Measured not yet
#include "common/reduce.cuh"
#include "softmax/softmax_metrics.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = kThreads / 32;

__global__ void softmax_metrics_direct(SoftmaxShape s, const float* probabilities, const int32_t* labels,
                                       float* metrics) {
  const int64_t row = int64_t(blockIdx.x) * kRows + threadIdx.x / 32;
  if (row >= s.N) return;  // the whole warp
  const int lane = int(threadIdx.x % 32), label = labels[row];
  const float* p = probabilities + row * s.C;  // [C]
  const float own = label >= 0 && label < s.C ? p[label] : NAN;
  int better = 0, equal = 0;
  for (int c = lane; c < s.C; c += 32) {
    better += p[c] > own;
    equal += p[c] == own;
  }
  better = warp_sum(better);
  equal = warp_sum(equal);
  if (lane == 0) write_metrics(own, better, equal, metrics + row * 3);
}

Status launch_direct(const SoftmaxShape& s, const float* probabilities, const int32_t* labels, float* metrics,
                     Stream stream) {
  return launch(softmax_metrics_direct, blocks_for(s.N, kRows), kThreads, 0, stream, s, probabilities, labels, metrics);
}

}  // namespace

ALEXNET_VARIANT(SoftmaxMetrics, "direct", prefers<1>, launch_direct)

}  // namespace alexnet
