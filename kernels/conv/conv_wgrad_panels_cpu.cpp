// conv wgrad panels: the gradient of the filters on the CPU in register tiles of values x filters (tile_cpu.h).
// Math     conv.h, wgrad: for each (r, s, c) and k a sum over all output positions of x times dy.
// Shapes   m rows and n columns of a tile: 6 x 16 with AVX2, 8 x 48 with AVX-512. Few channels (C <= 8, the image):
//          a tile takes up to m neighbouring values of a filter row [S*C]; it reads x from a padded copy. More
//          channels: a tile takes up to m channels of one (r, s), from a copy of x in columns of those channels
//          [rows][columns][m], so that what a tile streams is dense. dy is copied into panels[k/n][P*Q][n].
//          sums[k/n][tile][m][n] gather the images in order. Both copies hold factors (factors_cpu.h): `_tf32` and
//          `_3xtf32` round, `_bf16` widens x and dy while it copies; dw and db are float32, db of dy as it is.
// Cost     2 FLOP per product and tile lane; bound by the FMA units. A segment of output rows at a time keeps both
//          operands of a tile in the L1 cache; each segment reads and writes its sums once.
// Launch   threads divide the images while copying, then the tiles.
// Valid    any shape. Each sum is one register lane and ascends in n, p, q: the same bits for any number of threads and
//          any width of vectors.
// Measured one Zen 2 core with a peak of 107 GFLOP/s, batch 24: conv1 88, conv2 99, conv3 and conv4 94, conv5 93;
//          oneDNN 3.11 with NHWC, its best of each: 66, 81, 84, 84, 79. One Xeon core, batch 24, AVX2 / AVX-512: conv1
//          81 / 129, conv2 99 / 151, conv3 94 / 147, conv4 94 / 142, conv5 93 / 137; the tile alone 104 / 176.
#include <algorithm>
#include <cstring>

#include "bias/bias_cpu.h"
#include "common/factors_cpu.h"
#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "conv.h"

