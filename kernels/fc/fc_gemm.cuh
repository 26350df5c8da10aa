// fc_gemm: what the matrix products of fully connected layers share.
//
// fprop and dgrad at small N have few sums and long ones: k is split, the parts' sums go to the workspace, and a second
// kernel adds them in ascending order and finishes the result. It always does, so that there is one path and one place
// for the epilogue. That is not free: written and read once, the parts at N = 128 are 89 % of the weights' bytes in
// fc6's fprop and 200 % in fc8's. wgrad has enough tiles and is not split.
#ifndef ALEXNET_FC_GEMM_CUH
#define ALEXNET_FC_GEMM_CUH

#include "common/gemm_loader.cuh"
#include "common/gemm_mma_bf16.cuh"
#include "fc/fc.h"

namespace alexnet {
namespace {

// Sums of products [rows,columns]: a is [rows,depth]; b is [columns,depth] (kInner) or [depth,columns] (kOuter).
struct FcProblem {
  int rows, columns, depth;
  int part_depth;  // of k, in a part
  int row_tiles;
};

inline bool fc_gemm_fits(const FcShape& s) {
  const int limit = 1 << 30;  // 16 tiles of the smallest width in a grid's y
  return s.N < limit && s.C < limit && s.K < limit && int64_t(s.N) * s.C / 512 < limit &&
         int64_t(s.K) * s.C / 512 < limit && int64_t(s.N) * s.K / 512 < limit;
}

// How a block of a product's parts multiplies, and copies what it multiplies.
template <class Mma_, Order kOrder, int kVector>
struct FcOperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using Value = typename Mma::A::Value;
  static constexpr Order kOrderB = kOrder;
  using CopyA = OperandCopy<typename Mma::A, Order::kInner, Tile::kThreads, kVector>;
  using CopyB = OperandCopy<typename Mma::B, kOrderB, Tile::kThreads, kVector>;
};

template <class Tile>
using FcFfma = Ffma<Tile, Tile::kThreadColumns == 16 ? Walk::kSnake : Walk::kHalves,
                    Tile::kThreadColumns == 8 ? Loads::kBackward : Loads::kForward>;
template <Precision kPrecision, class Tile, Order kOrderB, int kVector>
using FcOperands = FcOperandsOf<std::conditional_t<kPrecision == Precision::kFp32, FcFfma<Tile>,
                                                   TensorCores<kPrecision, Tile, Order::kInner, kOrderB>>,
                                kOrderB, kVector>;

template <class Copy>
__device__ auto fc_source(const typename Copy::Value* matrix, int first, int indices, int first_k, int depth,
                          int pitch) {
  if constexpr (Copy::kInner) {
    return DenseInner<Copy>(matrix + int64_t(first) * pitch + first_k, pitch, indices - first, depth);
  } else {
    return DenseOuter<Copy>(matrix + int64_t(first_k) * pitch + first, pitch, indices - first, depth);
  }
}

// parts[part,rows,columns]
template <class O>
__device__ __forceinline__ void fc_parts(const FcProblem& s, const typename O::Value* a, const typename O::Value* b,
                                         float* parts, SharedPtr<float> shared) {
  using Tile = typename O::Tile;
  const int first_row = int(blockIdx.x) % s.row_tiles * Tile::kRows;
  const int first_column = int(blockIdx.x) / s.row_tiles * Tile::kColumns;
  const int first_k = int(blockIdx.y) * s.part_depth, depth = min(s.part_depth, s.depth - first_k);
  auto source_a = fc_source<typename O::CopyA>(a, first_row, s.rows, first_k, depth, s.depth);
  auto source_b = fc_source<typename O::CopyB>(b, first_column, s.columns, first_k, depth,
                                               O::kOrderB == Order::kInner ? s.depth : s.columns);
  typename O::Mma mma;
  gemm_loop(
      ceil_div(depth, O::Mma::A::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, source_a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, source_b); }, [](SharedPtr<const float>) {}, mma);

  const bool whole = s.columns % 4 == 0;  // quads are inside or outside; the workspace is aligned
  store_tile<Lines::kRows>(mma, shared, [&](int row, int column, float4 quad) {
    const int left = s.columns - first_column - column;
    if (first_row + row >= s.rows || left <= 0) return;
    float* const to = parts + (int64_t(blockIdx.y) * s.rows + first_row + row) * s.columns + first_column + column;
    store_values(to, quad, left, whole);
  });
}

