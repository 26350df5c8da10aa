// fc_wgrad_gemm: gradient by a fully connected layer's weights as a matrix product.
// Math     fc.h, db included; gemm_m = C, gemm_n = K, gemm_k = N. The product is dw transposed, so that a thread's sums
//          of adjacent inputs are adjacent in dw
// Shapes   x: [N,C], dy: [N,K], dw: [K,C], db: [K] or null; float32, no aliasing
// Units    none
// Cost     N FFMA and 4 bytes written per weight: bound by issue down to N of about 30, by memory below. FFMA have,
//          counted in sm_90a code with conflicts of register banks, 78 to 86 % of the issue slots
// Launch   tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h; x: tiles of
//          inputs, then of filters. Shared: 44,544, 38,400, 35,328 or 19,968 bytes. No workspace: the layers have
//          enough tiles without splitting N. Registers: docs/measurements/resources.md; nothing spilled
// Valid    validate_fc and fc_gemm_fits. 16-byte copies where C and K divide by 4, else by 4 bytes with the same sums.
//          Each ascends in n: bit-reproducible, on emu the bits of fc_wgrad_direct
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x and dy are stored so, dw and db float32; C and K divide by 8.
//          Shared: 46,080, 39,936, 36,864 or 21,504 bytes. The order within 16 steps is the tensor core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          fc6-plane 82 us 46 %, fc7-plane 31 us 55 %, fc8-plane 25 us 34 % (docs/measurements/gpu.md)
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

template <class O>
__device__ __forceinline__ void fc_wgrad(const FcOuterProblem& s, const typename O::Value* x,
                                         const typename O::Value* dy, float* dw, float* db, SharedPtr<float> shared) {
  const bool whole = s.C % 4 == 0 && aligned16(dw);  // quads are inside or outside
  const auto fetch = [](int64_t) { return Nothing{}; };
  fc_outer_product<O>(s, x, dy, db, shared, fetch,
                      [&](int64_t i, float4 quad, int left, Nothing) { store_values(dw + i, quad, left, whole); });
}

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_wgrad_gemm(FcOuterProblem s, const float* x, const float* dy, float* dw, float* db) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  fc_wgrad<FcOuterOperands<Precision::kFp32, Tile, kVector>>(s, x, dy, dw, db, shared);
}

template <Precision kPrecision>
struct Tensors {
  const Stored<kPrecision>*x, *dy;
  float *dw, *db;
};

template <Precision kPrecision, class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_wgrad_mma(FcOuterProblem s, const __grid_constant__ OfTowers<Tensors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const Tensors<kPrecision>& at = towers.of[blockIdx.z];
  fc_wgrad<FcOuterOperands<kPrecision, Tile, kVector>>(s, at.x, at.dy, at.dw, at.db, shared);
}

int prefer_gemm(const FcShape& s, const Target& target) {
  return fc_gemm_fits(s) && copies_fit(target.precision, s.C, s.K) ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_gemm(const FcShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return launch_fc_outer<kPrecision>(s, x, dy, [&](auto tile, auto vector, dim3 blocks, const FcOuterProblem& problem) {
    using Tile = decltype(tile);
    constexpr int kCopied = decltype(vector)::value;
    constexpr size_t kBytes = FcOuterOperands<kPrecision, Tile, kCopied>::kBytes;
    if constexpr (kPrecision == Precision::kFp32) {
      return launch(fc_wgrad_gemm<Tile, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem, x, dy, dw, db);
    } else {
      const Tensors<kPrecision> tensors = {as_stored<kPrecision>(x), as_stored<kPrecision>(dy), dw, db};
      return launch(fc_wgrad_mma<kPrecision, Tile, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem,
                    of_one_tower(tensors));
    }
  });
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcWgrad, "gemm", prefer_gemm, no_workspace<FcShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, FcWgrad, "mma_tf32", prefer_gemm, no_workspace<FcShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, FcWgrad, "mma_3xtf32", prefer_gemm, no_workspace<FcShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, FcWgrad, "mma_bf16", prefer_gemm, no_workspace<FcShape>, launch_gemm)

}  // namespace alexnet
