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
#include "common/launch.cuh"
#include "softmax/softmax.h"

namespace alexnet {
namespace {

constexpr int kThreads = 128;
constexpr int kRows = kThreads / 32;
constexpr unsigned kWholeWarp = 0xffffffffu;

__device__ float share(int better, int equal, int t) {
  if (better >= t) return 0.f;
  return t - better >= equal ? 1.f : float(t - better) / float(equal);
}

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
  for (int bit = 16; bit > 0; bit /= 2) {
    better += __shfl_xor_sync(kWholeWarp, better, bit);
    equal += __shfl_xor_sync(kWholeWarp, equal, bit);
  }
  if (lane != 0) return;
  const bool valid = own == own;  // not NaN
  metrics[row * 3] = valid ? -logf(own) : NAN;
  metrics[row * 3 + 1] = valid ? share(better, equal, 1) : NAN;
  metrics[row * 3 + 2] = valid ? share(better, equal, 5) : NAN;
}

int prefer_direct(const SoftmaxShape&) { return 1; }

Status launch_direct(const SoftmaxShape& s, const float* probabilities, const int32_t* labels, float* metrics,
                     Stream stream) {
  return launch(softmax_metrics_direct, blocks_for(s.N, kRows), kThreads, 0, stream, s, probabilities, labels, metrics);
}

}  // namespace

ALEXNET_VARIANT(SoftmaxMetrics, "direct", prefer_direct, launch_direct)

}  // namespace alexnet
