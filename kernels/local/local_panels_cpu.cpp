// local panels: the passes of a locally connected layer on the CPU in register tiles of images x channels (tile_cpu.h).
// Math     local.h. All images share the window of an output position, so its part inside the image is one matrix, and
//          nothing outside is copied or multiplied.
// Shapes   One output position (fprop, wgrad) or one input pixel (dgrad) at a time; n is the columns of a tile, m its
//          rows. fprop: w as panel[r][s*C + c][n] of filters, a tile's rows are the windows of m images, read in place.
//          dgrad: w as panel[tap][k][n] of channels, a tile's rows are dy of m images. wgrad: dy as
//          rows[k/m][image][m], x as panel[image][n] of a run of the window, S*C values of one of its rows.
// Cost     2 FLOP per product and tile lane. A position's weights are packed once, and multiplied with each tile of
//          images: from some 32 images on bound by the FMA units, below by packing.
// Launch   threads divide the positions and panels (fprop), the pixels and panels (dgrad), the positions and rows of
//          their windows (wgrad).
// Valid    any shape that validate_local takes. Each sum is one register lane and ascends in r, s, c (fprop), r, s, k
//          (dgrad), n (wgrad): the same bits for any number of threads and any width of vectors.
// Measured two threads of a busy AMD EPYC with AVX-512 (374 GFLOP/s by kernel_check's loop), batch 128, AVX2 / AVX-512,
//          GFLOP/s: local3 (8x8x64 to 32) fprop 97 / 105, dgrad 88 / 102, wgrad 62 / 90; local4 (8x8x32 to 32) 89 / 98,
//          80 / 89, 73 / 86
#include <algorithm>
#include <cstring>

#include "bias/bias_cpu.h"
#include "common/finish_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "local.h"

namespace alexnet {
namespace {

struct Layer {
  int64_t N, C, H, W, K, R, S, stride, pad, P, Q;
  int64_t x_image() const { return H * W * C; }  // floats
  int64_t y_image() const { return P * Q * K; }
  int64_t filter() const { return R * S * C; }
};

Layer layer_of(const ConvShape& s) {
  return {s.N, s.C, s.H, s.W, s.K, s.R, s.S, s.stride, s.pad, conv_P(s), conv_Q(s)};
}

int64_t panels_of(int64_t columns) { return (columns + kTileN - 1) / kTileN; }

// The part of a position's window that lies inside the image: its rows [r0, r1) and columns [s0, s1). In each row `run`
// values are contiguous in the image and in a filter.
struct Window {
  int64_t h, w, r0, r1, s0, s1;  // h, w: of its first row and column, which may lie outside
  int64_t run;
  int64_t pixel(const Layer& l, int64_t r) const { return ((h + r) * l.W + w + s0) * l.C; }  // of image 0
  int64_t tap(const Layer& l, int64_t r) const { return (r * l.S + s0) * l.C; }              // of filter 0
};

Window window_of(const Layer& l, int64_t position) {
  Window window = {};
  window.h = position / l.Q * l.stride - l.pad, window.w = position % l.Q * l.stride - l.pad;
  window.r0 = std::clamp<int64_t>(-window.h, 0, l.R), window.r1 = std::clamp<int64_t>(l.H - window.h, window.r0, l.R);
  window.s0 = std::clamp<int64_t>(-window.w, 0, l.S), window.s1 = std::clamp<int64_t>(l.W - window.w, window.s0, l.S);
  window.run = (window.s1 - window.s0) * l.C;
  return window;
}

// panel[t][kTileN] of w[k][t] for t in [0, length), rows `row` floats apart; lanes past `rows` are 0.
void pack_transposed(const float* w, int64_t row, int64_t rows, int64_t length, float* panel) {
  for (int64_t v = 0; v * kLanes < std::min<int64_t>(rows, kTileN); ++v) {
    for (int64_t t = 0; t < length; t += kLanes) {
      const SomeLanes lanes(0, length - t);
      Vector block[kLanes];
      for (int64_t i = 0; i < kLanes; ++i) {
        const int64_t k = v * kLanes + i;
        block[i] = k < rows ? lanes.load(w + k * row + t) : vector_zero();
      }
      transpose_lanes(block);
      for (int64_t i = 0; i < std::min<int64_t>(kLanes, length - t); ++i) {
        vector_store(panel + (t + i) * kTileN + v * kLanes, block[i]);
      }
    }
  }
}

// panel[i][kTileN] of the first `columns` values of `rows` rows, `row` floats apart; lanes past `columns` are 0.
void pack_rows(const float* from, int64_t row, int64_t rows, int64_t columns, float* panel) {
  for (int64_t v = 0; v * kLanes < std::min<int64_t>(columns, kTileN); ++v) {
    const SomeLanes lanes(0, columns - v * kLanes);
    for (int64_t i = 0; i < rows; ++i) {
      vector_store(panel + i * kTileN + v * kLanes, lanes.load(from + i * row + v * kLanes));
    }
  }
}

// ---- fprop ----------------------------------------------------------------------------------------------------------

// y of M images from `first` on, at one position and V vectors of filters from k on. `panel` holds the window's rows.
template <int M, int V>
void fprop_tile(const Layer& l, const Window& window, const float* x, const float* panel, const Finish<float>& finish,
                int64_t position, int64_t first, int64_t k) {
  Vector sums[M][V];
  tile_zero(sums);
  for (int64_t r = window.r0; r < window.r1; ++r, panel += window.run * kTileN) {
    tile_multiply(sums, window.run, x + first * l.x_image() + window.pixel(l, r), l.x_image(), 1, panel, kTileN);
  }
  Finish<float> at_position = finish.from(first * l.y_image() + position * l.K);
  if (finish.epilogue.bias != nullptr) at_position.epilogue.bias += position * l.K;
  finish_tile<M, V>(sums, l.K - k, at_position, l.y_image(), k);
}

// y[..,position,k ... k + kTileN) of all images.
void fprop_position(const Layer& l, const float* x, const float* w, const Finish<float>& finish, int64_t position,
                    int64_t k) {
  const Window window = window_of(l, position);
  float* const panel = scratch(1, l.filter() * kTileN);
  for (int64_t r = window.r0; r < window.r1; ++r) {
    pack_transposed(w + (position * l.K + k) * l.filter() + window.tap(l, r), l.filter(), l.K - k, window.run,
                    panel + (r - window.r0) * window.run * kTileN);
  }
  with_vectors(l.K - k, [&](auto v) {
    for (int64_t n = 0; n < l.N; n += kTileM) {
      with_rows(l.N - n, [&](auto m) {
        fprop_tile<decltype(m)::value, decltype(v)::value>(l, window, x, panel, finish, position, n, k);
      });
    }
  });
}

Status launch_fprop_panels(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                           Stream stream) {
  const Layer l = layer_of(s);
  const int64_t panels = panels_of(l.K);
  parallel_for(stream.cores, l.P * l.Q * panels, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      fprop_position(l, x, w, {y, epilogue}, i / panels, i % panels * kTileN);
    }
  });
  return {};
}