template <class Tile, Order kOrderB, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_gemm_parts(FcProblem s, const float* a, const float* b, float* parts) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  fc_parts<FcOperands<Precision::kFp32, Tile, kOrderB, kVector>>(s, a, b, parts, shared);
}

template <Precision kPrecision>
struct FcFactors {
  const Stored<kPrecision>*a, *b;
  float* parts;
};

template <Precision kPrecision, class Tile, Order kOrderB, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_mma_parts(FcProblem s, const __grid_constant__ OfTowers<FcFactors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const FcFactors<kPrecision>& at = towers.of[blockIdx.z];
  fc_parts<FcOperands<kPrecision, Tile, kOrderB, kVector>>(s, at.a, at.b, at.parts, shared);
}

// How k is split: a function of the shape, whatever tile a copy by 4 bytes may then need.
inline KSplit fc_split(Precision precision, int64_t rows, int64_t columns, int64_t depth) {
  constexpr int kLeastStages = 8;
  constexpr TileSpec tiles[] = {tile_spec<Tile128x96>(), tile_spec<Tile128x64>(), tile_spec<Tile128x64FourWarps>(),
                                tile_spec<Tile128x48>(), tile_spec<Tile64x32>()};
  const int64_t stages = tiles_of(depth, stage_depth(precision));
  const TileSpec& tile = tiles[choose_tile(tiles, rows, columns, tiles_of(stages, kLeastStages))];
  return split_k(tile, tiles_of(rows, tile.rows) * tiles_of(columns, tile.columns), stages, kLeastStages);
}

// launch_tile(tile, vector, blocks, problem), the first two as values whose types matter, for a kernel that leaves the
// parts' sums in the stream's workspace.
template <Precision kPrecision, int kVector, class Tiles, class Launch>
Status launch_fc_parts(Tiles tiles, int rows, int columns, int depth, const KSplit& split, Launch&& launch_tile) {
  return with_best_tile(tiles, rows, columns, split.parts, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(rows, Tile::kRows);
    const FcProblem problem = {rows, columns, depth, split.stages * stage_depth(kPrecision), int(row_tiles)};
    const dim3 blocks(unsigned(row_tiles * tiles_of(columns, Tile::kColumns)), unsigned(split.parts));
    return launch_tile(tile, std::integral_constant<int, kVector>(), blocks, problem);
  });
}

template <Precision kPrecision, Order kOrderB>
Status launch_fc_gemm(int rows, int columns, int depth, const KSplit& split, const float* a, const float* b,
                      Stream stream) {
  using Tiles = TilesOf<kPrecision>;
  constexpr int kWidest = widest_copy(kPrecision);
  const auto launch_tile = [&](auto tile, auto vector, dim3 blocks, const FcProblem& problem) {
    using Tile = decltype(tile);
    constexpr int kCopied = decltype(vector)::value;
    constexpr size_t kBytes =
        kStageFloats<typename FcOperands<kPrecision, Tile, kOrderB, kCopied>::Mma> * sizeof(float);
    float* const parts = static_cast<float*>(stream.workspace);
    if constexpr (kPrecision == Precision::kFp32) {
      return launch(fc_gemm_parts<Tile, kOrderB, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem, a, b,
                    parts);
    } else {
      const FcFactors<kPrecision> factors = {as_stored<kPrecision>(a), as_stored<kPrecision>(b), parts};
      return launch(fc_mma_parts<kPrecision, Tile, kOrderB, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem,
                    of_one_tower(factors));
    }
  };
  const bool pitch_by_16 = depth % kWidest == 0 && (kOrderB == Order::kInner || columns % kWidest == 0);
  if (pitch_by_16 && aligned16(a) && aligned16(b)) {
    return launch_fc_parts<kPrecision, kWidest>(typename Tiles::Quads(), rows, columns, depth, split, launch_tile);
  }
  if constexpr (kPrecision == Precision::kBf16) {
    return not_aligned("fc");
  } else {
    return launch_fc_parts<kPrecision, 1>(typename Tiles::Scalars(), rows, columns, depth, split, launch_tile);
  }
}

// ---- wgrad: columns are the filters k, rows the inputs c, so that a thread's sums are neighbours in dw[K,C]

struct FcOuterProblem {
  int N, C, K;
  int row_tiles;
};

