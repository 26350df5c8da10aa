// tile: the inner loop of every product on the CPU: a tile of M x V vectors of sums stays in registers while both
// operands stream by.
//
//            tile            registers     per step
//   AVX2     6 x 2 vectors   12 of 16      12 fused multiply-adds, 8 loads
//   AVX-512  8 x 3 vectors   24 of 32      24 fused multiply-adds, 11 loads
//
// so two FMA units are the limit, not the loads. A sum is one lane, ascending in the steps: its bits do not depend on
// the width of the vectors. Measured: 97 to 100 % of the FMA peak of a Zen 2 core (AVX2) from packed operands.
#ifndef ALEXNET_TILE_CPU_H
#define ALEXNET_TILE_CPU_H

#include "lanes_cpu.h"
#include "variant.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

constexpr int kTileM = kLanes == 8 ? 6 : 8;  // rows of a tile
constexpr int kTileV = kLanes == 8 ? 2 : 3;  // vectors of a row
constexpr int kTileN = kTileV * kLanes;      // columns

// The variants built on tiles: one name for each width of vectors. Sixteen lanes come first where there are any.
constexpr const char* kPanels = kLanes == 8 ? "panels" : "panels_avx512";
constexpr int kPanelsPreference = kLanes == 8 ? 2 : 3;

constexpr Needs kPanelsNeeds = kLanes == 8 ? Needs::kNothing : Needs::kAvx512;

// The same of a launcher that is a template over precisions, in all of them.
#define ALEXNET_PANELS(Pass, launch)                  \
  ALEXNET_PANELS_IN(kFp32, "", Pass, launch)          \
  ALEXNET_PANELS_IN(kTf32, "_tf32", Pass, launch)     \
  ALEXNET_PANELS_IN(kTf32x3, "_3xtf32", Pass, launch) \
  ALEXNET_PANELS_IN(kBf16, "_bf16", Pass, launch)
#define ALEXNET_PANELS_IN(precision, suffix, Pass, launch)                                                      \
  ALEXNET_VARIANT_ENTRY(launch##_##precision, ::alexnet::kCompiledKind, ::alexnet::kPanelsNeeds, Pass,          \
                        ::alexnet::kLanes == 8 ? "panels" suffix : "panels_avx512" suffix,                      \
                        ::alexnet::prefers<::alexnet::kPanelsPreference>, ::alexnet::no_workspace<Pass::Shape>, \
                        launch<::alexnet::Precision::precision>, ::alexnet::Precision::precision, nullptr, 0,   \
                        ::alexnet::Algorithm::kDirect)

// sums[i][v] += sum over t of a[i*a_row + t*a_step] * b[t*b_step + kLanes*v ...], ascending in t. Whoever indexes
// sums in a loop that is not unrolled, or passes them to a function that is not inlined, forces them into memory
// instead of registers: half the speed.
template <int M, int V>
ALEXNET_INLINE void tile_multiply(Vector (&sums)[M][V], int64_t steps, const float* a, int64_t a_row, int64_t a_step,
                                  const float* b, int64_t b_step) {
  for (int64_t t = 0; t < steps; ++t) {
    Vector columns[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) columns[v] = vector_load(b + kLanes * v);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const Vector row = vector_of(a[i * a_row]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[i][v] = vector_fma(row, columns[v], sums[i][v]);
    }
    a += a_step;
    b += b_step;
  }
}

struct NothingAhead {
  ALEXNET_INLINE void operator()(int64_t) const {}
};

// Reads, into the L2 cache, a step of what is b next. The address may lie beyond: a prefetch never faults.
struct TileAhead {
  const float* b;
  ALEXNET_INLINE void operator()(int64_t t) const {
    constexpr int kLineFloats = 16;
#pragma GCC unroll 4
    for (int i = 0; i < kTileN; i += kLineFloats) {
      _mm_prefetch(reinterpret_cast<const char*>(b + t * kTileN + i), _MM_HINT_T1);
    }
  }
};

// The same with rows at arbitrary addresses: a[i][t], and a step of b of a whole tile. Calls ahead(t) in each step.
template <int M, int V, class Ahead = NothingAhead>
ALEXNET_INLINE void tile_multiply_rows(Vector (&sums)[M][V], int64_t steps, const float* const (&a)[M], const float* b,
                                       const Ahead& ahead = {}) {
  for (int64_t t = 0; t < steps; ++t) {
    ahead(t);
    Vector columns[V];
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) columns[v] = vector_load(b + t * kTileN + kLanes * v);
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
      const Vector row = vector_of(a[i][t]);
#pragma GCC unroll 4
      for (int v = 0; v < V; ++v) sums[i][v] = vector_fma(row, columns[v], sums[i][v]);
    }
  }
}

template <int M, int V>
ALEXNET_INLINE void tile_zero(Vector (&sums)[M][V]) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[i][v] = vector_zero();
}

template <int M, int V>
ALEXNET_INLINE void tile_load(Vector (&sums)[M][V], const float* c, int64_t c_row) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) sums[i][v] = vector_load(c + i * c_row + kLanes * v);
}

template <int M, int V>
ALEXNET_INLINE void tile_store(const Vector (&sums)[M][V], float* c, int64_t c_row) {
#pragma GCC unroll 16
  for (int i = 0; i < M; ++i)
#pragma GCC unroll 4
    for (int v = 0; v < V; ++v) vector_store(c + i * c_row + kLanes * v, sums[i][v]);
}

// Calls body(lanes, i, v) for every vector of a tile of which `columns` columns exist, with the lanes that do. The body
// is to be inlined (ALEXNET_INLINED), else what it captures goes through memory.
template <int M, int V, class Body>
ALEXNET_INLINE void tile_each(int64_t columns, const Body& body) {
#pragma GCC unroll 4
  for (int v = 0; v < V; ++v) {
    if (columns >= (v + 1) * kLanes) {
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) body(WholeLanes{}, i, v);
    } else {
      const SomeLanes lanes(0, columns - v * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < M; ++i) body(lanes, i, v);
    }
  }
}

// A count as a type, so that a generic lambda can use it as a template argument.
template <int M>
struct Count {
  static constexpr int value = M;
};

// Calls body(Count<min(count, kMost)>{}) for count >= 1.
template <int kMost, class Body>
ALEXNET_INLINE void with_count(int64_t count, const Body& body) {
  if constexpr (kMost > 1) {
    if (count < kMost) return with_count<kMost - 1>(count, body);
  }
  body(Count<kMost>{});
}

// Calls body(Count<min(rows, kTileM)>{}).
template <class Body>
ALEXNET_INLINE void with_rows(int64_t rows, const Body& body) {
  with_count<kTileM>(rows, body);
}

// Calls body(Count<V>{}) with the vectors that `columns` columns take, at most kTileV.
template <class Body>
ALEXNET_INLINE void with_vectors(int64_t columns, const Body& body) {
  with_count<kTileV>((columns + kLanes - 1) / kLanes, body);
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_TILE_CPU_H
