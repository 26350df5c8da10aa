// softmax_metrics: a row's three metrics from what was counted of it (softmax.h).
#ifndef ALEXNET_SOFTMAX_METRICS_CUH
#define ALEXNET_SOFTMAX_METRICS_CUH

#include "common/launch.cuh"
#include "softmax/softmax.h"

namespace alexnet {

__device__ inline float label_share(int better, int equal, int t) {
  if (better >= t) return 0.f;
  return t - better >= equal ? 1.f : float(t - better) / float(equal);
}

// `own` is p[label], or NaN for a label outside [0, C); `metrics` are the row's three.
__device__ inline void write_metrics(float own, int better, int equal, float* metrics) {
  const bool valid = own == own;  // not NaN
  metrics[0] = valid ? -logf(own) : NAN;
  metrics[1] = valid ? label_share(better, equal, 1) : NAN;
  metrics[2] = valid ? label_share(better, equal, 5) : NAN;
}

}  // namespace alexnet

#endif  // ALEXNET_SOFTMAX_METRICS_CUH
