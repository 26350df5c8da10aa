// conv winograd panels: fprop and dgrad on the CPU by Winograd's minimal filtering, in register tiles (tile_cpu.h).
// Math     conv_winograd.h: F(2x2,3x3) (winograd2), F(4x4,3x3) (winograd4), and of 5 x 5 filters F(2x2,5x5) in both,
//          since of larger tiles errors grow too much. fprop correlates x with w; dgrad dy with the filters turned by
//          180 degrees, K and C exchanged. Outputs at a lower or right edge have smaller tiles, not padded ones.
// Shapes   values[point][tile][C] of the inputs, tiles across images (conv_winograd_tiles_cpu.h);
//          filters[panel][point][C][n]; products[tile][point][n] of one panel, n the columns of a register tile.
// Cost     2 FLOP per channel, filter and value at a point: of a 13 x 13 map 48 % of direct's products with tiles of 2,
//          29 % with tiles of 4, of 27 x 27 by 5 x 5 38 %. Bound by the FMA units; transforms take a sixth to a
//          quarter.
// Launch   a thread takes strips of tiles, a block at a time: so many that its values stay in the L2 cache while one
//          panel of filters after the other passes by; a panel's products are transformed back at once. Few images:
//          threads divide the panels, whose filters are then transformed where they are used.
// Valid    stride 1, 3 x 3 and 5 x 5 filters, 16 channels and filters a group at least, more than one pixel on either
//          side; other shapes stay direct. Each sum ascends in c in one lane, and each transform is the same chain of
//          operations: the same bits for any number of threads and any width of vectors. A NaN or infinity spreads over
//          the outputs of its tile.
// Measured one core with AVX-512 (Zen 5), batch 32, others at work on the machine, CPU time, medians of 9 interleaved;
//          times direct, AVX2 / AVX-512, winograd4: fprop conv2 2.1 / 1.7, conv3 2.8 / 2.2, conv4 2.5 / 2.1, conv5
//          2.5 / 1.8; dgrad conv2 1.9 / 1.4, conv3 2.5 / 1.9, conv4 2.6 / 2.0, conv5 2.7 / 2.0. winograd2: conv3 to
//          conv5 1.8 / 1.6.
#include <algorithm>
#include <cstring>

#include "common/finish_cpu.h"
#include "common/parallel_cpu.h"
#include "conv.h"
#include "conv_filters_cpu.h"
#include "conv_winograd_tiles_cpu.h"

namespace alexnet {
namespace {

using namespace winograd;

constexpr int64_t kBlockFloats = kLanes == 8 ? 96 << 10 : 192 << 10;  // of values: most of an L2 cache

// One group: y[p,q,k] = sum over r, s, c of x[p + r - pad_h, q + s - pad_w, c] * filter[k][r][s][c].
template <int R, int M>
struct Correlation {
  static constexpr int kAll = Grid<R, M>::kAll;
  Grid<R, M> grid;
  Inputs x;
  Filters filters;
  int64_t N, y_pixel;  // floats from one pixel of y to the next

