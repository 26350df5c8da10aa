// fc_fprop_gemm: fully connected layer with epilogue as a matrix product, split along k.
// Math     fc.h, then the Epilogue; gemm_m = N, gemm_n = K, gemm_k = C
// Shapes   x: [N,C], w: [K,C], bias: [K] or null, y: [N,K]; float32, no aliasing
// Units    none
// Cost     N*K*C FFMA, tiles rounded up, and 4*K*C bytes of weights; parts are written and read once, 8 bytes per
//          output and part. At N = 128 bound by issue: FFMA have, counted in sm_90a code with conflicts
//          of register banks, 78 to 82 % of the issue slots, 76 % with 64x32
// Launch   fc_gemm_parts, tiles of 128x96 (128 threads), 128x64 (64 or 128), 128x48 (64) or 64x32 (32) by gemm_plan.h;
//          x: tiles of images, then of filters; y: part. Shared: 44,544, 38,400, 35,328 or 19,968 bytes. Workspace:
//          parts*N*K floats. Then fc_fprop_sum, a thread per output. Registers: docs/measurements/resources.md; nothing
//          spilled
// Valid    validate_fc and fc_gemm_fits. Copies of four values where C divides by 4, else of one with the same sums.
//          The parts depend on the shape only; sums ascend in c within a part, then over parts: bit-reproducible
// mma_*    the same in tf32 and 3xtf32, by tensor cores from capability 8.0 on (gemm_mma.cuh), in the tiles of TilesOf
//          (gemm_plan.h) and their shared memory; the order within eight steps of k is the tensor core's. z: tower,
//          where both of a device are one launch. Not measured
// mma_bf16 the same of bf16 (gemm_mma_bf16.cuh): x, w and y are stored so, y rounded once, at the end; C divides by 8.
//          Shared: 53,760, 46,080, 42,240 or 23,040 bytes. The order within 16 steps is the tensor core's. Not measured
// Measured not with this loop; with the one before it, on an H200, 128 images, one tower, and share of the roofline:
//          fc6-plane 76 us 50 %, fc7-plane 41 us 41 %, fc8-plane 31 us 26 % (docs/measurements/gpu.md)
#include "common/epilogue.cuh"
#include "fc/fc_gemm.cuh"

namespace alexnet {
namespace {

constexpr int kThreads = 256;

template <class T>
__global__ void fc_fprop_sum(FcShape s, int parts, const float* sums, T* y, Epilogue epilogue) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x, count = int64_t(s.N) * s.K;
  if (i >= count) return;
  const float product = sum_of_parts(sums + i, parts, count);
  store_value(epilogue, apply_epilogue(epilogue, product, i % s.K, i, accumulated(epilogue, y)), i, y);
}

template <Precision kPrecision>
int64_t workspace_gemm(const FcShape& s) {
  return fc_split(kPrecision, s.N, s.K, s.C).parts * int64_t(s.N) * s.K * int64_t(sizeof(float));
}

int prefer_gemm(const FcShape& s, const Target& target) {
  return fc_gemm_fits(s) && copies_fit(target.precision, s.C) ? gemm_preference(target) : 0;
}

template <class T>
Status launch_sum(const FcShape& s, const KSplit& split, T* y, const Epilogue& epilogue, Stream stream) {
  return launch(fc_fprop_sum<T>, blocks_for(int64_t(s.N) * s.K, kThreads), kThreads, 0, stream, s, split.parts,
                static_cast<const float*>(stream.workspace), y, epilogue);
}

template <Precision kPrecision>
Status launch_gemm(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                   Stream stream) {
  const KSplit split = fc_split(kPrecision, s.N, s.K, s.C);
  const Status parts = launch_fc_gemm<kPrecision, Order::kInner>(s.N, s.K, s.C, split, x, w, stream);
  ALEXNET_TRY(parts);
  return launch_sum(s, split, as_stored<kPrecision>(y), epilogue, stream);
}

}  // namespace

ALEXNET_VARIANT_IN(kFp32, FcFprop, "gemm", prefer_gemm, workspace_gemm<Precision::kFp32>, launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32, FcFprop, "mma_tf32", prefer_gemm, workspace_gemm<Precision::kTf32>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kTf32x3, FcFprop, "mma_3xtf32", prefer_gemm, workspace_gemm<Precision::kTf32x3>,
                         launch_gemm)
ALEXNET_VARIANT_IN_NEEDS(kTensorCores, kBf16, FcFprop, "mma_bf16", prefer_gemm, workspace_gemm<Precision::kBf16>,
                         launch_gemm)

}  // namespace alexnet
