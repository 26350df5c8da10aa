// lanes of AVX-512: sixteen floats. lanes_cpu.h includes this file; nothing else does.
#ifndef ALEXNET_LANES_16_CPU_H
#define ALEXNET_LANES_16_CPU_H

#define ALEXNET_LANES lanes16

namespace alexnet {
inline namespace ALEXNET_LANES {

using Vector = __m512;
constexpr int kLanes = 16;

ALEXNET_INLINE Vector vector_zero() { return _mm512_setzero_ps(); }
ALEXNET_INLINE Vector vector_of(float f) { return _mm512_set1_ps(f); }
ALEXNET_INLINE Vector vector_load(const float* p) { return _mm512_loadu_ps(p); }
ALEXNET_INLINE void vector_store(float* p, Vector v) { _mm512_storeu_ps(p, v); }
ALEXNET_INLINE Vector vector_load(const Bf16* p) {
  const __m512i bits = _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
  return _mm512_castsi512_ps(_mm512_slli_epi32(bits, 16));
}
ALEXNET_INLINE void vector_store(Bf16* p, Vector v) {  // rounds as bf16.h says
  const __m512i bits = _mm512_castps_si512(v),
                odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  const __m512i nearest = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  const __mmask16 is_nan = _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q);
  const __m512i rounded = _mm512_mask_or_epi32(nearest, is_nan, bits, _mm512_set1_epi32(0x400000));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded, 16)));
}
ALEXNET_INLINE Vector vector_tf32(Vector v) {  // rounds as rounding.h says
  const __m512i bits = _mm512_castps_si512(v), nearest = _mm512_add_epi32(bits, _mm512_set1_epi32(0x1000));
  const __mmask16 is_number = _mm512_cmp_ps_mask(v, v, _CMP_ORD_Q);
  return _mm512_castsi512_ps(_mm512_mask_and_epi32(bits, is_number, nearest, _mm512_set1_epi32(int(0xffffe000u))));
}
ALEXNET_INLINE void vector_stream(float* p, Vector v) { _mm512_stream_ps(p, v); }  // p is aligned to a vector
ALEXNET_INLINE Vector vector_add(Vector a, Vector b) { return _mm512_add_ps(a, b); }
ALEXNET_INLINE Vector vector_subtract(Vector a, Vector b) { return _mm512_sub_ps(a, b); }
ALEXNET_INLINE Vector vector_multiply(Vector a, Vector b) { return _mm512_mul_ps(a, b); }
ALEXNET_INLINE Vector vector_max(Vector a, Vector b) { return _mm512_max_ps(a, b); }
ALEXNET_INLINE Vector vector_fma(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }  // a*b + c
ALEXNET_INLINE Vector vector_fms(Vector a, Vector b, Vector c) { return _mm512_fmsub_ps(a, b, c); }  // a*b - c

// v where mask > 0, elsewhere 0.
ALEXNET_INLINE Vector vector_where_positive(Vector mask, Vector v) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(mask, _mm512_setzero_ps(), _CMP_GT_OQ), v);
}

// v where `of` is finite, elsewhere 0.
ALEXNET_INLINE Vector vector_where_finite(Vector of, Vector v) {
  return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(_mm512_sub_ps(of, of), _mm512_setzero_ps(), _CMP_EQ_OQ), v);
}

// The lanes [first, last) of the vector at p; the others read as 0, are not touched in memory and cannot fault.
struct SomeLanes {
  __mmask16 mask;
  int low, high;
  SomeLanes(int64_t first, int64_t last) {
    low = int(first < 0 ? 0 : first > kLanes ? kLanes : first);
    high = int(last < 0 ? 0 : last > kLanes ? kLanes : last);
    mask = __mmask16(((1u << high) - 1) & ~((1u << low) - 1));
  }
  ALEXNET_INLINE Vector load(const float* p) const { return _mm512_maskz_loadu_ps(mask, p); }
  ALEXNET_INLINE void store(float* p, Vector v) const { _mm512_mask_storeu_ps(p, mask, v); }
  // AVX-512F masks no 16 bits: unless all are there, one by one.
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

// Rows become columns: r[i] lane j <-> r[j] lane i. First inside blocks of 4 x 4, then the blocks.
ALEXNET_INLINE void transpose_lanes(Vector (&r)[kLanes]) {
  Vector t[16], u[16];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 16; i += 4) {
    u[i] = _mm512_shuffle_ps(t[i], t[i + 2], 0x44);
    u[i + 1] = _mm512_shuffle_ps(t[i], t[i + 2], 0xee);
    u[i + 2] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    u[i + 3] = _mm512_shuffle_ps(t[i + 1], t[i + 3], 0xee);
  }
  // u[4*b + j] has column j, 4+j, 8+j and 12+j of the rows 4*b ... 4*b+3, in its four quarters.
#pragma GCC unroll 4
  for (int j = 0; j < 4; ++j) {
    const Vector a = _mm512_shuffle_f32x4(u[j], u[4 + j], 0x88), b = _mm512_shuffle_f32x4(u[8 + j], u[12 + j], 0x88);
    const Vector c = _mm512_shuffle_f32x4(u[j], u[4 + j], 0xdd), d = _mm512_shuffle_f32x4(u[8 + j], u[12 + j], 0xdd);
    r[j] = _mm512_shuffle_f32x4(a, b, 0x88);
    r[8 + j] = _mm512_shuffle_f32x4(a, b, 0xdd);
    r[4 + j] = _mm512_shuffle_f32x4(c, d, 0x88);
    r[12 + j] = _mm512_shuffle_f32x4(c, d, 0xdd);
  }
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_LANES_16_CPU_H
