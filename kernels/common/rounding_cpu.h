// rounding on cpu: factors rounded into memory of their own; bound by memory.
#ifndef ALEXNET_ROUNDING_CPU_H
#define ALEXNET_ROUNDING_CPU_H

#include "common/lanes_cpu.h"
#include "common/rounding.h"
#include "common/variant.h"

namespace alexnet {
namespace {

// Eight values at a time, as rounding.h has one.
ALEXNET_INLINE __m256 tf32_lanes(__m256 v) {
  const __m256i bits = _mm256_add_epi32(_mm256_castps_si256(v), _mm256_set1_epi32(0x1000));
  const __m256 nearest = _mm256_castsi256_ps(_mm256_and_si256(bits, _mm256_set1_epi32(int(0xffffe000u))));
  return _mm256_blendv_ps(nearest, v, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}

template <Precision precision>
ALEXNET_INLINE __m256 rounded_lanes(__m256 v) {
  static_assert(precision == Precision::kTf32 || precision == Precision::kTf32x3, "others round nothing");
  const __m256 high = tf32_lanes(v);
  if constexpr (precision == Precision::kTf32) return high;
  const __m256 finite = _mm256_cmp_ps(_mm256_sub_ps(high, high), _mm256_setzero_ps(), _CMP_EQ_OQ);
  return _mm256_add_ps(high, _mm256_and_ps(finite, tf32_lanes(_mm256_sub_ps(v, high))));
}

Status round_factor(int64_t count, Precision precision, const float* from, float* to, Stream stream) {
  constexpr int64_t kChunk = 4096;
  parallel_for(stream.cores, (count + kChunk - 1) / kChunk, 8, [&](int64_t first, int64_t last) {
    const int64_t end = last * kChunk < count ? last * kChunk : count;
    for (int64_t i = first * kChunk; i < end; ++i) to[i] = rounded(precision, from[i]);
  });
  return {};
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_ROUNDING_CPU_H
