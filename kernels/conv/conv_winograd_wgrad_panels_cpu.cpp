// conv winograd wgrad panels: the gradient of the filters on the CPU by Winograd's minimal filtering (tile_cpu.h).
// Math     conv_winograd.h, with tiles of dy as filters and dw as outputs: F(3x3,2x2) (winograd2), F(3x3,4x4)
//          (winograd4), F(5x5,2x2) of 5 x 5 in both. The sum over tiles and images stands inside of the brackets: what
//          is transformed back is one sum of each point.
// Shapes   values of x [point][tile][C], of dy [panel][point][tile][n], sums[panel][point][C][n], n the columns of a
//          register tile.
// Cost     as fprop's, and each block of strips reads and writes its sums once.
// Launch   threads divide the strips of as many blocks as there are threads, and transform them; then points and
//          panels, of which each takes the blocks in order.
// Valid    as fprop. A sum is one lane and ascends in the tiles of a block, and in blocks, whose size is a matter of
//          the shape alone: the same bits for any number of threads and any width of vectors. db as direct.
// Measured as fprop (Zen 5), AVX2 / AVX-512: conv2 1.9 / 1.3, conv3 2.6 / 1.8, conv4 2.8 / 2.0, conv5 2.7 / 1.95;
//          winograd2 conv3 to conv5 1.8 / 1.5.
#include <algorithm>

#include "bias/bias_cpu.h"
#include "common/parallel_cpu.h"
#include "conv.h"
#include "conv_filters_cpu.h"
#include "conv_winograd_tiles_cpu.h"

namespace alexnet {
namespace {

using namespace winograd;

constexpr int64_t kBlockFloats = int64_t(1) << 19;  // of values of x and dy in a block: 2 MiB

// One group.
template <int R, int M>
struct Gradient {
  static constexpr int kSide = Grid<R, M>::kSide, kAll = Grid<R, M>::kAll;
  Grid<R, M> grid;  // of dy
  Inputs x;
  const float* dy;  // at the group's first channel
  int64_t dy_pixel;
  Filters filters;

  int64_t panel_floats() const { return floats_by_point(kAll, filters.C, kTileN); }
  // What decides about the order of sums: no property of vectors or threads.
  int64_t strips_of_block(int64_t all) const {
    const int64_t strip_floats = kAll * grid.tiles_of_strip() * (filters.C + filters.K);
    return std::clamp<int64_t>(kBlockFloats / strip_floats, 1, all);
  }
};

// G dy G^T of one tile, of all channels: those of panel i go to memory + i * panel_floats.
template <int R, int M, int kRows, int kColumns>
void transform_gradient(const Gradient<R, M>& g, const Tile& tile, const Values& first, int64_t panel_floats) {
  constexpr int kSide = M + R - 1, kHigh = kRows + R - 1, kWide = kColumns + R - 1;
  const float* const from = g.dy + ((tile.image * g.grid.P + tile.p) * g.grid.Q + tile.q) * g.dy_pixel;
  for (int64_t panel = 0; panel < g.filters.panels(); ++panel) {
    float* const rows = first.row(0, tile.number) + panel * panel_floats;
    for (int64_t lane = 0; lane < kTileN; lane += kLanes) {
      const int64_t k = panel * kTileN + lane;
      const SomeLanes lanes(0, g.filters.K - k);
      transform<FilterMatrix<kSide, kHigh, kRows>, FilterMatrix<kSide, kWide, kColumns>>(
          [&](int i, int j) ALEXNET_INLINED { return lanes.load(from + (i * g.grid.Q + j) * g.dy_pixel + k); },
          [&](int i, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
            for (int j = 0; j < kWide; ++j) {
              const int64_t point = place(kSide, kHigh, i) * kSide + place(kSide, kWide, j);
              vector_store(rows + point * first.point_pitch + lane, out[j]);
            }
          });
    }
  }
}

// sums[C][kTileN] += values[rows][C]^T * panel[rows][kTileN], the rows of one point in ascending order.
void multiply_point(int64_t C, const Values& values, int point, Rows rows, int64_t columns, const float* panel,
                    bool first, const Values& sums) {
  const int64_t slices = (C + kTileM - 1) / kTileM;
  with_vectors(columns, [&](auto v) {
    for (int64_t i = 0; i < slices; ++i) {
      const int64_t c = i * C / slices, end = (i + 1) * C / slices;
      with_rows(end - c, [&](auto m) {
        Vector tile[decltype(m)::value][decltype(v)::value];
        if (first) {
          tile_zero(tile);
        } else {
          tile_load(tile, sums.row(point, c), kTileN);
        }
        tile_multiply(tile, rows.last - rows.first, values.row(point, rows.first) + c, 1, values.tile_pitch, panel,
                      kTileN);
        tile_store(tile, sums.row(point, c), kTileN);
      });
    }
  });
}

// A^T M A of all channels of a panel, then dw.
template <int R, int M>
void store_panel(const Gradient<R, M>& g, const Values& sums, int64_t k, float* panel, float* dw) {
  constexpr int kSide = Grid<R, M>::kSide;
  using Matrix = OutputMatrix<kSide, kSide, R>;
  const int64_t floats = g.filters.C * kTileN;
  for (int64_t i = 0; i < floats; i += kLanes) {
    transform<Matrix, Matrix>([&](int row, int column)
                                  ALEXNET_INLINED { return vector_load(sums.row(row * kSide + column, 0) + i); },
                              [&](int r, const Vector* out) ALEXNET_INLINED {
#pragma GCC unroll 8
                                for (int s = 0; s < R; ++s) vector_store(panel + (r * R + s) * floats + i, out[s]);
                              });
  }
  unpack_fprop(g.filters, panel, k, dw);
}

// Some blocks of strips, one for each thread, and the memory of their values.
template <int R, int M>
struct Blocks {
  static constexpr int kAll = Grid<R, M>::kAll;
  const Gradient<R, M>& g;
  const int64_t strips, most;  // of all images, of a block
  float* memory = nullptr;

