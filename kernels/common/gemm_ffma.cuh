// gemm_ffma: the fp32 arithmetic of a warp's tile, without tensor cores: one FFMA for each product.
//
// Tile     A block owns kRows x kColumns sums, a warp kWarpRows x kWarpColumns of them, a thread kThreadRows x
//          kThreadColumns, in registers. A warp's lanes stand 8 x 4; rows and columns of a thread come in fours that
//          are neighbours, so that one load of 16 bytes brings four of them.
// Operand  In shared memory both are [k][index], whichever way they lie in global memory.
// Unit     One step of k: the thread's rows and columns of it, kThreadRows + kThreadColumns floats, by loads of 16
//          bytes; then their outer product, column by column, the rows back and forth. So of the three operands of an
//          FFMA the column's value stays in the reuse cache of the register file, and at each turn the row's as well.
// Tuning   ptxas keeps most of an order, not all: Walk and Loads say in which one products and loads are written. A
//          kernel names those with which most turns remain, by cmake/register_banks.py; sums and their bits are the
//          same.
// Banks    of registers: a quarter of a multiprocessor has two, by the register's parity, and each seems to give one
//          operand a cycle. An FFMA whose two fresh operands lie in one bank takes two cycles. A row's value has the
//          row's parity, as it came by a load of 16 bytes; its sums are given the other one by the way in which they
//          leave (gemm_store.cuh). Then also at the turns no two fresh operands meet. Conflicts that remain follow an
//          instruction that is no FFMA, or a turn that ptxas moved: cmake/register_banks.py counts them,
//          docs/measurements/resources.md has the counts.
// Banks    of shared memory: lanes 2i and 2i + 1 read the same 16 bytes of B, of which there are more. Dealt so for A
//          it was up to 3 % slower on an H200.
// Order    Each sum ascends in k, in one thread: its bits do not depend on the tile.
// Roundoff 2^-24 for each product and sum.
#ifndef ALEXNET_GEMM_FFMA_CUH
#define ALEXNET_GEMM_FFMA_CUH

#include "common/gemm_plan.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

// A stage of an operand of kExtent indices: value (index, k) at float k * stride + index. The pad keeps 16-byte loads
// aligned, and puts rows that are four apart into other banks: a Loader that transposes writes to such at once.
template <int kExtent>
struct StageOperand {
  using Value = float;
  static constexpr bool kAlongK = false;  // whether neighbours in memory are steps of k
  static constexpr int extent = kExtent, depth = kDepth;
  static constexpr int stride = kExtent + 4;
  static constexpr int floats = kDepth * stride;
  __host__ __device__ static constexpr int at(int index, int k) { return k * stride + index; }
};

// Through the columns all rows up and down; the same from the last column on; or so that of the first four columns the
// first four rows come first.
enum class Walk { kSnake, kBack, kHalves };
// Fragments are loaded from A's first rows to B's last columns, or the other way round.
enum class Loads { kForward, kBackward };

template <class Tile_, Walk kWalk = Walk::kSnake, Loads kLoads = Loads::kForward>
struct Ffma {
  using Tile = Tile_;
  using A = StageOperand<Tile::kRows>;
  using B = StageOperand<Tile::kColumns>;
  static constexpr int kUnits = kDepth;
  static constexpr int kLaneRows = 8, kLaneColumns = 4;  // how the lanes stand
  static constexpr int kThreadRows = Tile::kThreadRows, kThreadColumns = Tile::kThreadColumns;
  static constexpr int kWarpRows = kLaneRows * kThreadRows, kWarpColumns = kLaneColumns * kThreadColumns;
  static_assert(kDepth % 2 == 0, "fragments alternate across stages");
  static_assert(kThreadRows == 8 && kThreadColumns % 4 == 0 && kThreadColumns >= 8, "rows and columns come in fours");

  int row_lane, column_lane;    // in the warp: 0 to 7, 0 to 3
  int first_row, first_column;  // of the warp, in the tile
  float sums[kThreadRows][kThreadColumns];

  // Finds out where in the tile the thread stands: before the loop, and after it again instead of keeping it.
  __device__ __forceinline__ void stand() {
    const int thread = opaque(int(threadIdx.x)), lane = thread % 32, warp = thread / 32;
    column_lane = lane >> 1 & 3;
    row_lane = (lane & 1) | lane >> 3 << 1;
    first_row = warp % Tile::kWarpsDown * kWarpRows;
    first_column = warp / Tile::kWarpsDown * kWarpColumns;
  }

  __device__ Ffma() {
    stand();
    ALEXNET_UNROLL
    for (int i = 0; i < kThreadRows; ++i) {
      ALEXNET_UNROLL
      for (int j = 0; j < kThreadColumns; ++j) sums[i][j] = 0.f;
    }
  }

  // Where in the warp's tile the sums [i][j] are.
  __device__ int row(int i) const { return i / 4 * (4 * kLaneRows) + row_lane * 4 + i % 4; }
  __device__ int column(int j) const { return j / 4 * (4 * kLaneColumns) + column_lane * 4 + j % 4; }

  // Loads the fragments of a unit.
  __device__ __forceinline__ void load(int unit, SharedPtr<const float> stage_a, SharedPtr<const float> stage_b) {
    constexpr int kQuadsA = kThreadRows / 4, kQuads = kQuadsA + kThreadColumns / 4;
    ALEXNET_UNROLL
    for (int n = 0; n < kQuads; ++n) {
      const int quad = kLoads == Loads::kForward ? n : kQuads - 1 - n, i = 4 * quad, j = 4 * (quad - kQuadsA);
      if (quad < kQuadsA) {
        load_quad(stage_a + (unit * A::stride + first_row + row(i)), a_[unit % 2] + i);
      } else {
        load_quad(stage_b + (unit * B::stride + first_column + column(j)), b_[unit % 2] + j);
      }
    }
  }

  __device__ __forceinline__ void multiply(int unit) {
    if constexpr (kWalk == Walk::kSnake) {
      ALEXNET_UNROLL
      for (int j = 0; j < kThreadColumns; ++j) multiply_rows<kThreadRows>(unit, 0, j);
    } else if constexpr (kWalk == Walk::kBack) {
      ALEXNET_UNROLL
      for (int j = kThreadColumns - 1; j >= 0; --j) multiply_rows<kThreadRows>(unit, 0, j);
    } else {
      ALEXNET_UNROLL
      for (int j = 0; j < 4; ++j) multiply_rows<4>(unit, 0, j);
      ALEXNET_UNROLL
      for (int j = 3; j >= 0; --j) multiply_rows<4>(unit, 4, j);
      ALEXNET_UNROLL
      for (int j = 4; j < kThreadColumns; ++j) multiply_rows<kThreadRows>(unit, 0, j ^ 1);  // goes on at the last row
    }
  }

 private:
  // kCount rows of a column, down if the column is even, else up.
  template <int kCount>
  __device__ __forceinline__ void multiply_rows(int unit, int first, int j) {
    ALEXNET_UNROLL
    for (int n = 0; n < kCount; ++n) {
      const int i = first + (j % 2 == 0 ? n : kCount - 1 - n);
      sums[i][j] += a_[unit % 2][i] * b_[unit % 2][j];
    }
  }

  __device__ static __forceinline__ void load_quad(SharedPtr<const float> from, float* to) {
    const float4 v = shared_load<float4>(from);
    to[0] = v.x, to[1] = v.y, to[2] = v.z, to[3] = v.w;
  }

  float a_[2][kThreadRows], b_[2][kThreadColumns];  // of even and odd steps of k
};

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_FFMA_CUH
