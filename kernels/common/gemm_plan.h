// gemm_plan: the tiles of the GEMM kernels, and which of them a product gets. Host code; it depends on the shape
// only, so that a result has the same bits on every machine.
//
// Model    A multiprocessor issues four instructions a cycle, of which as many as possible should be FFMA. A thread's
//          stage has kDepth * kThreadRows * kThreadColumns FFMA, kStep-wide shared loads, copies and their addresses.
//          A product costs the tiles of the busiest multiprocessor, each its sums divided by that share of issue
//          slots. The smallest tile asks L2 for twice the bytes of a sum, so it must win by a quarter. Of two tiles of
//          one size, the one with more warps goes first where a multiprocessor gets few blocks:
//          on an H200 the 338 blocks of conv3's gradient took 377 us with two warps each, and 280 us with four (in a
//          trial whose inner loop was slower elsewhere). kMultiprocessors is an H200's; on another GPU the choice may
//          be second best, never wrong.
#ifndef ALEXNET_GEMM_PLAN_H
#define ALEXNET_GEMM_PLAN_H

#include <cstddef>
#include <cstdint>

#include "common/status.h"
#include "common/variant.h"

namespace alexnet {

constexpr int kMmaCapability = 80;  // of a GPU with tensor cores for tf32: 10 * major + minor

// What the variants prefer. On a GPU they go first: an H200 ran them at 25 to 66 % of its roofline, with the loop
// before this one (docs/measurements/gpu.md); `direct`, with two loads for each FFMA, was not measured beside them. On
// the emulator, which checks each access to shared memory, they were measured to take 5 to 8 times as long: `direct`
// goes first, or what rounds factors and then runs it (rounded.h).
constexpr int gemm_preference(const Target& target) {
  if (target.kind == Kind::kEmu) return 1;
  return target.precision == Precision::kFp32 || target.capability >= kMmaCapability ? 2 : 0;
}

constexpr int kDepth = 16;  // steps of k in a stage
// The same of a precision; what is stored as bf16 has as many bytes in a stage.
constexpr int stage_depth(Precision precision) { return precision == Precision::kBf16 ? 2 * kDepth : kDepth; }

// Values of 16 bytes, what one copy brings at most.
constexpr int widest_copy(Precision precision) { return precision == Precision::kBf16 ? 8 : 4; }
// Whether lines of these lengths can be copied: bf16 by 16 bytes alone, float32 by 4 if need be.
template <class... Lengths>
constexpr bool copies_fit(Precision precision, Lengths... lengths) {
  return precision != Precision::kBf16 || ((lengths % widest_copy(precision) == 0) && ...);
}
constexpr int kStages = 3;  // of shared memory
constexpr int kMultiprocessors = 132;

// A warp's lanes stand 8 x 4 over the tile's rows and columns.
template <int thread_rows, int thread_columns, int warps_down, int warps_across>
struct GemmTile {
  static constexpr int kThreadRows = thread_rows, kThreadColumns = thread_columns;
  static constexpr int kWarpsDown = warps_down, kWarpsAcross = warps_across;
  static constexpr int kThreads = 32 * warps_down * warps_across;
  static constexpr int kRows = 8 * thread_rows * warps_down;
  static constexpr int kColumns = 4 * thread_columns * warps_across;
  // Blocks that a multiprocessor holds at once: its 64 K registers are for 8 warps.
  static constexpr int kBlocks = 8 / (warps_down * warps_across);
};

using Tile128x96 = GemmTile<8, 12, 2, 2>;
using Tile128x64 = GemmTile<8, 16, 2, 1>;
using Tile128x64FourWarps = GemmTile<8, 8, 2, 2>;  // for products of few tiles
using Tile128x48 = GemmTile<8, 12, 2, 1>;
using Tile64x32 = GemmTile<8, 8, 1, 1>;  // for small products

// Tiles that a kernel has.
template <class... Tiles>
struct TileList {};

// Those of a precision's kernels: where both operands are copied by four values, where one of them is, or exists in
// part, and where none is. Tensor cores go without 128 x 64 of two warps: a lane's 128 sums beside its fragments want
// more than 228 registers (counted in tf32, not in bf16); in 3xtf32, whose fragments are two, without 96 sums as well.
template <Precision kPrecision>
struct TilesOf {
  using Quads = TileList<Tile128x96, Tile128x64FourWarps, Tile128x48, Tile64x32>;
  using Mixed = TileList<Tile128x96, Tile128x48>;
  using Scalars = TileList<Tile128x64FourWarps>;
};
template <>
struct TilesOf<Precision::kFp32> {
  using Quads = TileList<Tile128x96, Tile128x64, Tile128x64FourWarps, Tile128x48, Tile64x32>;
  using Mixed = TileList<Tile128x96, Tile128x48>;
  using Scalars = TileList<Tile128x48>;
};
template <>
struct TilesOf<Precision::kTf32x3> {
  using Quads = TileList<Tile128x64FourWarps, Tile64x32>;
  using Mixed = TileList<Tile128x64FourWarps>;
  using Scalars = TileList<Tile128x64FourWarps>;
};

struct TileSpec {
  int rows, columns, thread_rows, thread_columns, threads, blocks;
};
template <class Tile>
constexpr TileSpec tile_spec() {
  return {Tile::kRows, Tile::kColumns, Tile::kThreadRows, Tile::kThreadColumns, Tile::kThreads, Tile::kBlocks};
}

// The share of issued instructions that are FFMA, as it was counted in ptxas's code of an earlier loop: four values
// that are copied came with about seven instructions for their address, a stage with 60 for the loop. The present loop
// needs fewer (docs/measurements/resources.md); the model stays until a GPU says which tiles are quicker, as the plan
// of a product decides the order of its sums.
inline double ffma_share(const TileSpec& t) {
  const double ffma = double(kDepth) * t.thread_rows * t.thread_columns;
  const double loads = double(kDepth) / 4 * (t.thread_rows + t.thread_columns);
  const double copies = 8.0 * kDepth / 4 * (t.rows + t.columns) / t.threads;
  return ffma / (ffma + loads + copies + 60);
}

inline int64_t tiles_of(int64_t extent, int tile) { return (extent + tile - 1) / tile; }

// Of the tiles, the index of the one that the model finds quickest for `products` products of rows x columns sums.
template <int count>
int choose_tile(const TileSpec (&tiles)[count], int64_t rows, int64_t columns, int64_t products) {
  int best = 0;
  double best_cost = 0;
  for (int i = 0; i < count; ++i) {
    const TileSpec& t = tiles[i];
    const int64_t blocks = tiles_of(rows, t.rows) * tiles_of(columns, t.columns) * products;
    const double margin = t.threads == 32 ? 1.25 : 1;
    const double cost = margin * tiles_of(blocks, kMultiprocessors) * t.rows * t.columns / ffma_share(t);
    if (i == 0 || cost < best_cost) best = i, best_cost = cost;
  }
  const TileSpec& chosen = tiles[best];
  const int64_t blocks = tiles_of(rows, chosen.rows) * tiles_of(columns, chosen.columns) * products;
  for (int i = 0; i < count && blocks <= 3 * kMultiprocessors; ++i) {
    const TileSpec& t = tiles[i];
    if (t.rows == chosen.rows && t.columns == chosen.columns && t.threads > tiles[best].threads) best = i;
  }
  return best;
}

// call(Tile()) with the one of the Tiles that choose_tile names.
template <class... Tiles, class Call>
Status with_best_tile(TileList<Tiles...>, int64_t rows, int64_t columns, int64_t products, Call&& call) {
  const TileSpec specs[] = {tile_spec<Tiles>()...};
  const int best = choose_tile(specs, rows, columns, products);
  Status status;
  int i = 0;
  ((i++ == best ? void(status = call(Tiles())) : void()), ...);
  return status;
}

// k in `parts` parts of `stages` stages; the last part may have fewer.
struct KSplit {
  int parts, stages;
};

// Splits k where `blocks` blocks of the tile would leave room on the multiprocessors; a part has at least `least`
// stages.
inline KSplit split_k(const TileSpec& tile, int64_t blocks, int64_t stages, int least) {
  const int64_t wanted = int64_t(kMultiprocessors) * tile.blocks / blocks, most = stages / least;
  int64_t parts = wanted < most ? wanted : most;
  if (parts < 1) parts = 1;
  const int64_t each = (stages + parts - 1) / parts;
  return {int((stages + each - 1) / each), int(each)};
}

}  // namespace alexnet

#endif  // ALEXNET_GEMM_PLAN_H
