// lanes: eight floats at a time on the CPU (AVX2), with one code path for whole vectors and for the tail of an array.
// Only *_cpu.cpp files include this header: it needs -mavx2 -mfma.
#ifndef ALEXNET_LANES_CPU_H
#define ALEXNET_LANES_CPU_H

#include <immintrin.h>
#include <stdint.h>

namespace alexnet {

#define ALEXNET_INLINE inline __attribute__((always_inline))

constexpr int kLanes = 8;

// All eight lanes of the vector at p.
struct WholeLanes {
  ALEXNET_INLINE __m256 load(const float* p) const { return _mm256_loadu_ps(p); }
  ALEXNET_INLINE void store(float* p, __m256 v) const { _mm256_storeu_ps(p, v); }
};

// The lanes [first, last) of the vector at p; the others read as 0, are not touched in memory and cannot fault.
struct SomeLanes {
  __m256i mask;
  SomeLanes(int64_t first, int64_t last) {
    const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const int low = int(first < 0 ? 0 : first > kLanes ? kLanes : first);
    const int high = int(last < 0 ? 0 : last > kLanes ? kLanes : last);
    mask = _mm256_andnot_si256(_mm256_cmpgt_epi32(_mm256_set1_epi32(low), lane),
                               _mm256_cmpgt_epi32(_mm256_set1_epi32(high), lane));
  }
  ALEXNET_INLINE __m256 load(const float* p) const { return _mm256_maskload_ps(p, mask); }
  ALEXNET_INLINE void store(float* p, __m256 v) const { _mm256_maskstore_ps(p, mask, v); }
};

// Calls body(lanes, i) for i = first, first + 8, ...; the last call may have fewer lanes.
template <class Body>
ALEXNET_INLINE void for_lanes(int64_t first, int64_t last, const Body& body) {
  int64_t i = first;
  for (; i + kLanes <= last; i += kLanes) body(WholeLanes{}, i);
  if (i < last) body(SomeLanes(0, last - i), i);
}

// Rows become columns: r[i] lane j <-> r[j] lane i.
ALEXNET_INLINE void transpose_lanes(__m256 (&r)[8]) {
  __m256 t[8], u[8];
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

}  // namespace alexnet

#endif  // ALEXNET_LANES_CPU_H
