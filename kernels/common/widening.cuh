// widening on emu and cuda: bf16 values as float32 in memory of their own, and back, one thread per value.
// Math     to[i] = from[i]; bf16 is rounded to nearest even (bf16.h)
// Cost     6 bytes per value: bound by memory
// Launch   kThreads per block; thread i owns value i. No shared memory
#ifndef ALEXNET_WIDENING_CUH
#define ALEXNET_WIDENING_CUH

#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet {
namespace {

template <class To, class From>
__global__ void convert_values(int64_t count, const From* from, To* to) {
  const int64_t i = int64_t(blockIdx.x) * blockDim.x + threadIdx.x;
  if (i < count) to[i] = To(float(from[i]));
}

template <class To, class From>
Status convert(int64_t count, const From* from, To* to, Stream stream) {
  constexpr int kThreads = 256;
  return launch(convert_values<To, From>, blocks_for(count, kThreads), kThreads, 0, stream, count, from, to);
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_WIDENING_CUH
