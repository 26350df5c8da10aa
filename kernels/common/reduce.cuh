// Sums in a fixed order: within a warp, and within a block of up to 1024 threads.
#ifndef ALEXNET_REDUCE_CUH
#define ALEXNET_REDUCE_CUH

#include "common/launch.cuh"

namespace alexnet {

// The sum over the 32 lanes, in every lane. A butterfly: the same tree, hence the same bits, in all of them.
template <class T>
__device__ inline T warp_sum(T value) {
  for (int distance = 16; distance > 0; distance /= 2) value += __shfl_xor_sync(0xffffffffu, value, distance);
  return value;
}

__device__ inline float warp_max(float value) {
  for (int distance = 16; distance > 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(0xffffffffu, value, distance));
  }
  return value;
}

}  // namespace alexnet

#endif  // ALEXNET_REDUCE_CUH
