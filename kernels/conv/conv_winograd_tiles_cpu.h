// conv winograd tiles: which tiles an output has, where they lie among the values at a point, and how inputs get there.
//
// A strip is a row of tiles of one image. A block is a range of strips, across images. Its tiles are numbered so that
// those that have a point are neighbours, whichever the point: first those of a lower edge and full width, then the
// full ones, those of the right edge, and those of both edges. values[point][tile][channels] then are, for each point,
// the rows of one dense matrix. Points that an edge's tiles lack have fewer rows.
#ifndef ALEXNET_CONV_WINOGRAD_TILES_CPU_H
#define ALEXNET_CONV_WINOGRAD_TILES_CPU_H

#include <cstring>

#include "common/parallel_cpu.h"
#include "common/tile_cpu.h"
#include "conv.h"
#include "conv_winograd_transform_cpu.h"

namespace alexnet {
namespace winograd {
inline namespace ALEXNET_LANES {

// P x Q outputs in tiles of M x M, of windows of M + R - 1.
template <int R, int M>
struct Grid {
  static constexpr int kSide = M + R - 1, kAll = kSide * kSide;  // points of a full tile
  int64_t P, Q;

  int64_t full_rows() const { return P / M; }
  int64_t full_columns() const { return Q / M; }
  int64_t strips() const { return (P + M - 1) / M; }  // of an image
  int64_t tiles_of_strip() const { return (Q + M - 1) / M; }
  // Values at points of an image, for each channel.
  int64_t values() const {
    const auto points = [](int64_t extent) { return extent + (extent + M - 1) / M * (R - 1); };
    return points(P) * points(Q);
  }
  // Whether tiles of the last row, or column, of an extent have the i-th point of a side.
  static bool edge_has(int64_t extent, int i) {
    const int64_t edge = extent % M;
    return edge > 0 && (i < edge + R - 2 || i == kSide - 1);
  }
  // Full strips among the first `strips` of all images.
  int64_t full_among(int64_t first) const {
    return first / strips() * full_rows() + (first % strips() < full_rows() ? first % strips() : full_rows());
  }
};

// One tile: rows x columns outputs from (p, q) on of an image.
struct Tile {
  int64_t number, image, p, q, rows, columns;
};

struct Rows {
  int64_t first, last;
};

template <int R, int M>
class Block {
 public:
  // The strips [first, last) of all images.
  Block(const Grid<R, M>& grid, int64_t first, int64_t last)
      : grid_(grid), first_(first), last_(last), full_(grid.full_among(last) - grid.full_among(first)) {
    const int64_t edge = last - first - full_, right = grid.tiles_of_strip() - grid.full_columns();
    begin_[0] = 0;
    begin_[1] = edge * grid.full_columns();
    begin_[2] = begin_[1] + full_ * grid.full_columns();
    begin_[3] = begin_[2] + full_ * right;
    tiles_ = begin_[3] + edge * right;
  }

  int64_t first() const { return first_; }
  int64_t last() const { return last_; }
  int64_t tiles() const { return tiles_; }

  // The tiles that have a point.
  Rows rows(int point) const {
    const bool low = Grid<R, M>::edge_has(grid_.P, point / Grid<R, M>::kSide);
    const bool right = Grid<R, M>::edge_has(grid_.Q, point % Grid<R, M>::kSide);
    return {low ? 0 : begin_[1], !right ? begin_[2] : low ? tiles_ : begin_[3]};
  }

  // Calls body(tile) for the tiles of the strips [first, last), which are some of the block's.
  template <class Body>
  void each_tile(int64_t first, int64_t last, const Body& body) const {
    for (int64_t strip = first; strip < last; ++strip) {
      const int64_t full_before = grid_.full_among(strip) - grid_.full_among(first_), row = strip % grid_.strips();
      const bool low = row == grid_.full_rows();
      const int64_t before = low ? strip - first_ - full_before : full_before;
      Tile tile = {begin_[low ? 0 : 1] + before * grid_.full_columns(),
                   strip / grid_.strips(),
                   row * M,
                   0,
                   low ? grid_.P % M : M,
                   M};
      for (int64_t i = 0; i < grid_.full_columns(); ++i, ++tile.number, tile.q += M) body(tile);
      if (grid_.tiles_of_strip() == grid_.full_columns()) continue;
      tile.number = begin_[low ? 3 : 2] + before;
      tile.columns = grid_.Q % M;
      body(tile);
    }
  }

 private:
  const Grid<R, M>& grid_;
  const int64_t first_, last_, full_;
  int64_t begin_[4], tiles_;
};

// The variants' names, one for each width of vectors.
constexpr const char* kWinograd2 = kLanes == 8 ? "winograd2" : "winograd2_avx512";
constexpr const char* kWinograd4 = kLanes == 8 ? "winograd4" : "winograd4_avx512";

// Where it was quicker than direct (docs/measurements/cpu.md). With fewer than 16 channels the transforms cost what
// they save, and a map of one pixel has no product to save. Both widths take the same shapes, so that a layer has the
// same bits on every machine.
inline int prefer_winograd(const ConvShape& s, const Target&) {
  const bool fits = s.stride == 1 && s.R == s.S && (s.R == 3 || s.R == 5) && s.C / s.G >= 16 && s.K / s.G >= 16;
  const bool saves = int64_t(conv_P(s)) * conv_Q(s) > 1 && int64_t(s.H) * s.W > 1;
  return fits && saves ? kPanelsPreference + 2 : 0;
}

// Calls body(Count<rows>{}, Count<columns>{}) with what a tile has of either.
template <int M, class Body>
ALEXNET_INLINE void with_extents(const Tile& tile, const Body& body) {
  with_count<M>(tile.rows, [&](auto rows) { with_count<M>(tile.columns, [&](auto columns) { body(rows, columns); }); });
}

// Rows of `floats` floats are so far apart: an odd number of cache lines, so that many of them, one below the other, do
// not meet in a few sets of the cache; and whole vectors can be stored.
constexpr int64_t pitch_of(int64_t floats) { return ((floats + 15) / 16 | 1) * 16; }

// Values of channels: of each point a matrix with a row for each tile.
struct Values {
  float* data;
  int64_t point_pitch, tile_pitch;

  float* row(int64_t point, int64_t tile) const { return data + point * point_pitch + tile * tile_pitch; }
};

// So that a point's rows follow each other, as a product reads them.
constexpr int64_t floats_by_point(int64_t points, int64_t rows, int64_t pitch) {
  return points * pitch_of(rows * pitch);
}
constexpr Values values_by_point(float* data, int64_t rows, int64_t pitch) {
  return {data, pitch_of(rows * pitch), pitch};
}

// So that a tile's points do, as a transform reads them.
constexpr int64_t floats_by_tile(int64_t points, int64_t rows, int64_t floats) {
  return rows * pitch_of(points * floats);
}
constexpr Values values_by_tile(float* data, int64_t points, int64_t floats) {
  return {data, floats, pitch_of(points * floats)};
}

// The images that windows read: the C channels that follow the pointer, of `channels`. The window of output (p, q)
// begins at (p - pad_h, q - pad_w).
struct Inputs {
  const float* x;
  int64_t H, W, channels, C, pad_h, pad_w;
};

// B^T d B of one tile, of all channels.
template <int R, int M, int kRows, int kColumns>
void transform_input(const Inputs& from, const float* zeros, const Tile& tile, const Values& to) {
  constexpr int kSide = M + R - 1, kHigh = kRows + R - 1, kWide = kColumns + R - 1;
  const float* pixels[kHigh][kWide];
  for (int i = 0; i < kHigh; ++i) {
    const int64_t h = tile.p - from.pad_h + i;
    for (int j = 0; j < kWide; ++j) {
      const int64_t w = tile.q - from.pad_w + j;
      const bool inside = h >= 0 && h < from.H && w >= 0 && w < from.W;
      pixels[i][j] = inside ? from.x + ((tile.image * from.H + h) * from.W + w) * from.channels : zeros;
    }
  }
  for_lanes(0, from.C, [&](auto lanes, int64_t c) ALEXNET_INLINED {
    transform<InputMatrix<kSide, kHigh>, InputMatrix<kSide, kWide>>(
        [&](int i, int j) ALEXNET_INLINED { return lanes.load(pixels[i][j] + c); },
        [&](int i, const Vector* out) ALEXNET_INLINED {
          float* const row = to.row(place(kSide, kHigh, i) * kSide, tile.number) + c;
#pragma GCC unroll 8
          for (int j = 0; j < kWide; ++j) vector_store(row + place(kSide, kWide, j) * to.point_pitch, out[j]);
        });
  });
}

// Of the strips [first, last) of a block.
template <int R, int M>
void transform_inputs(const Block<R, M>& block, int64_t first, int64_t last, const Inputs& from, const Values& to) {
  float* const zeros = scratch(3, from.C);  // what lies outside of an image
  std::memset(zeros, 0, size_t(from.C) * sizeof(float));
  block.each_tile(first, last, [&](const Tile& tile) {
    with_extents<M>(tile, [&](auto rows, auto columns) {
      transform_input<R, M, decltype(rows)::value, decltype(columns)::value>(from, zeros, tile, to);
    });
  });
}

}  // namespace ALEXNET_LANES
}  // namespace winograd
}  // namespace alexnet

#endif  // ALEXNET_CONV_WINOGRAD_TILES_CPU_H
