// fc_wgrad_update_gemm: a fully connected layer's weight gradient, applied at once where its sums are in registers.
// Math     fc.h: g[k,c] = sum over n of dy[n,k] * x[n,c], then the update of sgd.h; db as in wgrad
// Shapes   x: [N,C], dy: [N,K], w, v: [K,C], db: [K] or null; float32, no aliasing
// Units    as sgd.h
// Cost     as fc_wgrad_gemm, with 16 bytes per weight (24 with the gradient stored and read again)
// Launch   as fc_wgrad_gemm. Registers: docs/measurements/resources.md; nothing spilled
// Valid    validate_fc, validate_sgd and fc_gemm_fits. The bits of fc_wgrad_gemm and then sgd_update: fc_unit_check
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x and dy are stored so; w, v and db are float32, and `cast` then
//          makes w's copy. C and K divide by 8. Shared as fc_wgrad_gemm. The order within 16 steps of k is the tensor
//          core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          fc6-plane 111 us 36 %, fc7-plane 44 us 40 %, fc8-plane 31 us 28 % (docs/measurements/gpu.md)
#include "common/sgd.cuh"
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

// Four weights and their velocities.
struct Parameters {
  float4 w, v;
};

template <class O>
__device__ __forceinline__ void fc_wgrad_update(const FcOuterProblem& s, const SgdShape& sgd,
                                                const StepSettings* settings, const typename O::Value* x,
                                                const typename O::Value* dy, float* w, float* v, float* db,
                                                SharedPtr<float> shared) {
  const SgdRates rates = sgd_rates(sgd, *settings);
  const bool whole = s.C % 4 == 0 && aligned16(w) && aligned16(v);  // quads are inside or outside
  const auto fetch = [&](int64_t i) { return whole ? Parameters{load_four(w + i), load_four(v + i)} : Parameters{}; };
  fc_outer_product<O>(s, x, dy, db, shared, fetch, [&](int64_t i, float4 g, int left, Parameters& at) {
    if (whole) {
      sgd_apply(rates, &at.w.x, &at.v.x, g.x);
      sgd_apply(rates, &at.w.y, &at.v.y, g.y);
      sgd_apply(rates, &at.w.z, &at.v.z, g.z);
      sgd_apply(rates, &at.w.w, &at.v.w, g.w);
      store_four(w + i, at.w);
      store_four(v + i, at.v);
    } else {
      for_values(g, left, [&](int j, float sum) { sgd_apply(rates, w + i + j, v + i + j, sum); });
    }
  });
}

template <class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_wgrad_update_gemm(FcOuterProblem s, SgdShape sgd, const StepSettings* settings, const float* x, const float* dy,
                         float* w, float* v, float* db) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  fc_wgrad_update<FcOuterOperands<Precision::kFp32, Tile, kVector>>(s, sgd, settings, x, dy, w, v, db, shared);
}

template <Precision kPrecision>
struct Tensors {
  SgdShape sgd;
  const StepSettings* settings;
  const Stored<kPrecision>*x, *dy;
  float *w, *v, *db;
};

template <Precision kPrecision, class Tile, int kVector>
__global__ void __launch_bounds__(Tile::kThreads, Tile::kBlocks)
    fc_wgrad_update_mma(FcOuterProblem s, const __grid_constant__ OfTowers<Tensors<kPrecision>> towers) {
  ALEXNET_SHARED_DYNAMIC(float, shared);
  const Tensors<kPrecision>& at = towers.of[blockIdx.z];
  fc_wgrad_update<FcOuterOperands<kPrecision, Tile, kVector>>(s, at.sgd, at.settings, at.x, at.dy, at.w, at.v, at.db,
                                                              shared);
}

int prefer_gemm(const FcShape& s, const Target& target) {
  return fc_gemm_fits(s) && copies_fit(target.precision, s.C, s.K) ? gemm_preference(target) : 0;
}

template <Precision kPrecision>
Status launch_gemm(const FcShape& s, const SgdShape& sgd, const StepSettings* settings, const float* x, const float* dy,
                   float* w, float* v, float* db, Stream stream) {
  return launch_fc_outer<kPrecision>(s, x, dy, [&](auto tile, auto vector, dim3 blocks, const FcOuterProblem& problem) {
    using Tile = decltype(tile);
    constexpr int kCopied = decltype(vector)::value;
    constexpr size_t kBytes = FcOuterOperands<kPrecision, Tile, kCopied>::kBytes;
    if constexpr (kPrecision == Precision::kFp32) {
      return launch(fc_wgrad_update_gemm<Tile, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem, sgd, settings,
                    x, dy, w, v, db);
    } else {
      const Tensors<kPrecision> tensors = {sgd, settings, as_stored<kPrecision>(x), as_stored<kPrecision>(dy), w,
                                           v,   db};
      return launch(fc_wgrad_update_mma<kPrecision, Tile, kCopied>, blocks, Tile::kThreads, kBytes, stream, problem,
                    of_one_tower(tensors));
    }
  });
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcWgradUpdate, "gemm", prefer_gemm, no_workspace<FcShape>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, FcWgradUpdate, "mma_tf32", prefer_gemm, no_workspace<FcShape>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, FcWgradUpdate, "mma_3xtf32", prefer_gemm, no_workspace<FcShape>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, FcWgradUpdate, "mma_bf16", prefer_gemm, no_workspace<FcShape>,
                         launch_gemm)

}  // namespace alexnet
