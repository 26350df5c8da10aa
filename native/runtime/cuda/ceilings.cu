// The ceilings of a GPU: FFMA with no memory, of one register and of three, and a copy with no arithmetic.
#include <cuda_runtime.h>

#include <algorithm>

#include "runtime/ceilings.h"
#include "runtime/cuda/cuda_status.h"

namespace alexnet {

namespace {

constexpr int kThreads = 256, kBlocksPerProcessor = 8;  // 64 warps: as many as a processor holds
constexpr int kChains = 8, kRounds = 4096;
constexpr int kRows = 8, kColumns = 16, kOuterRounds = 256;  // of the outer product, two steps of k in a round
constexpr int kRuns = 20;                                    // the median counts, as for the kernels
constexpr size_t kCopyBytes = size_t(1) << 30;

__global__ void ffma_loop(float a, float b, float* keep) {
  float sums[kChains];
  for (int c = 0; c < kChains; ++c) sums[c] = float(threadIdx.x + c);
  for (int i = 0; i < kRounds; ++i) {
#pragma unroll
    for (int c = 0; c < kChains; ++c) sums[c] = fmaf(sums[c], a, b);
  }
  float all = 0;
  for (int c = 0; c < kChains; ++c) all += sums[c];
  if (all == 12345.f) *keep = all;  // never: the loop only must not look useless
}

// The FFMA of a matrix product without its loads: every one reads a row, a column and a sum, three registers, whose
// banks ptxas chooses. Rows go back and forth and two steps of k alternate, as in kernels/common/gemm_ffma.cuh; of its
// shapes this lost least in ptxas's code for sm_90a, 16 % (cmake/register_banks.py).
__global__ void outer_loop(float a, float b, float* keep) {
  float rows[2][kRows], columns[2][kColumns], sums[kRows][kColumns];
#pragma unroll
  for (int r = 0; r < kRows; ++r) {
    rows[0][r] = a + float(threadIdx.x + r);
    rows[1][r] = rows[0][r] * a;
  }
#pragma unroll
  for (int c = 0; c < kColumns; ++c) {
    columns[0][c] = b - float(threadIdx.x + c);
    columns[1][c] = columns[0][c] * a;
  }
#pragma unroll
  for (int i = 0; i < kRows * kColumns; ++i) sums[i / kColumns][i % kColumns] = 0.f;
#pragma unroll 1
  for (int i = 0; i < kOuterRounds; ++i) {
#pragma unroll
    for (int j = 0; j < 2 * kColumns; ++j) {
      const int k = j / kColumns, c = j % kColumns;
#pragma unroll
      for (int step = 0; step < kRows; ++step) {
        const int r = c % 2 == 0 ? step : kRows - 1 - step;
        sums[r][c] = fmaf(rows[k][r], columns[k][c], sums[r][c]);
      }
    }
  }
  float all = 0;
#pragma unroll
  for (int i = 0; i < kRows * kColumns; ++i) all += sums[i / kColumns][i % kColumns];
  if (all == 12345.f) *keep = all;
}

__global__ void copy_loop(const float4* __restrict__ from, float4* __restrict__ to, size_t count) {
  const size_t step = size_t(gridDim.x) * blockDim.x;
  for (size_t i = size_t(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += step) to[i] = from[i];
}

// Frees on every way out.
struct Resources {
  ~Resources() {
    cudaFree(from);
    cudaFree(to);
    if (begin != nullptr) cudaEventDestroy(begin);
    if (end != nullptr) cudaEventDestroy(end);
  }
  float4 *from = nullptr, *to = nullptr;
  cudaEvent_t begin = nullptr, end = nullptr;
};

template <class Launch>
Status median_ms(const Resources& r, Launch&& queue, float* median) {
  float times[kRuns];
  for (int run = -2; run < kRuns; ++run) {
    ALEXNET_CUDA_TRY(cudaEventRecord(r.begin));
    queue();
    ALEXNET_CUDA_TRY(cudaEventRecord(r.end));
    ALEXNET_CUDA_TRY(cudaGetLastError());
    ALEXNET_CUDA_TRY(cudaEventSynchronize(r.end));
    if (run >= 0) ALEXNET_CUDA_TRY(cudaEventElapsedTime(&times[run], r.begin, r.end));
  }
  std::sort(times, times + kRuns);
  *median = times[kRuns / 2];
  return {};
}

}  // namespace

Status measure_cuda_ceilings(int32_t device, Ceilings* ceilings) {
  ALEXNET_CUDA_TRY(cudaSetDevice(device));
  cudaDeviceProp properties;
  ALEXNET_CUDA_TRY(cudaGetDeviceProperties(&properties, device));
  int driver = 0, runtime = 0;
  ALEXNET_CUDA_TRY(cudaDriverGetVersion(&driver));
  ALEXNET_CUDA_TRY(cudaRuntimeGetVersion(&runtime));
  const int blocks = kBlocksPerProcessor * properties.multiProcessorCount;
  Resources r;
  ALEXNET_CUDA_TRY(cudaMalloc(reinterpret_cast<void**>(&r.from), kCopyBytes));
  ALEXNET_CUDA_TRY(cudaMalloc(reinterpret_cast<void**>(&r.to), kCopyBytes));
  ALEXNET_CUDA_TRY(cudaMemset(r.from, 1, kCopyBytes));
  ALEXNET_CUDA_TRY(cudaEventCreate(&r.begin));
  ALEXNET_CUDA_TRY(cudaEventCreate(&r.end));
  float ffma_ms = 0, outer_ms = 0, copy_ms = 0;
  ALEXNET_TRY(median_ms(
      r, [&] { ffma_loop<<<blocks, kThreads>>>(0.5f, 1.f, &r.to->x); }, &ffma_ms));
  ALEXNET_TRY(median_ms(
      r, [&] { outer_loop<<<blocks, kThreads>>>(0.5f, 1.f, &r.to->x); }, &outer_ms));
  ALEXNET_TRY(median_ms(
      r, [&] { copy_loop<<<blocks, kThreads>>>(r.from, r.to, kCopyBytes / sizeof(float4)); }, &copy_ms));
  const double threads = double(blocks) * kThreads;
  *ceilings = {2e-6 * kChains * kRounds * threads / double(ffma_ms),
               2e-6 * 2 * kRows * kColumns * kOuterRounds * threads / double(outer_ms),
               2e-6 * double(kCopyBytes) / double(copy_ms), properties.l2CacheSize,
               format_text("%s, driver %d, CUDA %d", properties.name, driver, runtime)};
  return {};
}

}  // namespace alexnet
