// lanes of AVX2: eight floats. lanes_cpu.h includes this file; nothing else does.
#ifndef ALEXNET_LANES_8_CPU_H
#define ALEXNET_LANES_8_CPU_H

#define ALEXNET_LANES lanes8

namespace alexnet {
inline namespace ALEXNET_LANES {

using Vector = __m256;
constexpr int kLanes = 8;

ALEXNET_INLINE Vector vector_zero() { return _mm256_setzero_ps(); }
ALEXNET_INLINE Vector vector_of(float f) { return _mm256_set1_ps(f); }
ALEXNET_INLINE Vector vector_load(const float* p) { return _mm256_loadu_ps(p); }
ALEXNET_INLINE void vector_store(float* p, Vector v) { _mm256_storeu_ps(p, v); }
ALEXNET_INLINE Vector vector_load(const Bf16* p) {
  const __m256i bits = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  return _mm256_castsi256_ps(_mm256_slli_epi32(bits, 16));
}
ALEXNET_INLINE void vector_store(Bf16* p, Vector v) {  // rounds as bf16.h says
  const __m256i bits = _mm256_castps_si256(v),
                odd = _mm256_and_si256(_mm256_srli_epi32(bits, 16), _mm256_set1_epi32(1));
  const __m256i nearest = _mm256_add_epi32(_mm256_add_epi32(bits, _mm256_set1_epi32(0x7fff)), odd);
  const __m256i quiet = _mm256_or_si256(bits, _mm256_set1_epi32(0x400000));
  const __m256i is_nan = _mm256_castps_si256(_mm256_cmp_ps(v, v, _CMP_UNORD_Q));
  const __m256i high = _mm256_srli_epi32(_mm256_blendv_epi8(nearest, quiet, is_nan), 16);
  const __m128i packed = _mm_packus_epi32(_mm256_castsi256_si128(high), _mm256_extracti128_si256(high, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), packed);
}
ALEXNET_INLINE Vector vector_tf32(Vector v) {  // rounds as rounding.h says
  const __m256i nearest = _mm256_add_epi32(_mm256_castps_si256(v), _mm256_set1_epi32(0x1000));
  const __m256 cut = _mm256_castsi256_ps(_mm256_and_si256(nearest, _mm256_set1_epi32(int(0xffffe000u))));
  return _mm256_blendv_ps(cut, v, _mm256_cmp_ps(v, v, _CMP_UNORD_Q));
}
ALEXNET_INLINE void vector_stream(float* p, Vector v) { _mm256_stream_ps(p, v); }  // p is aligned to a vector
ALEXNET_INLINE Vector vector_add(Vector a, Vector b) { return _mm256_add_ps(a, b); }
ALEXNET_INLINE Vector vector_subtract(Vector a, Vector b) { return _mm256_sub_ps(a, b); }
ALEXNET_INLINE Vector vector_multiply(Vector a, Vector b) { return _mm256_mul_ps(a, b); }
ALEXNET_INLINE Vector vector_max(Vector a, Vector b) { return _mm256_max_ps(a, b); }
ALEXNET_INLINE Vector vector_fma(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }  // a*b + c
ALEXNET_INLINE Vector vector_fms(Vector a, Vector b, Vector c) { return _mm256_fmsub_ps(a, b, c); }  // a*b - c

// v where mask > 0, elsewhere 0.
ALEXNET_INLINE Vector vector_where_positive(Vector mask, Vector v) {
  return _mm256_and_ps(_mm256_cmp_ps(mask, _mm256_setzero_ps(), _CMP_GT_OQ), v);
}

// v where `of` is finite, elsewhere 0.
ALEXNET_INLINE Vector vector_where_finite(Vector of, Vector v) {
  return _mm256_and_ps(_mm256_cmp_ps(_mm256_sub_ps(of, of), _mm256_setzero_ps(), _CMP_EQ_OQ), v);
}

// The lanes [first, last) of the vector at p; the others read as 0, are not touched in memory and cannot fault.
struct SomeLanes {
  __m256i mask;
  int low, high;
  SomeLanes(int64_t first, int64_t last) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    low = int(first < 0 ? 0 : first > kLanes ? kLanes : first);
    high = int(last < 0 ? 0 : last > kLanes ? kLanes : last);
    mask = _mm256_andnot_si256(_mm256_cmpgt_epi32(_mm256_set1_epi32(low), lane),
                               _mm256_cmpgt_epi32(_mm256_set1_epi32(high), lane));
  }
  ALEXNET_INLINE Vector load(const float* p) const { return _mm256_maskload_ps(p, mask); }
  ALEXNET_INLINE void store(float* p, Vector v) const { _mm256_maskstore_ps(p, mask, v); }
  // Nothing masks 16 bits: unless all are there, one by one.
  ALEXNET_INLINE Vector load(const Bf16* p) const {
    if (low == 0 && high == kLanes) return vector_load(p);
    Bf16 some[kLanes] = {};
    for (int i = low; i < high; ++i) some[i] = p[i];
    return vector_load(some);
  }
  ALEXNET_INLINE void store(Bf16* p, Vector v) const {
    Bf16 some[kLanes];
    vector_store(some, v);
    for (int i = low; i < high; ++i) p[i] = some[i];
  }
};

// Rows become columns: r[i] lane j <-> r[j] lane i.
ALEXNET_INLINE void transpose_lanes(Vector (&r)[kLanes]) {
  Vector t[8], u[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    t[2 * i] = _mm256_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    u[4 * i] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0x44);
    u[4 * i + 1] = _mm256_shuffle_ps(t[4 * i], t[4 * i + 2], 0xee);
    u[4 * i + 2] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0x44);
    u[4 * i + 3] = _mm256_shuffle_ps(t[4 * i + 1], t[4 * i + 3], 0xee);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    r[i] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x20);
    r[i + 4] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x31);
  }
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_LANES_8_CPU_H