  int64_t pitch() const { return pitch_of(g.filters.C); }
  int64_t tiles() const { return most * g.grid.tiles_of_strip(); }
  int64_t x_floats() const { return floats_by_point(kAll, tiles(), pitch()); }
  int64_t dy_floats() const { return floats_by_point(kAll, tiles(), kTileN); }  // of a panel
  int64_t floats() const { return x_floats() + g.filters.panels() * dy_floats(); }

  Block<R, M> block(int64_t first) const { return {g.grid, first, std::min(strips, first + most)}; }
  Values values(int64_t i) const { return values_by_point(memory + i * floats(), tiles(), pitch()); }
  Values gradients(int64_t i) const { return values_by_point(memory + i * floats() + x_floats(), tiles(), kTileN); }
};

template <int R, int M>
void sum_images(const Gradient<R, M>& g, int64_t N, float* dw, const Cores& cores) {
  const int64_t strips = N * g.grid.strips(), panels = g.filters.panels();
  Blocks<R, M> blocks = {g, strips, g.strips_of_block(strips)};
  const int64_t most = blocks.most, at_a_time = std::min<int64_t>(cores.count, (strips + most - 1) / most) * most;
  float* const sums = scratch(0, panels * g.panel_floats() + at_a_time / most * blocks.floats());
  blocks.memory = sums + panels * g.panel_floats();
  const auto sums_of = [&](int64_t panel) {
    return values_by_point(sums + panel * g.panel_floats(), g.filters.C, kTileN);
  };
  for (int64_t begin = 0; begin < strips; begin += at_a_time) {
    const int64_t end = std::min(strips, begin + at_a_time);
    parallel_for(cores, end - begin, 1, [&](int64_t first, int64_t last) {
      for (int64_t strip = begin + first; strip < begin + last; ++strip) {
        const int64_t i = (strip - begin) / most;
        const Block<R, M> block = blocks.block(begin + i * most);
        transform_inputs(block, strip, strip + 1, g.x, blocks.values(i));
        block.each_tile(strip, strip + 1, [&](const Tile& tile) {
          with_extents<M>(tile, [&](auto rows, auto columns) {
            transform_gradient<R, M, decltype(rows)::value, decltype(columns)::value>(g, tile, blocks.gradients(i),
                                                                                      blocks.dy_floats());
          });
        });
      }
    });
    parallel_for(cores, g.kAll * panels, 1, [&](int64_t first, int64_t last) {
      for (int64_t strip = begin, i = 0; strip < end; strip += most, ++i) {
        const Block<R, M> block = blocks.block(strip);
        for (int64_t item = first; item < last; ++item) {
          const int point = int(item / panels);
          const int64_t panel = item % panels;
          const Rows rows = block.rows(point);
          multiply_point(g.filters.C, blocks.values(i), point, rows, g.filters.K - panel * kTileN,
                         blocks.gradients(i).row(point, rows.first) + panel * blocks.dy_floats(), strip == 0,
                         sums_of(panel));
        }
      }
    });
  }
  parallel_for(cores, panels, 1, [&](int64_t first, int64_t last) {
    float* const panel = scratch(1, g.filters.panel_floats());
    for (int64_t i = first; i < last; ++i) store_panel(g, sums_of(i), i * kTileN, panel, dw);
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
