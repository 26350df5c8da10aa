// gemm_tile: one block's tile of an fp32 matrix product, C[row,column] = sum over k of A[row,k] * B[k,column].
// Convolution and fully connected layers differ in how they bring A and B to shared memory (gemm_operands.cuh,
// conv_gather.cuh) and in what they do with the sums; this loop is common to all.
//
// Tile     A block owns kRows x kColumns sums, a warp 8 * kThreadRows x 4 * kThreadColumns of them, a thread
//          kThreadRows x kThreadColumns, in registers. Rows and columns of a thread come in fours that are neighbours,
//          so that it can store 16 bytes in either direction.
// Memory   kStages stages of kDepth steps of k. While stage i is multiplied, the copies of i + 1 and i + 2 are under
//          way (cp.async). One barrier per stage.
// Operand  An operand that is contiguous along k in global memory lies in shared memory as [index][k] (kInner), any
//          other as [k][index] (kOuter). Both are filled by 16-byte copies and read by 16-byte loads: four steps of k
//          of one index, or four indices of one step.
// Banks    kInner rows are kDepth + 4 floats apart: 8 adjacent rows start in 8 different groups of 4 banks. Lane bits
//          are dealt so that lanes 2i and 2i + 1 read the same 16 bytes of B, of which there are more: a load then
//          takes 2 cycles of the shared memory, not 4. Dealt so for A it is up to 3 % slower on an H200.
// Bound    probably by the register file: if each of its two banks gives one operand a cycle, the FFMA of which two
//          fresh operands lie in the same one, a third to half of them, explain what was measured (docs/kernels.md)
// Order    Each sum ascends in k, in one thread: its bits do not depend on the tile.
// Cost     Four steps of k: 4 * kThreadRows * kThreadColumns FFMA and kThreadRows + kThreadColumns loads of 16 bytes.
#ifndef ALEXNET_GEMM_TILE_CUH
#define ALEXNET_GEMM_TILE_CUH

#include "common/async_copy.cuh"
#include "common/gemm_plan.h"

namespace alexnet {
namespace {  // both compilations of a kernel are linked into one library

constexpr int kStep = 4;  // steps of k in a fragment

enum class Order { kInner, kOuter };

// The fp32 operand of kExtent indices in shared memory; kLanes lanes of a warp read different indices of it. Slots are
// the rows of the kInner layout: index 4 * lane + i of a group stands in slot kLanes * i + lane, so that lanes read
// adjacent slots though each owns four adjacent indices.
template <Order kOrder, int kExtent, int kLanes>
struct SharedOperand {
  static constexpr Order order = kOrder;
  static constexpr int extent = kExtent;
  static constexpr int stride = kOrder == Order::kInner ? kDepth + 4 : kExtent;  // floats between slots, or between k
  static constexpr int floats = kOrder == Order::kInner ? kExtent * stride : kDepth * stride;
  static constexpr int group = 4 * kLanes;

  __device__ static int index_of_slot(int slot) {
    const int in_group = slot % group;
    return slot - in_group + in_group % kLanes * 4 + in_group / kLanes;
  }

  // to[i][j]: index first + 4 * lane + i at k + j, where `first` is a multiple of the group.
  __device__ static __forceinline__ void load(SharedPtr<const float> stage, int first, int lane, int k,
                                              float (&to)[4][kStep]) {
    ALEXNET_UNROLL
    for (int i = 0; i < 4; ++i) {
      if constexpr (kOrder == Order::kInner) {
        const float4 v = shared_load<float4>(stage + ((first + kLanes * i + lane) * stride + k));
        to[i][0] = v.x, to[i][1] = v.y, to[i][2] = v.z, to[i][3] = v.w;
      } else {
        const float4 v = shared_load<float4>(stage + ((k + i) * stride + first + 4 * lane));
        to[0][i] = v.x, to[1][i] = v.y, to[2][i] = v.z, to[3][i] = v.w;
      }
    }
  }
};

// Which sums of the tile the current thread owns.
template <class Tile>
struct ThreadPlace {
  int row_lane, column_lane;    // in the warp: 0 to 7, 0 to 3
  int first_row, first_column;  // of the warp

