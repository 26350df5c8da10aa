// conv wgrad panels: the gradient of the filters on the CPU as 6-value x 16-filter register tiles.
// Math     conv.h, wgrad: for each (r, s, c) and k a sum over all output positions of x times dy.
// Shapes   Few channels (C <= 8, the image): a tile takes up to 6 neighbouring values of a filter row [S*C]; it reads x
//          from a padded copy. More channels: a tile takes up to 6 channels of one (r, s), from a copy of x in columns
//          of those channels [rows][columns][6], so that what a tile streams is dense.
//          dy is copied into panels[k/16][P*Q][16]. sums[k/16][tile][6][16] gather the images in order.
// Cost     2 FLOP per product and tile lane; bound by the FMA units. A segment of output rows at a time keeps both
//          operands of a tile in the L1 cache; each segment reads and writes its sums once.
// Launch   threads divide the panels of 16 filters; copies are made by the calling thread.
// Valid    any shape. Each sum ascends in n, p, q in one register lane: the same bits for any number of threads.
#include <algorithm>
#include <cstring>

#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "conv.h"

namespace alexnet {
namespace {

constexpr int64_t kSegmentFloats = 6144;  // of x and dy per tile: 24 KiB, three quarters of an L1 cache
constexpr int64_t kTileFloats = kTileM * kTileN;

// One group of one layer.
struct Layer {
  int64_t H, W, C, K, R, S, stride, pad, P, Q;
  int64_t rows, columns;          // of the padded x
  int64_t x_pixel, dy_pixel;      // floats from one pixel to the next, over all groups
  bool by_row;                    // tiles along a filter row, not along channels
  int64_t run() const { return by_row ? S * C : C; }           // the axis that tiles divide
  int64_t tiles_per_run() const { return (run() + kTileM - 1) / kTileM; }
  int64_t runs() const { return by_row ? R : R * S; }
  int64_t panels() const { return (K + kTileN - 1) / kTileN; }
  int64_t x_floats() const { return rows * columns * C; }
  int64_t segment_rows() const {
    const int64_t per_row = Q * kTileN + (by_row ? columns * C : stride * columns * kTileM);
    return std::clamp<int64_t>(kSegmentFloats / per_row, 1, P);
  }
};

// The values [first, first + width) of a run: widths differ by at most one, because a tile of 1 costs as much as one of 5.
struct Slice {
  int64_t first, width;
};

Slice slice(const Layer& l, int64_t tile) {
  const int64_t tiles = l.tiles_per_run(), narrow = l.run() / tiles, wide = l.run() % tiles;
  return {tile * narrow + std::min(tile, wide), narrow + (tile < wide ? 1 : 0)};
}

// The padded copy of one image: [rows][columns][C], or one block [rows][columns][width] per slice of the channels.
void copy_x(const Layer& l, const float* x, float* to) {
  std::memset(to, 0, size_t(l.x_floats()) * sizeof(float));
  const int64_t slices = l.by_row ? 1 : l.tiles_per_run();
  const int64_t last_h = std::min(l.H, l.rows - l.pad), last_w = std::min(l.W, l.columns - l.pad);
  for (int64_t i = 0; i < slices; ++i) {
    const Slice c = l.by_row ? Slice{0, l.C} : slice(l, i);
    float* block = to + l.rows * l.columns * c.first;
    for (int64_t h = 0; h < last_h; ++h) {
      const float* from = x + h * l.W * l.x_pixel + c.first;
      float* row = block + ((h + l.pad) * l.columns + l.pad) * c.width;
      if (c.width == l.x_pixel) {
        std::memcpy(row, from, size_t(last_w * c.width) * sizeof(float));
        continue;
      }
      for (int64_t w = 0; w < last_w; ++w) {
        for (int64_t j = 0; j < c.width; ++j) row[w * c.width + j] = from[w * l.x_pixel + j];
      }
    }
  }
}

// panels[k/16][P*Q][16] of one image of dy; lanes past K are 0.
void copy_dy(const Layer& l, const float* dy, float* to) {
  const int64_t pixels = l.P * l.Q;
  for (int64_t panel = 0; panel < l.panels(); ++panel) {
    const int64_t k = panel * kTileN;
    const SomeLanes low(0, l.K - k), high(0, l.K - k - kLanes);
    for (int64_t i = 0; i < pixels; ++i) {
      float* lanes = to + (panel * pixels + i) * kTileN;
      _mm256_store_ps(lanes, low.load(dy + i * l.dy_pixel + k));
      _mm256_store_ps(lanes + kLanes, high.load(dy + i * l.dy_pixel + k + kLanes));
    }
  }
}

// sums += over the output rows [first, last): M values from a, stepping `step` per q and `row` per p, times 16 filters.
template <int M>
void multiply_tile(const Layer& l, const float* a, int64_t step, int64_t row, const float* panel, int64_t first,
                   int64_t last, float* sums) {
  __m256 tile[M][2];
  tile_load(tile, sums, kTileN);
  for (int64_t p = first; p < last; ++p) {
    tile_multiply(tile, l.Q, a + p * row, 1, step, panel + p * l.Q * kTileN, kTileN);
  }
  tile_store(tile, sums, kTileN);
}

// One image into the sums of one panel.
void multiply_panel(const Layer& l, const float* x, const float* panel, float* sums) {
  const int64_t tiles = l.tiles_per_run(), segment = l.segment_rows();
  for (int64_t first = 0; first < l.P; first += segment) {
    const int64_t last = std::min(l.P, first + segment);
    for (int64_t i = 0; i < tiles; ++i) {
      const Slice c = slice(l, i);
      const int64_t pixel = l.by_row ? l.C : c.width;
      const float* block = l.by_row ? x + c.first : x + l.rows * l.columns * c.first;
      for (int64_t run = 0; run < l.runs(); ++run) {
        const int64_t r = l.by_row ? run : run / l.S, s = l.by_row ? 0 : run % l.S;
        with_rows(c.width, [&](auto m) {
          multiply_tile<decltype(m)::value>(l, block + (r * l.columns + s) * pixel, l.stride * pixel,
                                            l.stride * l.columns * pixel, panel, first, last,
                                            sums + (i * l.runs() + run) * kTileFloats);
        });
      }
    }
  }
}

// dw[k][r][s][c] of one panel of 16 filters from its sums.
void store_panel(const Layer& l, const float* sums, int64_t k, float* dw) {
  const int64_t filters = std::min<int64_t>(kTileN, l.K - k);
  for (int64_t i = 0; i < l.tiles_per_run(); ++i) {
    const Slice c = slice(l, i);
    for (int64_t run = 0; run < l.runs(); ++run) {
      const float* tile = sums + (i * l.runs() + run) * kTileFloats;
      for (int64_t lane = 0; lane < filters; ++lane) {
        float* to = dw + ((k + lane) * l.runs() + run) * l.run() + c.first;
        for (int64_t j = 0; j < c.width; ++j) to[j] = tile[j * kTileN + lane];
      }
    }
  }
}

Status launch_wgrad_panels(const ConvShape& s, const float* x, const float* dy, float* dw, Stream stream) {
  const int64_t P = conv_P(s), Q = conv_Q(s), C = s.C / s.G, K = s.K / s.G;
  const Layer l{s.H, s.W, C, K, s.R, s.S, s.stride, s.pad, P, Q, (P - 1) * s.stride + s.R, (Q - 1) * s.stride + s.S,
                s.C, s.K, C <= 8};
  const int64_t panel_sums = l.tiles_per_run() * l.runs() * kTileFloats, panel_dy = P * Q * kTileN;
  const int64_t sums_floats = l.panels() * panel_sums, dy_floats = l.panels() * panel_dy;
  float* sums = scratch(0, sums_floats + dy_floats + l.x_floats());
  float* dy_panels = sums + sums_floats;
  float* x_copy = dy_panels + dy_floats;
  for (int64_t group = 0; group < s.G; ++group) {
    std::memset(sums, 0, size_t(sums_floats) * sizeof(float));
    for (int64_t n = 0; n < s.N; ++n) {
      copy_x(l, x + n * s.H * s.W * s.C + group * C, x_copy);
      copy_dy(l, dy + n * P * Q * s.K + group * K, dy_panels);
      parallel_for(stream.threads, l.panels(), 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) multiply_panel(l, x_copy, dy_panels + i * panel_dy, sums + i * panel_sums);
      });
    }
    float* dw_group = dw + group * K * s.R * s.S * C;
    for (int64_t i = 0; i < l.panels(); ++i) store_panel(l, sums + i * panel_sums, i * kTileN, dw_group);
  }
  return {};
}

int prefer_panels(const ConvShape&) { return 2; }

}  // namespace

ALEXNET_VARIANT(ConvWgrad, "panels", prefer_panels, launch_wgrad_panels)

}  // namespace alexnet
