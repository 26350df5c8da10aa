// fc_dgrad_gemm: gradient by a fully connected layer's input as a matrix product, split along k.
// Math     fc.h, then the mask; gemm_m = N, gemm_n = C, gemm_k = K
// Shapes   dy: [N,K], w: [K,C], mask: [N,C] or null, dx: [N,C]; float32, no aliasing
// Units    none
// Cost     as fc_fprop_gemm; FFMA have, counted in sm_90a code with conflicts of register banks, 79 to 84 % of the
//          issue slots, 78 % with 64x32
// Launch   fc_gemm_parts as in fc_fprop_gemm, with inputs for filters. Shared the same. Workspace: parts*N*C floats.
//          Then fc_dgrad_sum, a thread per input. Registers: docs/measurements/resources.md; nothing spilled
// Valid    validate_fc and fc_gemm_fits. Copies of four values where C and K divide by 4, else of one with the same
//          sums. The parts depend on the shape only; sums ascend in k within a part, then over parts: bit-reproducible
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): dy, w, mask and dx are stored so, dx rounded once, at the end; C and K
//          divide by 8. Shared: 50,688, 44,544, 41,472 or 23,040 bytes. The order within 16 steps is the tensor core's.
//          Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          fc6-plane 79 us 48 %, fc7-plane 40 us 42 %, fc8-plane 32 us 26 % (docs/measurements/gpu.md)
#include "common/epilogue.cuh"
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void fc_dgrad_sum(int64_t count, int parts, const float* sums, const T* mask, T* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) dx[i] = T(apply_mask(mask, i, sum_of_parts(sums + i, parts, count)));
}

template <Precision kPrecision>
int64_t workspace_gemm(const FcShape& s) {
  return fc_split(kPrecision, s.N, s.C, s.K).parts * int64_t(s.N) * s.C * int64_t(sizeof(float));
}

int prefer_gemm(const FcShape& s, const Target& target) {
  return fc_gemm_fits(s) && copies_fit(target.precision, s.C, s.K) ? gemm_preference(target) : 0;
}

template <class T>
Status launch_sum(const FcShape& s, const KSplit& split, const T* mask, T* dx, Stream stream) {
  const int64_t count = int64_t(s.N) * s.C;
  return launch(fc_dgrad_sum<T>, blocks_for(count, kThreads), kThreads, 0, stream, count, split.parts,
                static_cast<const float*>(stream.workspace), mask, dx);
}

template <Precision kPrecision>
Status launch_gemm(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  const KSplit split = fc_split(kPrecision, s.N, s.C, s.K);
  const Status parts = launch_fc_gemm<kPrecision, Order::kOuter>(s.N, s.C, s.K, split, dy, w, stream);
  ALEXNET_TRY(parts);
  return launch_sum(s, split, as_stored<kPrecision>(mask), as_stored<kPrecision>(dx), stream);
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcDgrad, "gemm", prefer_gemm, workspace_gemm<Precision::kFp32>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, FcDgrad, "mma_tf32", prefer_gemm, workspace_gemm<Precision::kTf32>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, FcDgrad, "mma_3xtf32", prefer_gemm, workspace_gemm<Precision::kTf32x3>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, FcDgrad, "mma_bf16", prefer_gemm, workspace_gemm<Precision::kBf16>,
                         launch_gemm)

}  // namespace alexnet
