// gemm_mma_bf16: the arithmetic of a warp's tile by tensor cores on what is stored as bf16 (mma.cuh), in the place of
// gemm_ffma.cuh's.
//
// Tile     As gemm_mma.cuh's, whose sums these are.
// Operand  In shared memory it lies as in global memory, [index][k] or [k][index]; nothing is transposed on the way. A
//          stage has 32 steps of k: as many bytes as 16 of float32.
// Unit     16 steps of k. `ldmatrix` brings squares of 16 x 16 values as fragments, four registers of a lane: one of A,
//          or two neighbouring ones of B; with .trans those of an operand that lies [k][index]. Then a product of each
//          with each.
// Banks    of shared memory: eight lanes give the rows of a matrix, 16 bytes each. A line is 16 bytes longer than its
//          values, an odd number of 16 bytes: so its eight rows lie in all 32 banks, and a load of four matrices takes
//          four cycles, no more. The copies to it as well: OperandCopy::line_of. gemm_mma_bf16_check.cpp counts both.
// Order    Each sum takes its units in ascending k; within a unit the tensor core has its own order.
// Roundoff None of the factors, which are bf16, and of the products, which have 16 bits; sums are float32.
#ifndef ALEXNET_GEMM_MMA_BF16_CUH
#define ALEXNET_GEMM_MMA_BF16_CUH

#include "common/gemm_loader.cuh"
#include "common/gemm_mma.cuh"

namespace alexnet {
namespace {

// A stage of an operand of kExtent indices that is contiguous along k or the index in global memory.
template <int kExtent, Order kOrder>
struct StageOperandBf16 {
  using Value = Bf16;
  static constexpr bool kAlongK = kOrder == Order::kInner;
  static constexpr int extent = kExtent, depth = stage_depth(Precision::kBf16);
  static constexpr int stride = (kAlongK ? depth : kExtent) + 8;  // values from line to line
  static constexpr int floats = (kAlongK ? kExtent : depth) * stride / 2;
  static_assert(stride % 16 == 8, "eight lines begin in different banks");
  static_assert(floats % 4 == 0, "what follows is aligned as well");
  __host__ __device__ static constexpr int at(int index, int k) {
    return kAlongK ? index * stride + k : k * stride + index;
  }
  // Where in a square of 16 indices and 16 steps of k row `row` of the matrix begins that has these halves of them.
  __host__ __device__ static constexpr int row_of(int row, int index_half, int k_half) {
    return kAlongK ? at(8 * index_half + row, 8 * k_half) : at(8 * index_half, 8 * k_half + row);
  }
};

template <class Tile_, Order kOrderA, Order kOrderB>
struct MmaBf16 : MmaSums<Tile_> {
  using Tile = Tile_;
  using Sums = MmaSums<Tile>;
  using Sums::kColumnBlocks, Sums::kRowBlocks;
  using A = StageOperandBf16<Tile::kRows, kOrderA>;
  using B = StageOperandBf16<Tile::kColumns, kOrderB>;
  static constexpr int kSteps = 16, kUnits = A::depth / kSteps;  // of k in a unit
  static_assert(kUnits % 2 == 0, "fragments alternate across stages");
  static_assert(kColumnBlocks % 2 == 0, "a load brings two of B");

  // A lane brings row lane % 8 of matrix lane / 8. A fragment of A has its lower rows second, one of B its later steps.
  __device__ MmaBf16() {
    const int row = int(threadIdx.x) % 8, matrix = int(threadIdx.x) % 32 / 8;
    row_of_a_ = A::at(this->first_row, 0) + A::row_of(row, matrix % 2, matrix / 2);
    row_of_b_ = B::at(this->first_column, 0) + B::row_of(row, matrix / 2, matrix % 2);
  }

  // Loads the fragments of a unit.
  __device__ __forceinline__ void load(int unit, SharedPtr<const float> stage_a, SharedPtr<const float> stage_b) {
    const int k = unit * kSteps;
    load_matrices<kRowBlocks, !A::kAlongK>(a_[unit % 2], shared_as<const Bf16>(stage_a) + (row_of_a_ + A::at(0, k)),
                                           A::at(16, 0));
    load_matrices<kColumnBlocks / 2, !B::kAlongK>(
        b_[unit % 2], shared_as<const Bf16>(stage_b) + (row_of_b_ + B::at(0, k)), B::at(16, 0));
  }

  __device__ __forceinline__ void multiply(int unit) {
    mma_bf16<kRowBlocks, kColumnBlocks>(this->sums, a_[unit % 2], b_[unit % 2]);
  }

 private:
  int row_of_a_, row_of_b_;                                    // of the warp's first squares
  uint32_t a_[2][kRowBlocks][4], b_[2][kColumnBlocks / 2][4];  // of even and odd units
};

template <Lines kLines, class Tile, Order kOrderA, Order kOrderB, class Fetch, class Visit>
__device__ __forceinline__ void store_tile(const MmaBf16<Tile, kOrderA, kOrderB>& mma, SharedPtr<float> shared,
                                           Fetch&& fetch, Visit&& visit) {
  store_sums<kLines, kStageFloats<MmaBf16<Tile, kOrderA, kOrderB>>>(mma, shared, fetch, visit);
}

// What multiplies by tensor cores in a precision; along what the operands are contiguous matters in bf16 alone.
template <Precision kPrecision, class Tile, Order kOrderA, Order kOrderB>
using TensorCores =
    std::conditional_t<kPrecision == Precision::kBf16, MmaBf16<Tile, kOrderA, kOrderB>, Mma<kPrecision, Tile>>;

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_MMA_BF16_CUH