  __device__ ThreadPlace() {
    const int lane = int(threadIdx.x) % 32, warp = int(threadIdx.x) / 32;
    column_lane = lane >> 1 & 3;
    row_lane = (lane & 1) | lane >> 3 << 1;
    first_row = warp % Tile::kWarpsDown * (8 * Tile::kThreadRows);
    first_column = warp / Tile::kWarpsDown * (4 * Tile::kThreadColumns);
  }
  __device__ int row(int i) const { return first_row + i / 4 * 32 + row_lane * 4 + i % 4; }
  __device__ int column(int j) const { return first_column + j / 4 * 16 + column_lane * 4 + j % 4; }
};

template <class Tile>
using Sums = float[Tile::kThreadRows][Tile::kThreadColumns];

// A stage is multiplied in units: four steps of k of four rows and four columns of the thread. The rows are the inner
// loop: the fragment of a column group serves all row groups, and each row group's fragment can be replaced as soon as
// the last column group has used it.
template <class Tile, class OperandA, class OperandB>
struct Units {
  static constexpr int kRowGroups = Tile::kThreadRows / 4, kColumnGroups = Tile::kThreadColumns / 4;
  static constexpr int kCount = kDepth / kStep * kColumnGroups * kRowGroups;
  static_assert(kDepth / kStep % 2 == 0, "fragments alternate across stages");
  __device__ static constexpr int row_group(int unit) { return unit % kRowGroups; }
  __device__ static constexpr int column(int unit) { return unit / kRowGroups; }  // counted through all steps
  __device__ static constexpr int column_group(int unit) { return column(unit) % kColumnGroups; }
  __device__ static constexpr int step(int unit) { return column(unit) / kColumnGroups; }

  float a[2][kRowGroups][4][kStep];  // of even and odd steps
  float b[2][4][kStep];              // of even and odd columns

  // Loads what this unit needs beyond the unit before it.
  __device__ __forceinline__ void load(int unit, SharedPtr<const float> stage_a, SharedPtr<const float> stage_b,
                                       const ThreadPlace<Tile>& place) {
    const int k = step(unit) * kStep;
    if (column_group(unit) == 0) {
      OperandA::load(stage_a, place.first_row + 32 * row_group(unit), place.row_lane, k,
                     a[step(unit) % 2][row_group(unit)]);
    }
    if (row_group(unit) == 0) {
      OperandB::load(stage_b, place.first_column + 16 * column_group(unit), place.column_lane, k, b[column(unit) % 2]);
    }
  }

