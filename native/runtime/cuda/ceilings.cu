// The ceilings of a GPU: FFMA with no memory, and a copy with no arithmetic.
#include <cuda_runtime.h>

#include <algorithm>

#include "runtime/ceilings.h"
#include "runtime/cuda/cuda_status.h"

namespace alexnet {

namespace {

constexpr int kThreads = 256, kBlocksPerProcessor = 8;  // 64 warps: as many as a processor holds
constexpr int kChains = 8, kRounds = 4096;
constexpr int kRuns = 20;  // the median counts, as for the kernels
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
  float ffma_ms = 0, copy_ms = 0;
  ALEXNET_TRY(median_ms(
      r, [&] { ffma_loop<<<blocks, kThreads>>>(0.5f, 1.f, &r.to->x); }, &ffma_ms));
  ALEXNET_TRY(median_ms(
      r, [&] { copy_loop<<<blocks, kThreads>>>(r.from, r.to, kCopyBytes / sizeof(float4)); }, &copy_ms));
  *ceilings = {2e-6 * kChains * kRounds * double(blocks) * kThreads / double(ffma_ms),
               2e-6 * double(kCopyBytes) / double(copy_ms), properties.l2CacheSize,
               format_text("%s, driver %d, CUDA %d", properties.name, driver, runtime)};
  return {};
}

}  // namespace alexnet
