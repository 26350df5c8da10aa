// sigmoid vector: both passes, eight values at a time.
// Math     sigmoid.h, with e = exp(-min(|x|, 87)) = 2^n * (1 + r + r^2 * P(r)), |r| <= ln(2) / 2, P of degree 4, which
//          is a minimax fit of tanh's author. Below -87, y is exp(-87), less than 2^-125.
// Shapes   as in sigmoid.h.
// Cost     8 bytes per value (fprop), 12 (bprop), in bf16 half of it; about 20 operations on eight values (fprop).
// Launch   threads divide the values.
// Valid    any count; in place. The polynomial and the roundings add up to less than 8 * 2^-24 relatively.
// Measured not yet
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "sigmoid.h"

namespace alexnet {
namespace {

ALEXNET_INLINE __m256 constant(float value) { return _mm256_set1_ps(value); }

// exp(-a) for a in [0, 87].
ALEXNET_INLINE __m256 exp_of_minus(__m256 a) {
  const __m256 x = _mm256_sub_ps(_mm256_setzero_ps(), a);
  const __m256 n = _mm256_round_ps(_mm256_mul_ps(x, constant(1.44269504f)), _MM_FROUND_TO_NEAREST_INT);
  // ln(2) in two parts, the first with few bits, so that n * ln(2) is exact enough.
  const __m256 r = _mm256_fnmadd_ps(n, constant(-2.12194440e-4f), _mm256_fnmadd_ps(n, constant(0.693359375f), x));
  __m256 p = constant(0.0013950602f);
  p = _mm256_fmadd_ps(p, r, constant(0.008368953f));
  p = _mm256_fmadd_ps(p, r, constant(0.041666206f));
  p = _mm256_fmadd_ps(p, r, constant(0.16666518f));
  p = _mm256_fmadd_ps(p, r, constant(0.5f));
  const __m256 one_to_two = _mm256_fmadd_ps(_mm256_mul_ps(r, r), p, _mm256_add_ps(r, constant(1.f)));
  const __m256i power = _mm256_slli_epi32(_mm256_cvtps_epi32(n), 23);
  return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(one_to_two), power));
}

ALEXNET_INLINE __m256 sigmoid_lanes(__m256 x) {
  const __m256 a = _mm256_andnot_ps(constant(-0.f), x);
  const __m256 e = exp_of_minus(_mm256_min_ps(constant(87.f), a));  // of a NaN, the NaN
  const __m256 one = constant(1.f);
  const __m256 above = _mm256_blendv_ps(one, e, x);  // e where x has the sign bit
  return _mm256_div_ps(above, _mm256_add_ps(one, e));
}

template <class T>
void fprop(const SigmoidShape& s, const T* x, T* y, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) { lanes.store(y + i, sigmoid_lanes(lanes.load(x + i))); });
  });
}

template <class T>
void bprop(const SigmoidShape& s, const T* y, const T* dy, T* dx, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 v = lanes.load(y + i);
      lanes.store(dx + i, _mm256_mul_ps(_mm256_mul_ps(lanes.load(dy + i), v), _mm256_sub_ps(constant(1.f), v)));
    });
  });
}

Status launch_fprop_vector(const SigmoidShape& s, const float* x, float* y, Stream stream) {
  fprop(s, x, y, stream);
  return {};
}

Status launch_fprop_bf16(const SigmoidShape& s, const float* x, float* y, Stream stream) {
  fprop(s, as_bf16(x), as_bf16(y), stream);
  return {};
}

Status launch_bprop_vector(const SigmoidShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  bprop(s, y, dy, dx, stream);
  return {};
}

Status launch_bprop_bf16(const SigmoidShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  bprop(s, as_bf16(y), as_bf16(dy), as_bf16(dx), stream);
  return {};
}

}  // namespace

ALEXNET_VARIANT(SigmoidFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT(SigmoidBprop, "vector", prefers<2>, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, SigmoidFprop, "vector_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, SigmoidBprop, "vector_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
