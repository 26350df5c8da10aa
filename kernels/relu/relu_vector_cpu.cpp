// relu vector: both passes, eight values at a time.
// Math     relu.h.
// Cost     8 bytes per value (fprop), 12 (bprop); bound by memory.
// Launch   threads divide the values.
// Valid    any count; in place. max(0, x) returns x when x is NaN or -0: the bits of relu.h.
// Measured one Zen 2 core: bprop of conv1, 32 images of one tower: 2.7 ms, 20 GB/s.
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "relu.h"

namespace alexnet {
namespace {

constexpr int64_t kGrain = 1 << 14;

Status launch_fprop_vector(const ReluShape& s, const float* x, float* y, Stream stream) {
  parallel_for(stream.cores, s.count, kGrain, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      lanes.store(y + i, _mm256_max_ps(_mm256_setzero_ps(), lanes.load(x + i)));
    });
  });
  return {};
}

Status launch_bprop_vector(const ReluShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  parallel_for(stream.cores, s.count, kGrain, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 active = _mm256_cmp_ps(lanes.load(y + i), _mm256_setzero_ps(), _CMP_GT_OQ);
      lanes.store(dx + i, _mm256_and_ps(active, lanes.load(dy + i)));
    });
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT(ReluFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT(ReluBprop, "vector", prefers<2>, launch_bprop_vector)

}  // namespace alexnet
