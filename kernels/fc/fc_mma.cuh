// fc_mma: the matrix products of fc_gemm.cuh with factors in tf32, by tensor cores (common/gemm_mma.cuh). Tiles, parts,
// copies and what becomes of the sums are the same.
#ifndef ALEXNET_FC_MMA_CUH
#define ALEXNET_FC_MMA_CUH

#include "common/gemm_mma.cuh"
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

template <class Tile, Order kOrderB, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_mma_parts(FcProblem s, const float* a, const float* b, float* parts) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  fc_parts<FcOperandsOf<MmaTf32<Tile>, kOrderB, kVector>>(s, a, b, parts, shared);
}

// Without 128 x 64 of two warps: a lane's 128 sums beside its fragments want more than 228 registers.
using MmaTiles = TileList<Tile128x96, Tile128x64FourWarps, Tile128x48, Tile64x32>;

template <Order kOrderB>
Status launch_fc_mma(int rows, int columns, int depth, const KSplit& split, const float* a, const float* b,
                     Stream stream) {
  return launch_fc_parts<kOrderB>(MmaTiles(), rows, columns, depth, split, a, b,
                                  [&](auto tile, auto vector, dim3 blocks, const FcProblem& problem) {
                                    using Tile = decltype(tile);
                                    return launch(fc_mma_parts<Tile, kOrderB, vector()>, blocks, Tile::kThreads,
                                                  kStageFloats<MmaTf32<Tile>> * sizeof(float), stream, problem, a, b,
                                                  static_cast<float*>(stream.workspace));
                                  });
}

template <class Tile, int kVector>
using FcOuterMma = FcOuterOperandsOf<MmaTf32<Tile>, kVector>;

inline int prefer_fc_mma(const FcShape& s, const Target& target) {
  return fc_gemm_fits(s) ? mma_preference(target) : 0;
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_FC_MMA_CUH