  __device__ __forceinline__ void multiply(int unit, Sums<Tile>& sums) const {
    const int row = row_group(unit), first_row = 4 * row, first_column = 4 * column_group(unit);
    ALEXNET_UNROLL
    for (int k = 0; k < kStep; ++k) {
      ALEXNET_UNROLL
      for (int i = 0; i < 4; ++i) {
        ALEXNET_UNROLL
        for (int j = 0; j < 4; ++j) {
          sums[first_row + i][first_column + j] += a[step(unit) % 2][row][i][k] * b[column(unit) % 2][j][k];
        }
      }
    }
  }
};

// Floats of dynamic shared memory that gemm_accumulate uses, from the first on.
template <class OperandA, class OperandB>
constexpr int kStageFloats = kStages*(OperandA::floats + OperandB::floats);

// sums = the tile's sums over `stages` >= 1 stages. copy_a(to) and copy_b(to) issue the current thread's share of the
// copies of the next stage; see_b(stage) is called once for each stage of B, when all of it is there.
template <class Tile, class OperandA, class OperandB, class CopyA, class CopyB, class SeeB>
__device__ __forceinline__ void gemm_accumulate(int stages, SharedPtr<float> shared, CopyA&& copy_a, CopyB&& copy_b,
                                                SeeB&& see_b, Sums<Tile>& sums) {
  const auto a_at = [&](int slot) { return shared + slot * OperandA::floats; };
  const auto b_at = [&](int slot) { return shared + (kStages * OperandA::floats + slot * OperandB::floats); };
  const ThreadPlace<Tile> place;
  ALEXNET_UNROLL
  for (int i = 0; i < Tile::kThreadRows; ++i) {
    ALEXNET_UNROLL
    for (int j = 0; j < Tile::kThreadColumns; ++j) sums[i][j] = 0.f;
  }
  for (int i = 0; i < kStages - 1; ++i) {
    if (i < stages) copy_a(a_at(i)), copy_b(b_at(i));
    async_commit();  // empty groups too: a wait counts groups
  }
  async_wait<kStages - 2>();
  __syncthreads();  // every thread's copies of the first stage are there
  Units<Tile, OperandA, OperandB> units;
  units.load(0, a_at(0), b_at(0), place);
  int now = 0, next = 1, fill = kStages - 1;  // slots of the stage multiplied, the one after it, the one copied to
  for (int i = 0; i < stages; ++i) {
    if (i + kStages - 1 < stages) copy_a(a_at(fill)), copy_b(b_at(fill));
    async_commit();
    see_b(b_at(now));
    ALEXNET_UNROLL
    for (int unit = 0; unit < units.kCount; ++unit) {
      if (unit + 1 < units.kCount) {
        units.load(unit + 1, a_at(now), b_at(now), place);
      } else if (i + 1 < stages) {
        async_wait<kStages - 2>();
        __syncthreads();  // the next stage's copies are there; nobody reads this stage any more, so it may be filled
        units.load(0, a_at(next), b_at(next), place);
      }
      units.multiply(unit, sums);
    }
    now = next;
    next = next + 1 == kStages ? 0 : next + 1;
    fill = fill + 1 == kStages ? 0 : fill + 1;
  }
}

// visit(row, column, float4): four sums of adjacent columns, for all that the thread owns.
template <class Tile, class Visit>
__device__ __forceinline__ void for_row_quads(const Sums<Tile>& sums, Visit&& visit) {
  const ThreadPlace<Tile> place;
  ALEXNET_UNROLL
  for (int i = 0; i < Tile::kThreadRows; ++i) {
    ALEXNET_UNROLL
    for (int j = 0; j < Tile::kThreadColumns; j += 4) {
      visit(place.row(i), place.column(j), make_float4(sums[i][j], sums[i][j + 1], sums[i][j + 2], sums[i][j + 3]));
    }
  }
}

// Four sums of adjacent rows, from the thread's row i on.
template <class Tile>
__device__ __forceinline__ float4 column_quad(const Sums<Tile>& sums, int i, int column) {
  return make_float4(sums[i][column], sums[i + 1][column], sums[i + 2][column], sums[i + 3][column]);
}

// visit(row, column, float4): four sums of adjacent rows.
template <class Tile, class Visit>
__device__ __forceinline__ void for_column_quads(const Sums<Tile>& sums, Visit&& visit) {
  const ThreadPlace<Tile> place;
  ALEXNET_UNROLL
  for (int j = 0; j < Tile::kThreadColumns; ++j) {
    ALEXNET_UNROLL
    for (int i = 0; i < Tile::kThreadRows; i += 4) {
      visit(place.row(i), place.column(j), column_quad<Tile>(sums, i, j));
    }
  }
}

__device__ __forceinline__ float4 load_quad(const float* from) { return *reinterpret_cast<const float4*>(from); }
__device__ __forceinline__ void store_quad(float* to, float4 quad) { *reinterpret_cast<float4*>(to) = quad; }

// The first `count` of a quad, one after another: visit(j, value).
template <class Visit>
__device__ __forceinline__ void for_values(float4 quad, int count, Visit&& visit) {
  if (count > 0) visit(0, quad.x);
  if (count > 1) visit(1, quad.y);
  if (count > 2) visit(2, quad.z);
  if (count > 3) visit(3, quad.w);
}

// The parts of a split sum, `pitch` floats apart, added in ascending order.
__device__ inline float sum_of_parts(const float* part, int parts, int64_t pitch) {
  float sum = *part;
  for (int i = 1; i < parts; ++i) sum += part[i * pitch];
  return sum;
}

__host__ __device__ inline bool aligned16(const void* p) { return reinterpret_cast<uintptr_t>(p) % 16 == 0; }

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_TILE_CUH