// ---- dgrad ----------------------------------------------------------------------------------------------------------

// The output that reads input `at` at filter row (or column) `tap`, or -1.
int64_t output_of(const Layer& l, int64_t at, int64_t tap, int64_t outputs) {
  const int64_t offset = at + l.pad - tap;
  return offset >= 0 && offset % l.stride == 0 && offset / l.stride < outputs ? offset / l.stride : -1;
}

// Calls visit(position, tap) for the taps of the windows that cover a pixel, in ascending order of r, s.
template <class Visit>
ALEXNET_INLINE void visit_covering(const Layer& l, int64_t pixel, const Visit& visit) {
  for (int64_t r = 0; r < l.R; ++r) {
    const int64_t p = output_of(l, pixel / l.W, r, l.P);
    for (int64_t s = 0; p >= 0 && s < l.S; ++s) {
      const int64_t q = output_of(l, pixel % l.W, s, l.Q);
      if (q >= 0) visit(p * l.Q + q, r * l.S + s);
    }
  }
}

// dx of M images from `first` on, at one pixel and V vectors of channels from c on; panel[tap][k][kTileN] of its taps.
template <int M, int V>
void dgrad_tile(const Layer& l, const float* dy, const float* panel, const Finish<float>& finish, int64_t pixel,
                int64_t first, int64_t c) {
  Vector sums[M][V];
  tile_zero(sums);
  visit_covering(l, pixel, [&](int64_t position, int64_t) ALEXNET_INLINED {
    tile_multiply(sums, l.K, dy + first * l.y_image() + position * l.K, l.y_image(), 1, panel, kTileN);
    panel += l.K * kTileN;
  });
  finish_tile<M, V>(sums, l.C - c, finish.from(first * l.x_image() + pixel * l.C), l.x_image(), c);
}

// dx[..,pixel,c ... c + kTileN) of all images.
void dgrad_pixel(const Layer& l, const float* dy, const float* w, const Finish<float>& finish, int64_t pixel,
                 int64_t c) {
  float* const panel = scratch(1, l.R * l.S * l.K * kTileN);
  float* to = panel;
  visit_covering(l, pixel, [&](int64_t position, int64_t tap) ALEXNET_INLINED {
    pack_rows(w + position * l.K * l.filter() + tap * l.C + c, l.filter(), l.K, l.C - c, to);
    to += l.K * kTileN;
  });
  with_vectors(l.C - c, [&](auto v) {
    for (int64_t n = 0; n < l.N; n += kTileM) {
      with_rows(l.N - n,
                [&](auto m) { dgrad_tile<decltype(m)::value, decltype(v)::value>(l, dy, panel, finish, pixel, n, c); });
    }
  });
}

