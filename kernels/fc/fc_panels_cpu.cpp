// fc panels: the passes of a fully connected layer as register tiles over packed panels (tile_cpu.h).
// Math     fc.h. Every pass packs the smaller operand into panels of kTileN columns, which then stream from the L2
//          cache while the weights, the larger one, are touched once.
// Shapes   x, dx[N,C]; w, dw[K,C]; y, dy[N,K]; panels of x[c][n] (fprop), w[k][c] (dgrad), x[n][c] (wgrad),
//          each as many columns wide as a tile. Panels hold factors (factors_cpu.h): `_tf32` and `_3xtf32` round,
//          `_bf16` widens while it packs, and fprop copies a tile's rows of w to the L1 cache. In bf16 are x, w of
//          fprop and dgrad, y, dy, mask and dx; y and dx are rounded when they are whole.
// Cost     2*N*C*K FLOP; bound by the FMA units from N = 16 on, by reading w below.
// Launch   threads divide the rows k of w (fprop, wgrad) or the columns c (dgrad).
// Valid    any shape; wgrad_update has wgrad's sums and sgd_vector_cpu.cpp's update. Sums ascend in c (fprop), k
//          (dgrad), n (wgrad): the same bits for any number of threads and any width of vectors.
// Measured one Zen 2 core with a peak of 107 GFLOP/s, C=4608 K=2048: N=128 fprop 95, dgrad 88, wgrad 102 GFLOP/s;
//          N=32 92, 63, 99. oneDNN 3.11 there: 89, 79, 98 and 65, 73, 90.
//          Another such core, peak 101, N=32, a plane of fc6: wgrad_update 10.7 ms; wgrad 7.5 and its update 6.4.
#include <algorithm>
#include <cstring>

#include "bias/bias_cpu.h"
#include "common/factors_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "common/widening_cpu.h"
#include "dropout/dropout_cpu.h"
#include "fc.h"
#include "sgd/sgd_cpu.h"

namespace alexnet {
namespace {

constexpr int64_t kBlockC =
    512;  // columns of w per sweep of fprop: 16 images * 512 * 4 bytes fill an L1 cache of 32 KiB
constexpr int64_t kPanelBlockC = kTileN * (kLanes == 8 ? 32 : 12);  // columns of dw per sweep of wgrad
constexpr int64_t kBlockK = 256;                                    // rows of w per packed block of dgrad
constexpr int64_t kBlockColumns = kTileN * (kLanes == 8 ? 8 : 3);
constexpr int64_t kLineFloats = 16;  // of one cache line

// Into the L2 cache. The address may lie beyond the tensor: a prefetch never faults.
ALEXNET_INLINE void prefetch(const void* address) { _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T1); }

// A factor of few values as a whole; where it is, if precision changes nothing of it.
template <Precision precision>
const float* whole_factor(const Stored<precision>* from, int64_t count, int slot, const Cores& cores) {
  if constexpr (precision == Precision::kFp32) {
    return from;
  } else {
    float* const to = scratch(slot, count);
    parallel_for(cores, count, 1,
                 [&](int64_t first, int64_t last) { copy_factors<precision>(from + first, last - first, to + first); });
    return to;
  }
}

// panel[c][kTileN] of images from n0 on, columns [c0, c0+count) of x[N,C]; images past N are 0.
template <Precision precision>
void pack_images(const FcShape& s, const Stored<precision>* x, int64_t n0, int64_t c0, int64_t count, float* panel) {
  for (int v = 0; v < kTileV; ++v) {
    const int64_t first = n0 + v * kLanes;
    for (int64_t c = 0; c < count; c += kLanes) {
      const SomeLanes lanes(0, count - c);
      Vector r[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        r[i] = first + i < s.N ? load_factors<precision>(lanes, x + (first + i) * s.C + c0 + c) : vector_zero();
      }
      transpose_lanes(r);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, count - c); ++i) {
        vector_store(panel + (c + i) * kTileN + v * kLanes, r[i]);
      }
    }
  }
}

