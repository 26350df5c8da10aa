#include <algorithm>

#include "bias/bias_cpu.h"
#include "common/parallel_cpu.h"
#include "conv.h"
#include "conv_filters_cpu.h"
#include "conv_winograd_tiles_cpu.h"

namespace alexnet {
namespace {

using namespace winograd;

constexpr int64_t kBlockFloats = int64_t(3) << 20;  // of values of x and dy at a time: 12 MiB

// One group.
template <int R, int M>
struct Gradient {
  static constexpr int kSide = Grid<R, M>::kSide, kAll = Grid<R, M>::kAll;
  Grid<R, M> grid;  // of dy
  Inputs x;
  const float* dy;  // at the group's first channel
  int64_t dy_pixel;
  Filters filters;

  int64_t panel_floats() const { return kAll * filters.C * kTileN; }
  // What decides about the order of sums: no property of vectors or threads.
  int64_t strips_of_block(int64_t all) const {
    const int64_t strip_floats = kAll * grid.tiles_of_strip() * (filters.C + filters.K);
    return std::clamp<int64_t>(kBlockFloats / strip_floats, 1, all);
  }
};

// Values of the K channels of dy: those of a panel at a point are rows of kTileN.
struct Panels {
  float* data;
  int64_t tiles;

  template <int kAll>
  float* row(int64_t panel, int64_t point, int64_t tile) const {
    return data + ((panel * kAll + point) * tiles + tile) * kTileN;
  }
};

// G dy G^T of one tile, of all channels.
template <int R, int M, int kRows, int kColumns>
void transform_gradient(const Gradient<R, M>& g, const Tile& tile, const Panels& to) {
  constexpr int kSide = M + R - 1, kHigh = kRows + R - 1, kWide = kColumns + R - 1;
  const float* const from = g.dy + ((tile.image * g.grid.P + tile.p) * g.grid.Q + tile.q) * g.dy_pixel;
  for (int64_t panel = 0; panel < g.filters.panels(); ++panel) {
    float* const rows = to.row<kSide * kSide>(panel, 0, tile.number);
    for (int64_t lane = 0; lane < kTileN; lane += kLanes) {
      const int64_t k = panel * kTileN + lane;
      const SomeLanes lanes(0, g.filters.K - k);
      transform<FilterMatrix<kSide, kHigh, kRows>, FilterMatrix<kSide, kWide, kColumns>>(
          [&](int i, int j) ALEXNET_INLINED { return lanes.load(from + (i * g.grid.Q + j) * g.dy_pixel + k); },
          [&](int i, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
            for (int j = 0; j < kWide; ++j) {
              const int64_t point = place(kSide, kHigh, i) * kSide + place(kSide, kWide, j);
              vector_store(rows + point * to.tiles * kTileN + lane, out[j]);
            }
          });
    }
  }
}

// sums[C][kTileN] += values[rows][C]^T * panel[rows][kTileN], the rows of one point in ascending order.
void multiply_point(int64_t C, const Values& values, int point, Rows rows, int64_t columns, const float* panel,
                    bool first, float* sums) {
  const int64_t slices = (C + kTileM - 1) / kTileM;
  with_vectors(columns, [&](auto v) {
    for (int64_t i = 0; i < slices; ++i) {
      const int64_t c = i * C / slices, end = (i + 1) * C / slices;
      with_rows(end - c, [&](auto m) {
        Vector tile[decltype(m)::value][decltype(v)::value];
        if (first) {
          tile_zero(tile);
        } else {
          tile_load(tile, sums + c * kTileN, kTileN);
        }
        tile_multiply(tile, rows.last - rows.first, values.row(point, rows.first) + c, 1, values.pitch, panel, kTileN);
        tile_store(tile, sums + c * kTileN, kTileN);
      });
    }
  });
}

// A^T M A of all channels of a panel, then dw.
template <int R, int M>
void store_panel(const Gradient<R, M>& g, const float* sums, int64_t k, float* panel, float* dw) {
  constexpr int kSide = Grid<R, M>::kSide;
  using Matrix = OutputMatrix<kSide, kSide, R>;
  const int64_t floats = g.filters.C * kTileN;
  for (int64_t i = 0; i < floats; i += kLanes) {
    transform<Matrix, Matrix>([&](int row, int column)
                                  ALEXNET_INLINED { return vector_load(sums + (row * kSide + column) * floats + i); },
                              [&](int r, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
                                for (int s = 0; s < R; ++s) vector_store(panel + (r * R + s) * floats + i, out[s]);
                              });
  }
  unpack_fprop(g.filters, panel, k, dw);
}

template <int R, int M>
void sum_images(const Gradient<R, M>& g, int64_t N, float* dw, const Cores& cores) {
  constexpr int kAll = Grid<R, M>::kAll;
  const int64_t strips = N * g.grid.strips(), most = g.strips_of_block(strips), panels = g.filters.panels();
  const int64_t tiles = most * g.grid.tiles_of_strip(), pitch = row_pitch(g.filters.C);
  float* const sums = scratch(0, panels * g.panel_floats() + kAll * tiles * (pitch + panels * kTileN));
  float* const x_values = sums + panels * g.panel_floats();
  for (int64_t strip = 0; strip < strips; strip += most) {
    const Block<R, M> block(g.grid, strip, std::min(strips, strip + most));
    const Values values = {x_values, block.tiles(), pitch};
    const Panels dy_values = {x_values + kAll * tiles * pitch, block.tiles()};
    parallel_for(cores, block.last() - block.first(), 1, [&](int64_t first, int64_t last) {
      transform_inputs(block, strip + first, strip + last, g.x, values);
      block.each_tile(strip + first, strip + last, [&](const Tile& tile) {
        with_extents<M>(tile, [&](auto rows, auto columns) {
          transform_gradient<R, M, decltype(rows)::value, decltype(columns)::value>(g, tile, dy_values);
        });
      });
    });
    parallel_for(cores, kAll * panels, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t point = i / panels, panel = i % panels;
        const Rows rows = block.rows(int(point));
        multiply_point(g.filters.C, values, int(point), rows, g.filters.K - panel * kTileN,
                       dy_values.template row<kAll>(panel, point, rows.first), strip == 0,
                       sums + panel * g.panel_floats() + point * g.filters.C * kTileN);
      }
    });
  }
  parallel_for(cores, panels, 1, [&](int64_t first, int64_t last) {
    float* const panel = scratch(1, g.filters.panel_floats());
    for (int64_t i = first; i < last; ++i) store_panel(g, sums + i * g.panel_floats(), i * kTileN, panel, dw);
  });
}