Status launch_dgrad_panels(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                           Stream stream) {
  const Layer l = layer_of(s);
  const int64_t panels = panels_of(l.C);
  parallel_for(stream.cores, l.H * l.W * panels, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      dgrad_pixel(l, dy, w, {dx, {}, mask}, i / panels, i % panels * kTileN);
    }
  });
  return {};
}

// ---- wgrad ----------------------------------------------------------------------------------------------------------

// rows[k/kTileM][n][kTileM] of dy at one position; rows past K are 0.
void pack_gradients(const Layer& l, const float* dy, int64_t position, float* rows) {
  for (int64_t k = 0; k < l.K; k += kTileM, rows += l.N * kTileM) {
    for (int64_t n = 0; n < l.N; ++n) {
      const float* const from = dy + n * l.y_image() + position * l.K + k;
      for (int64_t i = 0; i < kTileM; ++i) rows[n * kTileM + i] = k + i < l.K ? from[i] : 0.f;
    }
  }
}

// dw of the first `columns` of a panel's taps, at M filters `filter` floats apart.
template <int M, int V>
void wgrad_tile(int64_t images, const float* rows, const float* panel, int64_t columns, int64_t filter, float* dw) {
  Vector sums[M][V];
  tile_zero(sums);
  tile_multiply(sums, images, rows, 1, kTileM, panel, kTileN);
  tile_each<M, V>(columns, [&](auto lanes, int i, int v)
                               ALEXNET_INLINED { lanes.store(dw + i * filter + v * kLanes, sums[i][v]); });
}

// dw[position,..,r,..]: the run inside the image, and 0 on either side of it. panel: [N][kTileN].
void wgrad_row(const Layer& l, const float* x, const float* rows, int64_t position, int64_t r, float* panel,
               float* dw) {
  const Window window = window_of(l, position);
  const bool inside = r >= window.r0 && r < window.r1;
  const int64_t run = inside ? window.run : 0, before = window.s0 * l.C, after = l.S * l.C - before - run;
  float* const first = dw + position * l.K * l.filter() + r * l.S * l.C;
  for (int64_t k = 0; k < l.K && run < l.S * l.C; ++k) {
    std::memset(first + k * l.filter(), 0, size_t(before) * sizeof(float));
    std::memset(first + k * l.filter() + before + run, 0, size_t(after) * sizeof(float));
  }
  for (int64_t j = 0; j < run; j += kTileN) {
    pack_rows(x + window.pixel(l, r) + j, l.x_image(), l.N, run - j, panel);
    with_vectors(run - j, [&](auto v) {
      for (int64_t k = 0; k < l.K; k += kTileM) {
        with_rows(l.K - k, [&](auto m) {
          wgrad_tile<decltype(m)::value, decltype(v)::value>(l.N, rows + k * l.N, panel, run - j, l.filter(),
                                                             first + k * l.filter() + before + j);
        });
      }
    });
  }
}

Status launch_wgrad_panels(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const Layer l = layer_of(s);
  if (db != nullptr) bias_sums({l.N, int32_t(l.y_image())}, dy, db, stream.cores);
  parallel_for(stream.cores, l.P * l.Q * l.R, 1, [&](int64_t first, int64_t last) {
    const int64_t padded = (l.K + kTileM - 1) / kTileM * kTileM;
    float* const panel = scratch(1, l.N * (kTileN + padded));  // [N][kTileN], then rows
    float* const rows = panel + l.N * kTileN;
    for (int64_t i = first; i < last; ++i) {
      if (i == first || i % l.R == 0) pack_gradients(l, dy, i / l.R, rows);
      wgrad_row(l, x, rows, i / l.R, i % l.R, panel, dw);
    }
  });
  return {};
}

}  // namespace

ALEXNET_VARIANT_NEEDS(kPanelsNeeds, LocalFprop, kPanels, prefers<kPanelsPreference>, launch_fprop_panels)
ALEXNET_VARIANT_NEEDS(kPanelsNeeds, LocalDgrad, kPanels, prefers<kPanelsPreference>, launch_dgrad_panels)
ALEXNET_VARIANT_NEEDS(kPanelsNeeds, LocalWgrad, kPanels, prefers<kPanelsPreference>, launch_wgrad_panels)

}  // namespace alexnet