// y = epilogue(transpose of sums[K][columns]) for the rows k in [first, last) of sums.
void store_fprop(const FcShape& s, const float* sums, int64_t columns, const Epilogue& e, int64_t first, int64_t last,
                 float* y) {
  for (int64_t k = first; k < last; k += kLanes) {
    const SomeLanes lanes(0, last - k);
    const Vector bias = e.bias != nullptr ? lanes.load(e.bias + k) : vector_zero();
    for (int64_t n = 0; n < s.N; n += kLanes) {
      Vector r[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        r[i] = k + i < last ? vector_load(sums + (k + i) * columns + n) : vector_zero();
      }
      transpose_lanes(r);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, s.N - n); ++i) {
        float* to = y + (n + i) * s.K + k;
        Vector v = e.accumulate ? vector_add(lanes.load(to), r[i]) : r[i];
        if (e.bias != nullptr) v = vector_add(v, bias);
        if (e.relu) v = vector_max(vector_zero(), v);
        lanes.store(to, v);
      }
    }
  }
}

// M rows of w, as factors and where the next ones are stored.
template <class T>
struct Rows {
  const float* factors;
  int64_t pitch;  // from row to row
  const T* next;
};

// sums[M][columns] = or += `count` columns of rows of w, times one panel. The hardware follows no stream across the
// short runs of a block: the first panel of a block fetches the next rows.
template <int M, int V, class T>
void multiply_rows(const FcShape& s, const Rows<T>& w, const float* panel, int64_t count, bool first, bool fetch,
                   int64_t columns, float* sums) {
  constexpr int64_t kStep = 2 * kLineFloats, kLine = kLineFloats * int64_t(sizeof(float) / sizeof(T));
  Vector tile[M][V];
  if (first) {
    tile_zero(tile);
  } else {
    tile_load(tile, sums, columns);
  }
  int64_t c = 0;
  for (; fetch && c + kStep <= count; c += kStep) {
#pragma GCC unroll 16
    for (int i = 0; i < M; ++i) {
#pragma GCC unroll 2
      for (int64_t line = 0; line < kStep; line += kLine) prefetch(w.next + i * int64_t(s.C) + c + line);
    }
    tile_multiply(tile, kStep, w.factors + c, w.pitch, 1, panel + c * kTileN, kTileN);
  }
  tile_multiply(tile, count - c, w.factors + c, w.pitch, 1, panel + c * kTileN, kTileN);
  tile_store(tile, sums, columns);
}

// M rows of w from row k on, `count` columns from c0 on.
template <Precision precision, int M>
Rows<Stored<precision>> rows_of(const FcShape& s, const Stored<precision>* w, int64_t k, int64_t c0, int64_t count) {
  const Stored<precision>*const from = w + k * s.C + c0, *const next = from + M * int64_t(s.C);
  if constexpr (precision == Precision::kFp32) {
    return {from, s.C, next};
  } else {
    constexpr int64_t kPitch = kBlockC + kLineFloats;  // rows begin in different sets of the cache
    float* const copy = scratch(1, M * kPitch);
    for (int i = 0; i < M; ++i) copy_factors<precision>(from + i * int64_t(s.C), count, copy + i * kPitch);
    return {copy, kPitch, next};
  }
}