  int64_t pitch() const { return pitch_of(filters.C); }
  int64_t value_floats(int64_t tiles) const { return floats_by_point(kAll, tiles, pitch()); }
  int64_t product_floats(int64_t tiles) const { return floats_by_tile(kAll, tiles, kTileN); }
  int64_t panel_floats() const { return floats_by_point(kAll, filters.C, kTileN); }
};

// The values of a panel [R][R][C][kTileN] of filters, rows being channels.
template <int R, int M>
void transform_filters(int64_t C, const float* panel, const Values& to) {
  constexpr int kSide = Grid<R, M>::kSide;
  using Matrix = FilterMatrix<kSide, kSide, R>;
  for (int64_t i = 0; i < C * kTileN; i += kLanes) {
    transform<Matrix, Matrix>([&](int r, int s)
                                  ALEXNET_INLINED { return vector_load(panel + (r * R + s) * C * kTileN + i); },
                              [&](int row, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
                                for (int j = 0; j < kSide; ++j) vector_store(to.row(row * kSide + j, 0) + i, out[j]);
                              });
  }
}

// products[row][kTileN] = values[row][C] * filters[C][kTileN] for the rows of one point; tiles of registers as equal as
// can be, since one of few rows waits for its own sums.
void multiply_point(int64_t C, const Values& values, int point, Rows rows, int64_t columns, const Values& filters,
                    const Values& products) {
  const int64_t count = rows.last - rows.first, tiles = (count + kTileM - 1) / kTileM;
  if (count == 0) return;
  const int64_t narrow = count / tiles, wide = count % tiles;  // so many rows, and so many tiles with one more
  with_vectors(columns, [&](auto v) {
    int64_t row = rows.first;
    for (int64_t i = 0; i < tiles; ++i) {
      with_rows(narrow + (i < wide), [&](auto m) {
        const float* a[decltype(m)::value];
        for (int j = 0; j < decltype(m)::value; ++j) a[j] = values.row(point, row + j);
        Vector sums[decltype(m)::value][decltype(v)::value];
        tile_zero(sums);
        tile_multiply_rows(sums, C, a, filters.row(point, 0), TileAhead{filters.row(point + 1, 0)});
        tile_store(sums, products.row(point, row), products.tile_pitch);
        row += decltype(m)::value;
      });
    }
  });
}

// A^T M A of one tile, then what becomes of it.
template <int R, int M, int kRows, int kColumns>
void transform_output(const Correlation<R, M>& g, const Tile& tile, const Values& products, const Finish<float>& finish,
                      int64_t k) {
  constexpr int kSide = M + R - 1, kHigh = kRows + R - 1, kWide = kColumns + R - 1;
  const int64_t at = ((tile.image * g.grid.P + tile.p) * g.grid.Q + tile.q) * g.y_pixel;
  const int64_t columns = std::min<int64_t>(kTileN, g.filters.K - k);
  for (int64_t lane = 0; lane < columns; lane += kLanes) {
    transform<OutputMatrix<kSide, kHigh, kRows>, OutputMatrix<kSide, kWide, kColumns>>(
        [&](int i, int j) ALEXNET_INLINED {
          return vector_load(products.row(place(kSide, kHigh, i) * kSide + place(kSide, kWide, j), tile.number) + lane);
        },
        [&](int i, const Vector* out) ALEXNET_INLINED {
          Vector row[kColumns][1];
#pragma GCC unroll 4
          for (int j = 0; j < kColumns; ++j) row[j][0] = out[j];
          const int64_t pixel = at + i * g.grid.Q * g.y_pixel;
          finish_tile<kColumns, 1>(row, columns - lane, finish.from(pixel), g.y_pixel, k + lane);
        });
  }
}

// One panel of filters, from channel k on, for the tiles of a block.
template <int R, int M>
void correlate(const Correlation<R, M>& g, const Block<R, M>& block, const Values& values, const Values& filters,
               float* memory, const Finish<float>& finish, int64_t k) {
  const Values products = values_by_tile(memory, Grid<R, M>::kAll, kTileN);
  for (int point = 0; point < Grid<R, M>::kAll; ++point) {
    multiply_point(g.filters.C, values, point, block.rows(point), g.filters.K - k, filters, products);
  }
  block.each_tile(block.first(), block.last(), [&](const Tile& tile) {
    with_extents<M>(tile, [&](auto rows, auto columns) {
      transform_output<R, M, decltype(rows)::value, decltype(columns)::value>(g, tile, products, finish, k);
    });
  });
}

// All images of one group. `finish` is of the group's first channel; pack(panel, to) makes a panel of the filters.
template <int R, int M, class Pack>
void correlate_images(const Correlation<R, M>& g, const Pack& pack, const Finish<float>& finish, const Cores& cores) {
  const Filters& f = g.filters;
  const int64_t strips = g.N * g.grid.strips(), all_tiles = strips * g.grid.tiles_of_strip();
  const auto transformed = [&](int64_t panel, float* packed, float* memory) {
    const Values to = values_by_point(memory, f.C, kTileN);
    pack(panel, packed);
    transform_filters<R, M>(f.C, packed, to);
    return to;
  };
  if (g.value_floats(all_tiles) <= kBlockFloats * cores.count) {
    const Block<R, M> block(g.grid, 0, strips);
    const Values values = values_by_point(scratch(0, g.value_floats(block.tiles())), block.tiles(), g.pitch());
    parallel_for(cores, strips, 1,
                 [&](int64_t first, int64_t last) { transform_inputs(block, first, last, g.x, values); });
    parallel_for(cores, f.panels(), 1, [&](int64_t first, int64_t last) {
      float* const packed = scratch(1, f.panel_floats() + g.panel_floats() + g.product_floats(block.tiles()));
      float* const filters = packed + f.panel_floats();
      for (int64_t i = first; i < last; ++i) {
        const Values panel = transformed(i, packed, filters);
        correlate(g, block, values, panel, filters + g.panel_floats(), finish, i * kTileN);
      }
    });
    return;
  }
  float* const filters = scratch(0, f.panels() * g.panel_floats());
  parallel_for(cores, f.panels(), 1, [&](int64_t first, int64_t last) {
    float* const packed = scratch(1, f.panel_floats());
    for (int64_t i = first; i < last; ++i) transformed(i, packed, filters + i * g.panel_floats());
  });
  parallel_for(cores, strips, 1, [&](int64_t first, int64_t last) {
    const int64_t strip_floats = g.value_floats(g.grid.tiles_of_strip());
    const int64_t most = std::max<int64_t>(1, kBlockFloats / strip_floats), tiles = most * g.grid.tiles_of_strip();
    float* const data = scratch(1, g.value_floats(tiles) + g.product_floats(tiles));
    for (int64_t strip = first; strip < last; strip += most) {
      const Block<R, M> block(g.grid, strip, std::min(last, strip + most));
      const Values values = values_by_point(data, block.tiles(), g.pitch());
      transform_inputs(block, block.first(), block.last(), g.x, values);
      for (int64_t i = 0; i < f.panels(); ++i) {
        const Values panel = values_by_point(filters + i * g.panel_floats(), f.C, kTileN);
        correlate(g, block, values, panel, data + g.value_floats(tiles), finish, i * kTileN);
      }
    }
  });
}

template <int R, int M>
Status fprop(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue, Stream stream) {
  const int64_t C = s.C / s.G, K = s.K / s.G;
  for (int64_t group = 0; group < s.G; ++group) {
    const Inputs inputs = {x + group * C, s.H, s.W, s.C, C, s.pad, s.pad};
    const Correlation<R, M> g = {{conv_P(s), conv_Q(s)}, inputs, {R, R, C, K}, s.N, s.K};
    const float* filters = w + group * K * R * R * C;
    Finish<float> finish = {y + group * K, epilogue};
    if (epilogue.bias != nullptr) finish.epilogue.bias += group * K;
    correlate_images(
        g, [&](int64_t panel, float* to) { pack_fprop(g.filters, filters, panel * kTileN, to); }, finish, stream.cores);
  }
  return {};
}

template <int R, int M>
Status dgrad(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  const int64_t C = s.C / s.G, K = s.K / s.G;
  for (int64_t group = 0; group < s.G; ++group) {
    const Inputs inputs = {dy + group * K, conv_P(s), conv_Q(s), s.K, K, R - 1 - s.pad, R - 1 - s.pad};
    const Correlation<R, M> g = {{s.H, s.W}, inputs, {R, R, K, C}, s.N, s.C};
    const float* filters = w + group * K * R * R * C;
    correlate_images(
        g, [&](int64_t panel, float* to) { pack_dgrad(g.filters, filters, panel * kTileN, to); },
        Finish<float>{dx, {}, mask}.from(group * C), stream.cores);
  }
  return {};
}

// A filter of 5 x 5 has tiles of 2 x 2 whichever was asked for: of larger ones the errors grow too much.
template <int M>
Status launch_fprop(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& e, Stream stream) {
  return s.R == 5 ? fprop<5, 2>(s, x, w, y, e, stream) : fprop<3, M>(s, x, w, y, e, stream);
}
template <int M>
Status launch_dgrad(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  return s.R == 5 ? dgrad<5, 2>(s, dy, w, mask, dx, stream) : dgrad<3, M>(s, dy, w, mask, dx, stream);
}

constexpr auto launch_fprop2 = launch_fprop<2>;
constexpr auto launch_fprop4 = launch_fprop<4>;
constexpr auto launch_dgrad2 = launch_dgrad<2>;
constexpr auto launch_dgrad4 = launch_dgrad<4>;

}  // namespace

ALEXNET_VARIANT_BY(Algorithm::kWinograd2, kPanelsNeeds, ConvFprop, kWinograd2, prefer_winograd, launch_fprop2)
ALEXNET_VARIANT_BY(Algorithm::kWinograd4, kPanelsNeeds, ConvFprop, kWinograd4, prefer_winograd, launch_fprop4)
ALEXNET_VARIANT_BY(Algorithm::kWinograd2, kPanelsNeeds, ConvDgrad, kWinograd2, prefer_winograd, launch_dgrad2)
ALEXNET_VARIANT_BY(Algorithm::kWinograd4, kPanelsNeeds, ConvDgrad, kWinograd4, prefer_winograd, launch_dgrad4)

}  // namespace alexnet
