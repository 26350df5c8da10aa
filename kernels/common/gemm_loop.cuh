// gemm_loop: one block's tile of a matrix product, C[row,column] = sum over k of A[row,k] * B[k,column]. Convolution
// and fully connected layers differ in how they bring A and B to shared memory and in what they do with the sums; this
// loop is common to all. It is put together from three policies, a file each:
//
//   Mma      what a warp does with a stage: the sums it owns, its fragments, its arithmetic   gemm_ffma.cuh,
//                                                                                             gemm_mma.cuh,
//                                                                                             gemm_mma_bf16.cuh
//   Loader   how a stage's operands come from global memory                                   gemm_loader.cuh
//   Store    how the sums leave, in whole lines, through the memory of the stages             gemm_store.cuh
//
// Memory   kStages stages of kDepth steps of k (of bf16 twice as many). While stage i is multiplied, the copies of
//          i + 1 and i + 2 are under way (cp.async). One barrier per stage.
// Units    A stage is multiplied in units. Before each the fragments of the next one are loaded, across stages too: a
//          load has a whole unit's arithmetic to arrive.
// Order    Each sum ascends in k.
#ifndef ALEXNET_GEMM_LOOP_CUH
#define ALEXNET_GEMM_LOOP_CUH

#include "common/async_copy.cuh"
#include "common/gemm_plan.h"

namespace alexnet {
namespace {  // both compilations of a kernel are linked into one library

// Floats of dynamic shared memory that gemm_loop uses, from the first on: stages, of each A, then B.
template <class Mma>
constexpr int kStageFloats = kStages*(Mma::A::floats + Mma::B::floats);

// `sum` with a column of the stage of B added, in ascending k. Four values at a time: of 16 the registers would count,
// and most blocks branch past.
template <class B>
__device__ __forceinline__ float add_column(SharedPtr<const float> stage, int column, float sum) {
  ALEXNET_UNROLL_BY(4)
  for (int k = 0; k < B::depth; ++k) {
    sum += float(shared_load<typename B::Value>(shared_as<const typename B::Value>(stage) + B::at(column, k)));
  }
  return sum;
}

// Leaves the tile's sums over `stages` >= 1 stages in `mma`, which begins at zero. copy_a(to) and copy_b(to) issue the
// current thread's share of the copies of the next stage; see_b(stage) is called once for each stage of B, when all of
// it is there. Afterwards the shared memory is free, once all warps have arrived.
template <class Mma, class CopyA, class CopyB, class SeeB>
__device__ __forceinline__ void gemm_loop(int stages, SharedPtr<float> shared, CopyA&& copy_a, CopyB&& copy_b,
                                          SeeB&& see_b, Mma& mma) {
  constexpr int kSlot = Mma::A::floats + Mma::B::floats;
  const auto a_at = [&](int slot) { return shared + slot; };
  const auto b_at = [&](int slot) { return shared + (slot + Mma::A::floats); };
  for (int i = 0; i < kStages - 1; ++i) {
    if (i < stages) copy_a(a_at(i * kSlot)), copy_b(b_at(i * kSlot));
    async_commit();  // empty groups too: a wait counts groups
  }
  async_wait<kStages - 2>();
  __syncthreads();  // every thread's copies of the first stage are there
  mma.load(0, a_at(0), b_at(0));
  // Where the stage multiplied, the one after it and the one copied to begin. They change places, which costs less
  // than to count.
  static_assert(kStages == 3, "three stages change places");
  int now = 0, next = kSlot, fill = 2 * kSlot;
  for (int left = stages; left > 0; --left) {
    if (left >= kStages) copy_a(a_at(fill)), copy_b(b_at(fill));
    async_commit();
    see_b(b_at(now));
    ALEXNET_UNROLL
    for (int unit = 0; unit < Mma::kUnits; ++unit) {
      if (unit + 1 < Mma::kUnits) {
        mma.load(unit + 1, a_at(now), b_at(now));
      } else if (left > 1) {
        async_wait<kStages - 2>();
        __syncthreads();  // the next stage's copies are there; nobody reads this stage any more, so it may be filled
        mma.load(0, a_at(next), b_at(next));
      }
      mma.multiply(unit);
    }
    const int free = now;
    now = next, next = fill, fill = free;
  }
  mma.stand();
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_GEMM_LOOP_CUH
