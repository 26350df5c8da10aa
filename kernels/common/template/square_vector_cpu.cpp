// square vector: both passes on the CPU, eight values at a time.
// Math     square.h.
// Shapes   as in square.h.
// Cost     8 bytes per value (fprop), 12 (bprop); memory-bound.
// Launch   threads divide the values.
// Valid    any count; in place. The same bits as every other variant.
// Measured not yet
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "square/square.h"

namespace alexnet {
namespace {

Status launch_fprop_vector(const SquareShape& s, const float* x, float* y, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 v = lanes.load(x + i);
      lanes.store(y + i, _mm256_mul_ps(v, v));
    });
  });
  return {};
}

Status launch_bprop_vector(const SquareShape& s, const float* x, const float* dy, float* dx, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 twice = _mm256_mul_ps(_mm256_set1_ps(2.f), lanes.load(x + i));
      lanes.store(dx + i, _mm256_mul_ps(twice, lanes.load(dy + i)));
    });
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT(SquareFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT(SquareBprop, "vector", prefers<2>, launch_bprop_vector)

}  // namespace alexnet
