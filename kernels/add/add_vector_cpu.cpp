// add vector: the sum of two arrays, eight values at a time.
// Math     add.h.
// Cost     12 bytes per value; bound by memory.
// Launch   threads divide the values.
// Valid    any count; in place. The same bits as every other variant.
// Measured one Zen 2 core: 20 million values 13 ms, 18 GB/s.
#include "add.h"
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"

namespace alexnet {
namespace {

constexpr int64_t kGrain = 1 << 14;

Status launch_fprop_vector(const AddShape& s, const float* a, const float* b, float* y, Stream stream) {
  parallel_for(stream.threads, s.count, kGrain, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      lanes.store(y + i, _mm256_add_ps(lanes.load(a + i), lanes.load(b + i)));
    });
  });
  return {};
}

int prefer_vector(const AddShape&) { return 2; }

}  // namespace

ALEXNET_VARIANT(AddFprop, "vector", prefer_vector, launch_fprop_vector)

}  // namespace alexnet
