// map_four: an elementwise kernel with 16-byte accesses, four elements to a thread. Arrays are aligned to 16 bytes,
// which buffers are; the last thread takes the one to three elements that a count not divisible by four leaves.
//
//   __global__ void add_fprop_vector(int64_t count, const float* a, const float* b, float* y) {
//     map_four(count, y, [](float v, float w) { return v + w; }, a, b);
//   }
//   launch(add_fprop_vector, blocks_of_four(count, kThreads), kThreads, ...)
#ifndef ALEXNET_MAP_FOUR_CUH
#define ALEXNET_MAP_FOUR_CUH

#include "common/launch.cuh"

namespace alexnet {

// Blocks of `threads` whose threads take four elements each.
inline unsigned blocks_of_four(int64_t count, int threads) { return blocks_for((count + 3) / 4, threads); }

// The first of this thread's four elements.
__device__ __forceinline__ int64_t first_of_four() { return (int64_t(blockIdx.x) * blockDim.x + threadIdx.x) * 4; }

template <class One, class... Vectors>
__device__ __forceinline__ float4 apply_four(const One& one, const Vectors&... v) {
  return float4{one(v.x...), one(v.y...), one(v.z...), one(v.w...)};  // in this order
}

// y[i] = one(inputs[i]...) for this thread's four elements, in ascending order. y may be one of the inputs.
template <class One, class... Inputs>
__device__ __forceinline__ void map_four(int64_t count, float* y, const One& one, const Inputs*... inputs) {
  const int64_t first = first_of_four();
  if (first + 4 <= count) {
    *reinterpret_cast<float4*>(y + first) = apply_four(one, *reinterpret_cast<const float4*>(inputs + first)...);
    return;
  }
  for (int64_t i = first; i < count; ++i) y[i] = one(inputs[i]...);
}

}  // namespace alexnet

#endif  // ALEXNET_MAP_FOUR_CUH