template <int R, int M>
Status wgrad(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  const int64_t P = conv_P(s), Q = conv_Q(s), C = s.C / s.G, K = s.K / s.G;
  if (db != nullptr) bias_sums({s.N * P * Q, s.K}, dy, db, stream.cores);
  for (int64_t group = 0; group < s.G; ++group) {
    const Inputs inputs = {x + group * C, s.H, s.W, s.C, C, s.pad, s.pad};
    const Gradient<R, M> g = {{P, Q}, inputs, dy + group * K, s.K, {R, R, C, K}};
    sum_images(g, s.N, dw + group * K * R * R * C, stream.cores);
  }
  return {};
}

template <int M>
Status launch(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return s.R == 5 ? wgrad<5, 2>(s, x, dy, dw, db, stream) : wgrad<3, M>(s, x, dy, dw, db, stream);
}
constexpr auto launch_wgrad2 = launch<2>;
constexpr auto launch_wgrad4 = launch<4>;

}  // namespace

ALEXNET_VARIANT_BY(Algorithm::kWinograd2, kPanelsNeeds, ConvWgrad, kWinograd2, prefer_winograd, launch_wgrad2)
ALEXNET_VARIANT_BY(Algorithm::kWinograd4, kPanelsNeeds, ConvWgrad, kWinograd4, prefer_winograd, launch_wgrad4)

}  // namespace alexnet
