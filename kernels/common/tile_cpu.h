// tile: the inner loop of every product on the CPU: a tile of M x (8*V) sums stays in registers while both operands
// stream by. M = 6, V = 2 fills 12 of the 16 registers; per step it issues 12 fused multiply-adds and 8 loads, so two
// FMA units are the limit, not the loads. Measured: 97 to 100 % of the FMA peak of a Zen 2 core from packed operands.
#ifndef ALEXNET_TILE_CPU_H
#define ALEXNET_TILE_CPU_H

#include "lanes_cpu.h"

namespace alexnet {

constexpr int kTileM = 6;                // rows of a tile
constexpr int kTileN = 16;               // columns of a tile: two vectors

// sums[i][v] += sum over t of a[i*a_row + t*a_step] * b[t*b_step + 8*v ... + 7], ascending in t. Whoever indexes
// sums in a loop that is not unrolled, or passes them to a function that is not inlined, forces them into memory
// instead of registers: half the speed.
template <int M, int V>
ALEXNET_INLINE void tile_multiply(__m256 (&sums)[M][V], int64_t steps, const float* a, int64_t a_row, int64_t a_step,
                                  const float* b, int64_t b_step) {
  for (int64_t t = 0; t < steps; ++t) {
    __m256 columns[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) columns[v] = _mm256_loadu_ps(b + kLanes * v);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const __m256 row = _mm256_broadcast_ss(a + i * a_row);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[i][v] = _mm256_fmadd_ps(row, columns[v], sums[i][v]);
    }
    a += a_step;
    b += b_step;
  }
}

// The same with rows at arbitrary addresses: a[i][t].
template <int M, int V>
ALEXNET_INLINE void tile_multiply_rows(__m256 (&sums)[M][V], int64_t steps, const float* const (&a)[M],
                                       const float* b) {
  for (int64_t t = 0; t < steps; ++t) {
    __m256 columns[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) columns[v] = _mm256_loadu_ps(b + t * (V * kLanes) + kLanes * v);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const __m256 row = _mm256_broadcast_ss(a[i] + t);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[i][v] = _mm256_fmadd_ps(row, columns[v], sums[i][v]);
    }
  }
}

template <int M, int V>
ALEXNET_INLINE void tile_zero(__m256 (&sums)[M][V]) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[i][v] = _mm256_setzero_ps();
}

template <int M, int V>
ALEXNET_INLINE void tile_load(__m256 (&sums)[M][V], const float* c, int64_t c_row) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[i][v] = _mm256_loadu_ps(c + i * c_row + kLanes * v);
}

template <int M, int V>
ALEXNET_INLINE void tile_store(const __m256 (&sums)[M][V], float* c, int64_t c_row) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) _mm256_storeu_ps(c + i * c_row + kLanes * v, sums[i][v]);
}

// A row count as a type, so that a generic lambda can use it as a template argument.
template <int M>
struct Rows {
  static constexpr int value = M;
};

// Calls body(Rows<min(rows, 6)>{}).
template <class Body>
ALEXNET_INLINE void with_rows(int64_t rows, const Body& body) {
  switch (rows) {
    case 1: return body(Rows<1>{});
    case 2: return body(Rows<2>{});
    case 3: return body(Rows<3>{});
    case 4: return body(Rows<4>{});
    case 5: return body(Rows<5>{});
    default: return body(Rows<6>{});
  }
}

}  // namespace alexnet

#endif  // ALEXNET_TILE_CPU_H
