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
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          fc6-plane 79 us 48 %, fc7-plane 40 us 42 %, fc8-plane 32 us 26 % (docs/measurements/gpu.md)
#include "common/epilogue.cuh"
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

__global__ void fc_dgrad_sum(int64_t count, int parts, const float* sums, const float* mask, float* dx) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) dx[i] = apply_mask(mask, i, sum_of_parts(sums + i, parts, count));
}

int64_t workspace_gemm(const FcShape& s) {
  return fc_split(s.N, s.C, s.K).parts * int64_t(s.N) * s.C * int64_t(sizeof(float));
}

int prefer_gemm(const FcShape& s, const Target& target) { return fc_gemm_fits(s) ? gemm_preference(target) : 0; }

Status launch_sum(const FcShape& s, const KSplit& split, const float* mask, float* dx, Stream stream) {
  const int64_t count = int64_t(s.N) * s.C;
  return launch(fc_dgrad_sum, blocks_for(count, kThreads), kThreads, 0, stream, count, split.parts,
                static_cast<const float*>(stream.workspace), mask, dx);
}

template <Precision kPrecision>
Status launch_gemm(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  const KSplit split = fc_split(s.N, s.C, s.K);
  const Status parts = launch_fc_gemm<kPrecision, Order::kOuter>(s.N, s.C, s.K, split, dy, w, stream);
  ALEXNET_TRY(parts);
  return launch_sum(s, split, mask, dx, stream);
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcDgrad, "gemm", prefer_gemm, workspace_gemm, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, FcDgrad, "mma_tf32", prefer_gemm, workspace_gemm, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, FcDgrad, "mma_3xtf32", prefer_gemm, workspace_gemm, launch_gemm)

}  // namespace alexnet