template <class Mma_, int kVector>
struct FcOuterOperandsOf {
  using Mma = Mma_;
  using Tile = typename Mma::Tile;
  using B = typename Mma::B;
  using Value = typename B::Value;
  using CopyA = OperandCopy<typename Mma::A, Order::kOuter, Tile::kThreads, kVector>;
  using CopyB = OperandCopy<B, Order::kOuter, Tile::kThreads, kVector>;
  static constexpr size_t kBytes = kStageFloats<Mma> * sizeof(float);
};

template <Precision kPrecision, class Tile, int kVector>
using FcOuterOperands =
    FcOuterOperandsOf<std::conditional_t<kPrecision == Precision::kFp32, Ffma<Tile, Walk::kSnake>,
                                         TensorCores<kPrecision, Tile, Order::kOuter, Order::kOuter>>,
                      kVector>;

// store(i, quad, left, fetch(i)): four gradients from flat element i of [K,C] on, of which `left` are in the row.
// What is fetched for several quads is on its way at the same time. The blocks of the first inputs also sum dy's
// columns, which they have in shared memory, to db if it is not null.
template <class O, class Fetch, class Store>
__device__ __forceinline__ void fc_outer_product(const FcOuterProblem& s, const typename O::Value* x,
                                                 const typename O::Value* dy, float* db, SharedPtr<float> shared,
                                                 Fetch&& fetch, Store&& store) {
  using Tile = typename O::Tile;
  static_assert(Tile::kColumns <= Tile::kThreads, "a thread sums one column of dy");
  const int first_row = int(blockIdx.x) % s.row_tiles * Tile::kRows;
  const int first_column = int(blockIdx.x) / s.row_tiles * Tile::kColumns;
  DenseOuter<typename O::CopyA> a(x + first_row, s.C, s.C - first_row, s.N);
  DenseOuter<typename O::CopyB> b(dy + first_column, s.K, s.K - first_column, s.N);
  const int column = int(threadIdx.x);
  const bool sums_bias = db != nullptr && first_row == 0 && column < Tile::kColumns;
  float bias = 0.f;
  typename O::Mma mma;
  gemm_loop(
      ceil_div(s.N, O::B::depth), shared, [&](SharedPtr<float> to) { O::CopyA::copy(to, a); },
      [&](SharedPtr<float> to) { O::CopyB::copy(to, b); },
      [&](SharedPtr<const float> stage) {
        if (sums_bias) bias = add_column<typename O::B>(stage, column, bias);
      },
      mma);
  if (sums_bias && first_column + column < s.K) db[first_column + column] = bias;
  // Flat element of [K,C], or -1 outside of it.
  const auto element = [&](int row, int column) {
    const int c = first_row + row, k = first_column + column;
    return c < s.C && k < s.K ? int64_t(k) * s.C + c : int64_t(-1);
  };
  store_tile<Lines::kColumns>(
      mma, shared,
      [&](int row, int column) {
        const int64_t i = element(row, column);
        return i < 0 ? decltype(fetch(i))() : fetch(i);
      },
      [&](int row, int column, float4 quad, auto& fetched) {
        const int64_t i = element(row, column);
        if (i >= 0) store(i, quad, s.C - first_row - row, fetched);
      });
}

// launch_tile(tile, vector, blocks, problem), the first two as values whose types matter.
template <int kVector, class Tiles, class Launch>
Status launch_fc_outer(Tiles tiles, const FcShape& s, Launch&& launch_tile) {
  return with_best_tile(tiles, s.C, s.K, 1, [&](auto tile) {
    using Tile = decltype(tile);
    const int64_t row_tiles = tiles_of(s.C, Tile::kRows);
    const FcOuterProblem problem = {s.N, s.C, s.K, int(row_tiles)};
    const dim3 blocks(unsigned(row_tiles * tiles_of(s.K, Tile::kColumns)));
    return launch_tile(tile, std::integral_constant<int, kVector>(), blocks, problem);
  });
}

template <Precision kPrecision, class Launch>
Status launch_fc_outer(const FcShape& s, const float* x, const float* dy, Launch&& launch_tile) {
  using Tiles = TilesOf<kPrecision>;
  constexpr int kWidest = widest_copy(kPrecision);
  if (s.C % kWidest == 0 && s.K % kWidest == 0 && aligned16(x) && aligned16(dy))
    return launch_fc_outer<kWidest>(typename Tiles::Quads(), s, launch_tile);
  if constexpr (kPrecision == Precision::kBf16) {
    return not_aligned("fc");
  } else {
    return launch_fc_outer<1>(typename Tiles::Scalars(), s, launch_tile);
  }
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_FC_GEMM_CUH
