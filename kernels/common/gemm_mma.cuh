// gemm_mma: the arithmetic of a warp's tile by tensor cores, in tf32 (mma.cuh) or 3xtf32 (mma_3xtf32.cuh), in the place
// of gemm_ffma.cuh's.
//
// Tile     As there: a block owns kRows x kColumns sums, a warp kWarpRows x kWarpColumns, in blocks of 16 x 8, of which
//          each lane has four sums.
// Operand  In shared memory both are float32, [k][index], as there. They are rounded when fragments are loaded (3xtf32:
//          when they are multiplied), so that a bias's gradient, which is summed from the stage, is of what was not
//          rounded.
// Unit     Eight steps of k: kWarpRows / 16 fragments of A by four loads of 4 bytes, kWarpColumns / 8 of B by two, then
//          a product of each with each.
// Banks    of shared memory: a load of a fragment is four steps of k of eight neighbours. Lines are 4 floats longer
//          than their operand, so two lanes meet in a bank; 8 would let none meet, but a Loader's transposing copies
//          four.
// Order    Each sum takes its units in ascending k; within a unit the tensor core has its own order.
// Roundoff tf32: 2^-11 of each factor; products are exact, sums float32. 3xtf32: mma_3xtf32.cuh
#ifndef ALEXNET_GEMM_MMA_CUH
#define ALEXNET_GEMM_MMA_CUH

#include <type_traits>

#include "common/gemm_ffma.cuh"
#include "common/gemm_store.cuh"
#include "common/mma_3xtf32.cuh"

namespace alexnet {
namespace {

// What a lane keeps of a factor until it is multiplied: the bits of the tf32 number, or what is then split into two.
template <Precision kPrecision>
using LoadedFactor = std::conditional_t<kPrecision == Precision::kTf32, uint32_t, float>;

template <Precision kPrecision>
__device__ __forceinline__ LoadedFactor<kPrecision> loaded_factor(float x) {
  static_assert(kPrecision == Precision::kTf32 || kPrecision == Precision::kTf32x3, "what tensor cores multiply here");
  if constexpr (kPrecision == Precision::kTf32) {
    return to_tf32(x);
  } else {
    return x;
  }
}

// The sums of a warp, as products of 16 x 8 leave them with its lanes.
template <class Tile_>
struct MmaSums {
  using Tile = Tile_;
  static constexpr int kWarpRows = 8 * Tile::kThreadRows, kWarpColumns = 4 * Tile::kThreadColumns;
  static constexpr int kRowBlocks = kWarpRows / 16, kColumnBlocks = kWarpColumns / 8;
  static_assert(kWarpRows % 16 == 0 && kWarpColumns % 8 == 0, "a warp's tile is whole blocks");

  int group, place;             // of the lane: 0 to 7, 0 to 3
  int first_row, first_column;  // of the warp, in the tile
  float sums[kRowBlocks][kColumnBlocks][4];

  // Finds out where in the tile the lane stands: before the loop, and after it again instead of keeping it.
  __device__ __forceinline__ void stand() {
    const int thread = opaque(int(threadIdx.x)), lane = thread % 32, warp = thread / 32;
    group = lane / 4, place = lane % 4;
    first_row = warp % Tile::kWarpsDown * kWarpRows;
    first_column = warp / Tile::kWarpsDown * kWarpColumns;
  }

  __device__ MmaSums() {
    stand();
    ALEXNET_UNROLL
    for (int i = 0; i < kRowBlocks; ++i) {
      ALEXNET_UNROLL
      for (int j = 0; j < kColumnBlocks; ++j) {
        ALEXNET_UNROLL
        for (int n = 0; n < 4; ++n) sums[i][j][n] = 0.f;
      }
    }
  }
};

template <Precision kPrecision, class Tile_>
struct Mma : MmaSums<Tile_> {
  using Tile = Tile_;
  using Sums = MmaSums<Tile>;
  using Sums::first_column, Sums::first_row, Sums::group, Sums::kColumnBlocks, Sums::kRowBlocks, Sums::place,
      Sums::sums;
  using A = StageOperand<Tile::kRows>;
  using B = StageOperand<Tile::kColumns>;
  static constexpr int kSteps = 8, kUnits = kDepth / kSteps;  // of k in a unit
  static_assert(kUnits % 2 == 0, "fragments alternate across stages");

