// conv filters: the filters of a correlation as the panels that register tiles read (tile_cpu.h), and back.
#ifndef ALEXNET_CONV_FILTERS_CPU_H
#define ALEXNET_CONV_FILTERS_CPU_H

#include <algorithm>

#include "common/factors_cpu.h"
#include "common/tile_cpu.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

// Of one group: filter[k][r][s][c] of a correlation y[...,k] = sum over r, s, c of source[...,c] * filter.
struct Filters {
  int64_t R, S, C, K;

  int64_t panel_floats() const { return R * S * C * kTileN; }
  int64_t panels() const { return (K + kTileN - 1) / kTileN; }
};

// panel[r][s*C + c][kTileN] of the filters w[k][r][s][c] from `first` on, as factors; lanes past K are 0.
template <Precision precision = Precision::kFp32>
void pack_fprop(const Filters& g, const Stored<precision>* w, int64_t first, float* panel) {
  const int64_t length = g.R * g.S * g.C;
  for (int v = 0; v < kTileV; ++v) {
    const int64_t k = first + v * kLanes;
    for (int64_t j = 0; j < length; j += kLanes) {
      const SomeLanes lanes(0, length - j);
      Vector r[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        r[i] = k + i < g.K ? load_factors<precision>(lanes, w + (k + i) * length + j) : vector_zero();
      }
      transpose_lanes(r);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, length - j); ++i) {
        vector_store(panel + (j + i) * kTileN + v * kLanes, r[i]);
      }
    }
  }
}

// The other way: the filters that a panel has.
inline void unpack_fprop(const Filters& g, const float* panel, int64_t first, float* w) {
  const int64_t length = g.R * g.S * g.C;
  for (int v = 0; v < kTileV; ++v) {
    const int64_t k = first + v * kLanes;
    for (int64_t j = 0; j < length; j += kLanes) {
      const SomeLanes lanes(0, length - j);
      Vector r[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        r[i] = j + i < length ? vector_load(panel + (j + i) * kTileN + v * kLanes) : vector_zero();
      }
      transpose_lanes(r);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, g.K - k); ++i) lanes.store(w + (k + i) * length + j, r[i]);
    }
  }
}

// panel[r][s*K + k][kTileN] of the turned filters w[k][R-1-r][S-1-s][c] from channel `first` on, as factors; here g.C
// counts k and g.K counts c.
template <Precision precision = Precision::kFp32>
void pack_dgrad(const Filters& g, const Stored<precision>* w, int64_t first, float* panel) {
  for (int v = 0; v < kTileV; ++v) {
    const int64_t c = first + v * kLanes;
    const SomeLanes lanes(0, g.K - c);
    for (int64_t r = 0; r < g.R; ++r) {
      for (int64_t s = 0; s < g.S; ++s) {
        for (int64_t k = 0; k < g.C; ++k) {
          const int64_t filter = (k * g.R + g.R - 1 - r) * g.S + g.S - 1 - s;
          vector_store(panel + ((r * g.S + s) * g.C + k) * kTileN + v * kLanes,
                       load_factors<precision>(lanes, w + filter * g.K + c));
        }
      }
    }
  }
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_CONV_FILTERS_CPU_H
