// tanh vector: both passes, eight values at a time.
// Math     tanh.h. With a = |x|: below 0.6, tanh = a + a^3 * Q(a^2), Q of degree 4, off by at most 2^-28; from there on
//          tanh = (1 - e) / (1 + e), e = exp(-2a) = 2^n * (1 + r + r^2 * P(r)), |r| <= ln(2) / 2, P of degree 4. Both
//          polynomials are minimax fits of this file's author.
// Shapes   as in tanh.h.
// Cost     8 bytes per value (fprop), 12 (bprop), in bf16 half of it; about 30 operations on eight values (fprop).
// Launch   threads divide the values.
// Valid    any count; in place. The polynomials and roundings add up to less than 8 * 2^-24 relatively.
// Measured one core of an Intel Xeon, 2026-11-26: conv1, 32 images of one tower: fprop 3.9 ms, bprop 4.2
//          (relu: 3.1, 4.0).
#include "common/lanes_cpu.h"
#include "common/parallel_cpu.h"
#include "tanh.h"

namespace alexnet {
namespace {

ALEXNET_INLINE __m256 constant(float value) { return _mm256_set1_ps(value); }

// a + a^3 * Q(a^2) for a in [0, 0.6].
ALEXNET_INLINE __m256 tanh_of_small(__m256 a) {
  const __m256 square = _mm256_mul_ps(a, a);
  __m256 q = constant(-0.005905868f);
  q = _mm256_fmadd_ps(q, square, constant(0.020805385f));
  q = _mm256_fmadd_ps(q, square, constant(-0.053786684f));
  q = _mm256_fmadd_ps(q, square, constant(0.13331959f));
  q = _mm256_fmadd_ps(q, square, constant(-0.333333f));
  return _mm256_fmadd_ps(_mm256_mul_ps(a, square), q, a);
}

// exp(-2a) for a in [0, 10].
ALEXNET_INLINE __m256 exp_of_minus_twice(__m256 a) {
  const __m256 x = _mm256_mul_ps(constant(-2.f), a);
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

ALEXNET_INLINE __m256 tanh_lanes(__m256 x) {
  const __m256 sign_bit = constant(-0.f);
  const __m256 a = _mm256_andnot_ps(sign_bit, x);
  const __m256 bounded = _mm256_min_ps(constant(10.f), a);  // of a NaN, the NaN; tanh(10) rounds to 1
  const __m256 e = exp_of_minus_twice(bounded);
  const __m256 one = constant(1.f);
  const __m256 large = _mm256_div_ps(_mm256_sub_ps(one, e), _mm256_add_ps(one, e));
  const __m256 is_large = _mm256_cmp_ps(a, constant(0.6f), _CMP_GE_OQ);
  const __m256 y = _mm256_blendv_ps(tanh_of_small(a), large, is_large);  // a NaN takes the first, and stays
  return _mm256_or_ps(y, _mm256_and_ps(sign_bit, x));
}

template <class T>
void fprop(const TanhShape& s, const T* x, T* y, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) { lanes.store(y + i, tanh_lanes(lanes.load(x + i))); });
  });
}

template <class T>
void bprop(const TanhShape& s, const T* y, const T* dy, T* dx, Stream stream) {
  parallel_for(stream.cores, s.count, 1, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) {
      const __m256 v = lanes.load(y + i);
      lanes.store(dx + i, _mm256_mul_ps(lanes.load(dy + i), _mm256_fnmadd_ps(v, v, constant(1.f))));
    });
  });
}

Status launch_fprop_vector(const TanhShape& s, const float* x, float* y, Stream stream) {
  fprop(s, x, y, stream);
  return {};
}

Status launch_fprop_bf16(const TanhShape& s, const float* x, float* y, Stream stream) {
  fprop(s, as_bf16(x), as_bf16(y), stream);
  return {};
}

Status launch_bprop_vector(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  bprop(s, y, dy, dx, stream);
  return {};
}

Status launch_bprop_bf16(const TanhShape& s, const float* y, const float* dy, float* dx, Stream stream) {
  bprop(s, as_bf16(y), as_bf16(dy), as_bf16(dx), stream);
  return {};
}

}  // namespace

ALEXNET_VARIANT(TanhFprop, "vector", prefers<2>, launch_fprop_vector)
ALEXNET_VARIANT(TanhBprop, "vector", prefers<2>, launch_bprop_vector)
ALEXNET_VARIANT_OF(Precision::kBf16, TanhFprop, "vector_bf16", prefers<2>, launch_fprop_bf16)
ALEXNET_VARIANT_OF(Precision::kBf16, TanhBprop, "vector_bf16", prefers<2>, launch_bprop_bf16)

}  // namespace alexnet