  // Loads the fragments of a unit.
  __device__ __forceinline__ void load(int unit, SharedPtr<const float> stage_a, SharedPtr<const float> stage_b) {
    const int k = unit * kSteps + place;
    ALEXNET_UNROLL
    for (int i = 0; i < kRowBlocks; ++i) {
      ALEXNET_UNROLL
      for (int n = 0; n < 4; ++n) {
        const int row = first_row + 16 * i + group + n % 2 * 8;
        a_[unit % 2][i][n] =
            loaded_factor<kPrecision>(shared_load<float>(stage_a + ((k + n / 2 * 4) * A::stride + row)));
      }
    }
    ALEXNET_UNROLL
    for (int j = 0; j < kColumnBlocks; ++j) {
      ALEXNET_UNROLL
      for (int n = 0; n < 2; ++n) {
        const int column = first_column + 8 * j + group;
        b_[unit % 2][j][n] =
            loaded_factor<kPrecision>(shared_load<float>(stage_b + ((k + 4 * n) * B::stride + column)));
      }
    }
  }

  __device__ __forceinline__ void multiply(int unit) {
    if constexpr (kPrecision == Precision::kTf32) {
      mma_tf32<kRowBlocks, kColumnBlocks>(sums, a_[unit % 2], b_[unit % 2]);
    } else {
      mma_3xtf32<kRowBlocks, kColumnBlocks>(sums, a_[unit % 2], b_[unit % 2]);
    }
  }

 private:
  using Factor = LoadedFactor<kPrecision>;
  Factor a_[2][kRowBlocks][4], b_[2][kColumnBlocks][2];  // of even and odd units
};

// As gemm_store.cuh's for FFMA: a warp puts 16 rows of its sums into the memory of the stages, kFloats floats, and its
// lanes take them out as quads of neighbours.
template <Lines kLines, int kFloats, class Tile, class Fetch, class Visit>
__device__ __forceinline__ void store_sums(const MmaSums<Tile>& mma, SharedPtr<float> shared, Fetch&& fetch,
                                           Visit&& visit) {
  using M = MmaSums<Tile>;
  constexpr int kPitch = M::kWarpColumns + 4, kQuads = 16 * M::kWarpColumns / 4 / 32;  // of a lane
  static_assert(16 * kPitch * (Tile::kThreads / 32) <= kFloats, "16 rows of each warp fit into the stages");
  const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
  const SharedPtr<float> mine = shared + warp * (16 * kPitch);
  __syncthreads();  // nobody reads the last stage any more
  ALEXNET_UNROLL
  for (int i = 0; i < M::kRowBlocks; ++i) {
    ALEXNET_UNROLL
    for (int j = 0; j < M::kColumnBlocks; ++j) {
      const float(&s)[4] = mma.sums[i][j];
      const SharedPtr<float> to = mine + (mma.group * kPitch + 8 * j + 2 * mma.place);
      shared_store(to, make_float2(s[0], s[1]));
      shared_store(to + 8 * kPitch, make_float2(s[2], s[3]));
    }
    __syncwarp();  // all of the 16 rows are there
    ALEXNET_UNROLL
    for (int n = 0; n < kQuads; ++n) {
      const int quad = lane + 32 * n;
      int row, column;
      float4 values;
      if constexpr (kLines == Lines::kRows) {
        row = quad / (M::kWarpColumns / 4), column = quad % (M::kWarpColumns / 4) * 4;
        values = shared_load<float4>(SharedPtr<const float>(mine + (row * kPitch + column)));
      } else {
        row = quad % 4 * 4, column = quad / 4;
        const auto value = [&](int m) { return shared_load<float>(mine + ((row + m) * kPitch + column)); };
        values = make_float4(value(0), value(1), value(2), value(3));
      }
      row += mma.first_row + 16 * i, column += mma.first_column;
      auto fetched = fetch(row, column);
      visit(row, column, values, fetched);
    }
    __syncwarp();  // they have been read before the next ones are written
  }
}

template <Lines kLines, Precision kPrecision, class Tile, class Fetch, class Visit>
__device__ __forceinline__ void store_tile(const Mma<kPrecision, Tile>& mma, SharedPtr<float> shared, Fetch&& fetch,
                                           Visit&& visit) {
  store_sums<kLines, kStageFloats<Mma<kPrecision, Tile>>>(mma, shared, fetch, visit);
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_MMA_CUH