template <Precision precision>
Status launch_fprop_panels(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                           Stream stream) {
  constexpr bool kNarrow = precision == Precision::kBf16;
  const int64_t panels = ceil_div(s.N, kTileN), columns = panels * kTileN, y_count = int64_t(s.N) * s.K;
  float* packed = scratch(0, columns * (kBlockC + s.K));
  float* sums = packed + columns * kBlockC;
  for (int64_t c0 = 0; c0 < s.C; c0 += kBlockC) {
    const int64_t count = std::min<int64_t>(kBlockC, s.C - c0);
    parallel_for(stream.cores, panels, 1, [&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; ++p) {
        pack_images<precision>(s, as_stored<precision>(x), p * kTileN, c0, count, packed + p * kTileN * count);
      }
    });
    const auto rows = [&](int64_t k, auto m) {
      const auto from = rows_of<precision, decltype(m)::value>(s, as_stored<precision>(w), k, c0, count);
      for (int64_t p = 0; p < panels; ++p) {
        with_vectors(s.N - p * kTileN, [&](auto v) {
          multiply_rows<decltype(m)::value, decltype(v)::value>(s, from, packed + p * kTileN * count, count, c0 == 0,
                                                                p == 0, columns, sums + k * columns + p * kTileN);
        });
      }
    };
    parallel_for(stream.cores, ceil_div(s.K, kTileM), 8, [&](int64_t first, int64_t last) {
      for (int64_t t = first; t < last; ++t) {
        with_rows(s.K - t * kTileM, [&](auto m) { rows(t * kTileM, m); });
      }
    });
  }
  float* const wide = !kNarrow ? y : epilogue.sums != nullptr ? epilogue.sums : scratch(2, y_count);
  parallel_for(stream.cores, ceil_div(s.K, kLanes), 16, [&](int64_t first, int64_t last) {
    store_fprop(s, sums, columns, epilogue, first * kLanes, std::min<int64_t>(s.K, last * kLanes), wide);
  });
  finish_dropout(epilogue, wide, stream.cores);
  return kNarrow && y != nullptr ? convert(y_count, wide, as_bf16(y), stream) : Status();
}

// panels[c/n][k][n] (n = kTileN) of the rows [k0, k0+rows) and columns [c0, c0+count) of w; columns past count are 0.
template <Precision precision>
void pack_weights(const FcShape& s, const Stored<precision>* w, int64_t k0, int64_t rows, int64_t c0, int64_t count,
                  float* panels) {
  for (int64_t k = 0; k < rows; ++k) {
    const auto* row = w + (k0 + k) * s.C + c0;
    for (int64_t c = 0; c < count; c += kTileN) {
      prefetch(row + 8 * int64_t(s.C) + c);
      float* to = panels + (c * rows) + k * kTileN;
      for (int v = 0; v < kTileV; ++v) {
        const SomeLanes lanes(0, count - c - v * kLanes);
        vector_store(to + v * kLanes, load_factors<precision>(lanes, row + c + v * kLanes));
      }
    }
  }
}

// Loads the columns of a tile that exist; the others are 0.
template <int M, int V>
ALEXNET_INLINE void load_tile(Vector (&tile)[M][V], const float* c, int64_t c_row, int64_t columns) {
  tile_each<M, V>(
      columns, [&](auto lanes, int i, int v) ALEXNET_INLINED { tile[i][v] = lanes.load(c + i * c_row + v * kLanes); });
}

// Stores the columns of a tile that exist.
template <int M, int V>
ALEXNET_INLINE void store_tile(const Vector (&tile)[M][V], float* c, int64_t c_row, int64_t columns) {
  tile_each<M, V>(
      columns, [&](auto lanes, int i, int v) ALEXNET_INLINED { lanes.store(c + i * c_row + v * kLanes, tile[i][v]); });
}

// Sets to 0 what the mask, which lies as dx does, is not > 0 for.
template <int M, int V, class T>
ALEXNET_INLINE void mask_tile(Vector (&tile)[M][V], const T* mask, int64_t row, int64_t columns) {
  tile_each<M, V>(columns, [&](auto lanes, int i, int v) ALEXNET_INLINED {
    tile[i][v] = vector_where_positive(lanes.load(mask + i * row + v * kLanes), tile[i][v]);
  });
}

