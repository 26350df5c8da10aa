// add vector: the sum of two arrays, masked if asked, eight values at a time.
// Math     add.h.
// Cost     12 bytes per value, 16 with a mask; bound by memory.
// Launch   threads divide the values.
// Valid    any count; in place. The same bits as every other variant.
// Measured one Zen 2 core: 20 million values 13 ms, 18 GB/s.
#include "add.h"
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"

namespace alexnet {
namespace {

constexpr int64_t kGrain = 1 << 14;

Status launch_fprop_vector(const AddShape& s, const float* a, const float* b, const float* mask, float* y,
                           Stream stream) {
  parallel_for(stream.cores, s.count, kGrain, [&](int64_t first, int64_t last) {
    if (mask == nullptr) {
      for_lanes(first, last, [&](auto lanes, int64_t i) {
        lanes.store(y + i, _mm256_add_ps(lanes.load(a + i), lanes.load(b + i)));
      });
      return;
    }
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 positive = _mm256_cmp_ps(lanes.load(mask + i), _mm256_setzero_ps(), _CMP_GT_OQ);
      lanes.store(y + i, _mm256_and_ps(positive, _mm256_add_ps(lanes.load(a + i), lanes.load(b + i))));
    });
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT(AddFprop, "vector", prefers<2>, launch_fprop_vector)

}  // namespace alexnet
