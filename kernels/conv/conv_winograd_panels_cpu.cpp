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

  int64_t pitch() const { return row_pitch(filters.C); }
  int64_t panel_floats() const { return kAll * filters.C * kTileN; }
  int64_t value_floats(int64_t tiles) const { return kAll * tiles * pitch(); }
  int64_t product_floats(int64_t tiles) const { return kAll * tiles * kTileN; }
};

// values[point][C][kTileN] of a panel [R][R][C][kTileN] of filters.
template <int R, int M>
void transform_filters(int64_t C, const float* panel, float* values) {
  constexpr int kSide = Grid<R, M>::kSide;
  using Matrix = FilterMatrix<kSide, kSide, R>;
  for (int64_t i = 0; i < C * kTileN; i += kLanes) {
    transform<Matrix, Matrix>([&](int r, int s)
                                  ALEXNET_INLINED { return vector_load(panel + (r * R + s) * C * kTileN + i); },
                              [&](int row, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
                                for (int j = 0; j < kSide; ++j)
                                  vector_store(values + (row * kSide + j) * C * kTileN + i, out[j]);
                              });
  }
}

// products[row][kTileN] = values[row][C] * filters[C][kTileN] for the rows of one point; tiles of registers as equal as
// can be, since one of few rows waits for its own sums.
void multiply_point(int64_t C, const Values& values, int point, Rows rows, int64_t columns, const float* filters,
                    float* products) {
  const int64_t count = rows.last - rows.first, tiles = (count + kTileM - 1) / kTileM;
  with_vectors(columns, [&](auto v) {
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t first = rows.first + i * count / tiles, last = rows.first + (i + 1) * count / tiles;
      with_rows(last - first, [&](auto m) {
        const float* a[decltype(m)::value];
        for (int row = 0; row < decltype(m)::value; ++row) a[row] = values.row(point, first + row);
        Vector sums[decltype(m)::value][decltype(v)::value];
        tile_zero(sums);
        tile_multiply_rows(sums, C, a, filters);
        tile_store(sums, products + first * kTileN, kTileN);
      });
    }
  });
}

// A^T M A of one tile, then what becomes of it.
template <int R, int M, int kRows, int kColumns>
void transform_output(const Correlation<R, M>& g, const Tile& tile, int64_t tiles, const float* products,
                      const Finish& finish, int64_t k, float* y) {
  constexpr int kSide = M + R - 1, kHigh = kRows + R - 1, kWide = kColumns + R - 1;
  const int64_t at = ((tile.image * g.grid.P + tile.p) * g.grid.Q + tile.q) * g.y_pixel;
  const int64_t columns = std::min<int64_t>(kTileN, g.filters.K - k);
  for (int64_t lane = 0; lane < columns; lane += kLanes) {
    const float* from = products + tile.number * kTileN + lane;
    transform<OutputMatrix<kSide, kHigh, kRows>, OutputMatrix<kSide, kWide, kColumns>>(
        [&](int i, int j) ALEXNET_INLINED {
          const int64_t point = place(kSide, kHigh, i) * kSide + place(kSide, kWide, j);
          return vector_load(from + point * tiles * kTileN);
        },
        [&](int i, const Vector* out) ALEXNET_INLINED {
          Vector row[kColumns][1];
#pragma GCC unroll 4
          for (int j = 0; j < kColumns; ++j) row[j][0] = out[j];
          const int64_t pixel = at + i * g.grid.Q * g.y_pixel;
          finish_tile<kColumns, 1>(row, columns - lane, finish.from(pixel), g.y_pixel, k + lane, y + pixel);
        });
  }
}

// One panel of filters, from channel k on, for the tiles of a block.
template <int R, int M>
void correlate(const Correlation<R, M>& g, const Block<R, M>& block, const Values& values, const float* filters,
               float* products, const Finish& finish, int64_t k, float* y) {
  const int64_t tiles = block.tiles();
  for (int point = 0; point < Grid<R, M>::kAll; ++point) {
    const int64_t floats = point * g.filters.C * kTileN;
    multiply_point(g.filters.C, values, point, block.rows(point), g.filters.K - k, filters + floats,
                   products + point * tiles * kTileN);
  }
  block.each_tile(block.first(), block.last(), [&](const Tile& tile) {
    with_extents<M>(tile, [&](auto rows, auto columns) {
      transform_output<R, M, decltype(rows)::value, decltype(columns)::value>(g, tile, tiles, products, finish, k, y);
    });
  });
}

// All images of one group. y points at the group's first channel; pack(panel, to) makes a panel of the filters.
template <int R, int M, class Pack>
void correlate_images(const Correlation<R, M>& g, const Pack& pack, const Finish& finish, float* y,
                      const Cores& cores) {
  const Filters& f = g.filters;
  const int64_t strips = g.N * g.grid.strips(), all_tiles = strips * g.grid.tiles_of_strip();
  const auto transformed = [&](int64_t panel, float* packed, float* to) {
    pack(panel, packed);
    transform_filters<R, M>(f.C, packed, to);
  };
  if (g.value_floats(all_tiles) <= kBlockFloats * cores.count) {
    const Block<R, M> block(g.grid, 0, strips);
    const Values values = {scratch(0, g.value_floats(block.tiles())), block.tiles(), g.pitch()};
    parallel_for(cores, strips, 1,
                 [&](int64_t first, int64_t last) { transform_inputs(block, first, last, g.x, values); });
    parallel_for(cores, f.panels(), 1, [&](int64_t first, int64_t last) {
      float* const packed = scratch(1, f.panel_floats() + g.panel_floats() + g.product_floats(block.tiles()));
      float* const filters = packed + f.panel_floats();
      for (int64_t i = first; i < last; ++i) {
        transformed(i, packed, filters);
        correlate(g, block, values, filters, filters + g.panel_floats(), finish, i * kTileN, y);
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
      const Values values = {data, block.tiles(), g.pitch()};
      transform_inputs(block, block.first(), block.last(), g.x, values);
      for (int64_t i = 0; i < f.panels(); ++i) {
        correlate(g, block, values, filters + i * g.panel_floats(), data + g.value_floats(tiles), finish, i * kTileN,
                  y);
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
    Finish finish = {epilogue};
    if (epilogue.bias != nullptr) finish.epilogue.bias += group * K;
    correlate_images(
        g, [&](int64_t panel, float* to) { pack_fprop(g.filters, filters, panel * kTileN, to); }, finish, y + group * K,
        stream.cores);
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
        Finish{{}, mask}.from(group * C), dx + group * C, stream.cores);
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