// dx[.., c0 ... c0+count) for all n; of dy the factors.
template <Precision precision>
void dgrad_columns(const FcShape& s, const float* dy, const Stored<precision>* w, const Stored<precision>* mask,
                   float* dx, int64_t c0, int64_t count) {
  float* panels = scratch(1, kBlockK * kBlockColumns);
  for (int64_t k0 = 0; k0 < s.K; k0 += kBlockK) {
    const int64_t rows = std::min<int64_t>(kBlockK, s.K - k0);
    pack_weights<precision>(s, w, k0, rows, c0, count, panels);
    const bool last = k0 + rows == s.K;
    for (int64_t n = 0; n < s.N; n += kTileM) {
      with_rows(s.N - n, [&](auto m) {
        for (int64_t c = 0; c < count; c += kTileN) {
          const int64_t at = n * s.C + c0 + c;
          with_vectors(count - c, [&](auto v) {
            Vector tile[decltype(m)::value][decltype(v)::value];
            if (k0 == 0) {
              tile_zero(tile);
            } else {
              load_tile(tile, dx + at, s.C, count - c);
            }
            tile_multiply(tile, rows, dy + n * s.K + k0, s.K, 1, panels + c * rows, kTileN);
            if (mask != nullptr && last) mask_tile(tile, mask + at, s.C, count - c);
            store_tile(tile, dx + at, s.C, count - c);
          });
        }
      });
    }
  }
}

template <Precision precision>
Status launch_dgrad_panels(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx,
                           Stream stream) {
  constexpr bool kNarrow = precision == Precision::kBf16;
  const int64_t x_count = int64_t(s.N) * s.C;
  const float* const factors = whole_factor<precision>(as_stored<precision>(dy), int64_t(s.N) * s.K, 0, stream.cores);
  float* const wide = kNarrow ? scratch(2, x_count) : dx;
  parallel_for(stream.cores, ceil_div(s.C, int32_t(kBlockColumns)), 1, [&](int64_t first, int64_t last) {
    for (int64_t b = first; b < last; ++b) {
      const int64_t c0 = b * kBlockColumns;
      dgrad_columns<precision>(s, factors, as_stored<precision>(w), as_stored<precision>(mask), wide, c0,
                               std::min<int64_t>(kBlockColumns, s.C - c0));
    }
  });
  return kNarrow ? convert(x_count, wide, as_bf16(dx), stream) : Status();
}

// panels[c/kTileN][n][kTileN] of the columns [c0, c0+count) of x; columns past count are 0.
template <Precision precision>
void pack_columns(const FcShape& s, const Stored<precision>* x, int64_t c0, int64_t count, float* panels) {
  for (int64_t n = 0; n < s.N; ++n) {
    const auto* row = x + n * s.C + c0;
    for (int64_t c = 0; c < count; c += kTileN) {
      float* to = panels + c * s.N + n * kTileN;
      for (int v = 0; v < kTileV; ++v) {
        const SomeLanes lanes(0, count - c - v * kLanes);
        vector_store(to + v * kLanes, load_factors<precision>(lanes, row + c + v * kLanes));
      }
    }
  }
}

// rows[k/kTileM][n][kTileM] of dy; rows past K are 0.
void pack_gradients(const FcShape& s, const float* dy, float* rows) {
  const int64_t tiles = ceil_div(s.K, kTileM);
  for (int64_t n = 0; n < s.N; ++n) {
    for (int64_t t = 0; t < tiles; ++t) {
      float* to = rows + (t * s.N + n) * kTileM;
      for (int64_t i = 0; i < kTileM; ++i) to[i] = t * kTileM + i < s.K ? dy[n * s.K + t * kTileM + i] : 0.f;
    }
  }
}

// What becomes of a finished tile of gradients at flat element i: they are stored, past the caches when they may be, as
// nothing reads dw before the whole of it has left them.
struct StoreGradient {
  const FcShape& s;
  float* dw;
  bool aligned;

  StoreGradient(const FcShape& shape, float* gradients)
      : s(shape), dw(gradients), aligned(s.C % kLanes == 0 && reinterpret_cast<uintptr_t>(dw) % sizeof(Vector) == 0) {}

  ALEXNET_INLINE void prepare(int64_t, int) const {}

  template <int M, int V>
  ALEXNET_INLINE void finish(const Vector (&tile)[M][V], int64_t i, int64_t columns) const {
    if (!aligned || columns < V * kLanes) return store_tile(tile, dw + i, s.C, columns);
    tile_each<M, V>(columns, [&](auto, int row, int v) ALEXNET_INLINED {
      vector_stream(dw + i + row * int64_t(s.C) + v * kLanes, tile[row][v]);
    });
  }
};