namespace alexnet {
namespace {

constexpr int64_t kSegmentFloats = kLanes == 8 ? 6144 : 9216;  // of x and dy per tile: three quarters of an L1 cache
constexpr int64_t kTileFloats = kTileM * kTileN;
constexpr int64_t kCopyFloats = int64_t(1) << 20;  // of images copied at a time for several threads: 4 MiB

// One group of one layer.
struct Layer {
  int64_t H, W, C, K, R, S, stride, pad, P, Q;
  int64_t rows, columns;                              // of the padded x
  int64_t x_pixel, dy_pixel;                          // floats from one pixel to the next, over all groups
  bool by_row;                                        // tiles along a filter row, not along channels
  int64_t run() const { return by_row ? S * C : C; }  // the axis that tiles divide
  int64_t tiles_per_run() const { return (run() + kTileM - 1) / kTileM; }
  int64_t runs() const { return by_row ? R : R * S; }
  int64_t panels() const { return (K + kTileN - 1) / kTileN; }
  int64_t x_floats() const { return rows * columns * C; }
  int64_t dy_floats() const { return panels() * P * Q * kTileN; }
  int64_t row_floats() const { return Q * kTileN + (by_row ? columns * C : stride * columns * kTileM); }  // per tile
  int64_t segment_rows() const { return std::clamp<int64_t>(kSegmentFloats / row_floats(), 1, P); }
  int64_t images_per_pass() const { return std::max<int64_t>(1, kSegmentFloats / (P * row_floats())); }
};

// The values [first, first + width) of a run. Widths differ by at most one: a tile of 1 costs as much as one of 5.
struct Slice {
  int64_t first, width;
};

Slice slice(const Layer& l, int64_t tile) {
  const int64_t tiles = l.tiles_per_run(), narrow = l.run() / tiles, wide = l.run() % tiles;
  return {tile * narrow + std::min(tile, wide), narrow + (tile < wide ? 1 : 0)};
}

// The padded copy of one image: [rows][columns][C], or one block [rows][columns][width] per slice of the channels.
template <Precision precision>
void copy_x(const Layer& l, const Stored<precision>* x, float* to) {
  std::memset(to, 0, size_t(l.x_floats()) * sizeof(float));
  const int64_t slices = l.by_row ? 1 : l.tiles_per_run();
  const int64_t last_h = std::min(l.H, l.rows - l.pad), last_w = std::min(l.W, l.columns - l.pad);
  for (int64_t i = 0; i < slices; ++i) {
    const Slice c = l.by_row ? Slice{0, l.C} : slice(l, i);
    float* block = to + l.rows * l.columns * c.first;
    for (int64_t h = 0; h < last_h; ++h) {
      const auto* from = x + h * l.W * l.x_pixel + c.first;
      float* row = block + ((h + l.pad) * l.columns + l.pad) * c.width;
      if (c.width == l.x_pixel) {
        copy_factors<precision>(from, last_w * c.width, row);
        continue;
      }
      for (int64_t w = 0; w < last_w; ++w) {
        for (int64_t j = 0; j < c.width; ++j) row[w * c.width + j] = factor<precision>(from[w * l.x_pixel + j]);
      }
    }
  }
}

// panels[k/n][P*Q][n] of one image of dy, n = kTileN; lanes past K are 0.
template <Precision precision>
void copy_dy(const Layer& l, const Stored<precision>* dy, float* to) {
  const int64_t pixels = l.P * l.Q;
  for (int64_t panel = 0; panel < l.panels(); ++panel) {
    const int64_t k = panel * kTileN;
    for (int v = 0; v < kTileV; ++v) {
      const SomeLanes lanes(0, l.K - k - v * kLanes);
      const auto* from = dy + k + v * kLanes;
      float* column = to + panel * pixels * kTileN + v * kLanes;
      for (int64_t i = 0; i < pixels; ++i) {
        vector_store(column + i * kTileN, load_factors<precision>(lanes, from + i * l.dy_pixel));
      }
    }
  }
}

// A few images copied for multiplication.
struct Copies {
  int64_t images;
  const float* x;   // [image][x_floats]
  const float* dy;  // [image][panel][P*Q][kTileN]
};

// sums += over all images and the output rows [first, last): M values of x from `offset` on times V vectors of filters.
// `pixel` is the floats from one pixel of x to the next.
template <int M, int V>
void multiply_tile(const Layer& l, const Copies& from, int64_t offset, int64_t pixel, int64_t panel, int64_t first,
                   int64_t last, float* sums) {
  const int64_t Q = l.Q, step = l.stride * pixel, x_row = l.columns * step, dy_row = Q * kTileN;
  const int64_t x_image = l.x_floats(), dy_image = l.dy_floats();
  const float* x_first = from.x + offset + first * x_row;
  const float* dy_first = from.dy + (panel * l.P + first) * dy_row;
  Vector tile[M][V];
  tile_load(tile, sums, kTileN);
  for (int64_t n = 0; n < from.images; ++n, x_first += x_image, dy_first += dy_image) {
    const float *x = x_first, *dy = dy_first;
    for (int64_t p = first; p < last; ++p, x += x_row, dy += dy_row) {
      tile_multiply(tile, Q, x, 1, step, dy, kTileN);
    }
  }
  tile_store(tile, sums, kTileN);
}

// The tiles of one panel and the slices [slice0, slice1) of all runs. A segment of dy stays in the L1 cache meanwhile.
void multiply_panel(const Layer& l, const Copies& from, int64_t panel, int64_t slice0, int64_t slice1, float* sums) {
  const int64_t segment = l.segment_rows();
  for (int64_t first = 0; first < l.P; first += segment) {
    const int64_t last = std::min(l.P, first + segment);
    for (int64_t i = slice0; i < slice1; ++i) {
      const Slice c = slice(l, i);
      const int64_t pixel = l.by_row ? l.C : c.width;
      const int64_t block = l.by_row ? c.first : l.rows * l.columns * c.first;
      for (int64_t run = 0; run < l.runs(); ++run) {
        const int64_t r = l.by_row ? run : run / l.S, s = l.by_row ? 0 : run % l.S;
        with_rows(c.width, [&](auto m) {
          with_vectors(l.K - panel * kTileN, [&](auto v) {
            multiply_tile<decltype(m)::value, decltype(v)::value>(l, from, block + (r * l.columns + s) * pixel, pixel,
                                                                  panel, first, last,
                                                                  sums + (i * l.runs() + run) * kTileFloats);
          });
        });
      }
    }
  }
}

// All copied images into the sums of all panels, pass by pass.
void multiply_images(const Layer& l, const Copies& all, int64_t panel_sums, float* sums, const Cores& cores) {
  const int64_t slices = l.tiles_per_run(), pass = l.images_per_pass();
  parallel_for(cores, l.panels() * slices, 1, [&](int64_t first, int64_t last) {
    for (int64_t n = 0; n < all.images; n += pass) {
      const Copies some{std::min(pass, all.images - n), all.x + n * l.x_floats(), all.dy + n * l.dy_floats()};
      for (int64_t i = first; i < last; i = (i / slices + 1) * slices) {
        const int64_t panel = i / slices, end = std::min(last, (panel + 1) * slices);
        multiply_panel(l, some, panel, i % slices, end - panel * slices, sums + panel * panel_sums);
      }
    }
  });
}

// dw[k][r][s][c] of one panel of filters from its sums.
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

template <Precision precision>
Status launch_wgrad_panels(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const int64_t P = conv_P(s), Q = conv_Q(s), C = s.C / s.G, K = s.K / s.G;
  if (db != nullptr) bias_sums({s.N * P * Q, s.K}, as_stored<precision>(dy), db, stream.cores);
  const Layer l{s.H, s.W, C,     K, s.R, s.S, s.stride, s.pad, P, Q, (P - 1) * s.stride + s.R, (Q - 1) * s.stride + s.S,
                s.C, s.K, C <= 8};
  const int64_t panel_sums = l.tiles_per_run() * l.runs() * kTileFloats, sums_floats = l.panels() * panel_sums;
  const int64_t image_floats = l.x_floats() + l.dy_floats(), pass = l.images_per_pass();
  // One thread copies what it multiplies next; several take more at a time, a whole number of passes.
  const int64_t passes = stream.cores.count == 1 ? 1 : std::max<int64_t>(1, kCopyFloats / (pass * image_floats));
  const int64_t most = std::min<int64_t>(s.N, pass * passes);
  float* sums = scratch(0, sums_floats + most * image_floats);
  float* dy_copies = sums + sums_floats;
  float* x_copies = dy_copies + most * l.dy_floats();
  for (int64_t group = 0; group < s.G; ++group) {
    std::memset(sums, 0, size_t(sums_floats) * sizeof(float));
    for (int64_t n = 0; n < s.N; n += most) {
      const int64_t images = std::min<int64_t>(most, s.N - n);
      parallel_for(stream.cores, images, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; ++i) {
          const int64_t x_at = (n + i) * s.H * s.W * s.C + group * C, dy_at = (n + i) * P * Q * s.K + group * K;
          copy_x<precision>(l, as_stored<precision>(x) + x_at, x_copies + i * l.x_floats());
          copy_dy<precision>(l, as_stored<precision>(dy) + dy_at, dy_copies + i * l.dy_floats());
        }
      });
      multiply_images(l, {images, x_copies, dy_copies}, panel_sums, sums, stream.cores);
    }
    float* dw_group = dw + group * K * s.R * s.S * C;
    for (int64_t i = 0; i < l.panels(); ++i) store_panel(l, sums + i * panel_sums, i * kTileN, dw_group);
  }
  return {};
}

}  // namespace

ALEXNET_PANELS(ConvWgrad, launch_wgrad_panels)

}  // namespace alexnet