// Or they are applied to the weights, which a tile fetches before it multiplies.
struct ApplyGradient {
  const FcShape& s;
  SgdLanes update;
  float *w, *v;

  // Past the L2 cache, where the panels of x stay: 5 % quicker.
  ALEXNET_INLINE void prepare(int64_t i, int rows) const {
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t line = 0; line < kTileN; line += kLineFloats) {
        _mm_prefetch(reinterpret_cast<const char*>(w + i + row * s.C + line), _MM_HINT_NTA);
        _mm_prefetch(reinterpret_cast<const char*>(v + i + row * s.C + line), _MM_HINT_NTA);
      }
    }
  }

  template <int M, int V>
  ALEXNET_INLINE void finish(const Vector (&tile)[M][V], int64_t i, int64_t columns) const {
    tile_each<M, V>(columns, [&](auto lanes, int row, int lane) ALEXNET_INLINED {
      const int64_t at = i + row * int64_t(s.C) + lane * kLanes;
      update.apply(lanes, w + at, v + at, tile[row][lane]);
    });
  }
};

// All gradients of the weights, tile by tile, into `target`, and those of the biases unless db is null.
template <Precision precision, class Target>
Status wgrad_tiles(const FcShape& s, const Stored<precision>* x, const Stored<precision>* dy, const Target& target,
                   float* db, const Cores& cores) {
  if (db != nullptr) bias_sums({s.N, s.K}, dy, db, cores);
  const int64_t tiles = ceil_div(s.K, kTileM);
  float* panels = scratch(0, kPanelBlockC * s.N + tiles * s.N * kTileM);
  float* rows = panels + kPanelBlockC * s.N;
  pack_gradients(s, whole_factor<precision>(dy, int64_t(s.N) * s.K, 2, cores), rows);
  for (int64_t c0 = 0; c0 < s.C; c0 += kPanelBlockC) {
    const int64_t count = std::min<int64_t>(kPanelBlockC, s.C - c0);
    pack_columns<precision>(s, x, c0, count, panels);
    parallel_for(cores, tiles, 8, [&](int64_t first, int64_t last) {
      for (int64_t t = first; t < last; ++t) {
        with_rows(s.K - t * kTileM, [&](auto m) {
          for (int64_t c = 0; c < count; c += kTileN) {
            const int64_t i = t * kTileM * s.C + c0 + c;
            target.prepare(i, decltype(m)::value);
            with_vectors(count - c, [&](auto v) {
              Vector tile[decltype(m)::value][decltype(v)::value];
              tile_zero(tile);
              tile_multiply(tile, s.N, rows + t * s.N * kTileM, 1, kTileM, panels + c * s.N, kTileN);
              target.finish(tile, i, count - c);
            });
          }
        });
      }
      _mm_sfence();
    });
  }
  return {};
}

template <Precision precision>
Status launch_wgrad_panels(const FcShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return wgrad_tiles<precision>(s, as_stored<precision>(x), as_stored<precision>(dy), StoreGradient(s, dw), db,
                                stream.cores);
}

template <Precision precision>
Status launch_update_panels(const FcShape& s, const SgdShape& sgd, const StepSettings* settings, const float* x,
                            const float* dy, float* w, float* v, float* db, Stream stream) {
  const ApplyGradient update = {s, SgdLanes(sgd_rates(sgd, *settings)), w, v};
  return wgrad_tiles<precision>(s, as_stored<precision>(x), as_stored<precision>(dy), update, db, stream.cores);
}

}  // namespace

ALEXNET_PANELS(FcFprop, launch_fprop_panels)
ALEXNET_PANELS(FcDgrad, launch_dgrad_panels)
ALEXNET_PANELS(FcWgrad, launch_wgrad_panels)
ALEXNET_PANELS(FcWgradUpdate, launch_update_panels)

}  // namespace alexnet
