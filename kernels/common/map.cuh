// map: elementwise kernels: a formula of the elements with one index, one element to a thread or four by 16-byte
// accesses. y may be one of the inputs.
//
//   struct Sum {
//     __device__ float operator()(float a, float b) const { return a + b; }
//   };
//   __global__ void add_fprop_direct(int64_t count, const float* a, const float* b, float* y) {
//     map_one(count, y, Sum{}, a, b);
//   }
//   __global__ void add_fprop_vector(int64_t count, const float* a, const float* b, float* y) {
//     map_four(count, y, Sum{}, a, b);
//   }
//   launch(add_fprop_direct, blocks_for(count, kThreads), kThreads, ...)
//   launch(add_fprop_vector, blocks_of_four(count, kThreads), kThreads, ...)
#ifndef ALEXNET_MAP_CUH
#define ALEXNET_MAP_CUH

#include "common/launch.cuh"

namespace alexnet {

// This thread's element, where each has one.
__device__ __forceinline__ int64_t element_of_thread() { return int64_t(blockIdx.x) * blockDim.x + threadIdx.x; }

// y[i] = one(inputs[i]...) for this thread's element.
template <class One, class... Inputs>
__device__ __forceinline__ void map_one(int64_t count, float* y, const One& one, const Inputs*... inputs) {
  const int64_t i = element_of_thread();
  if (i < count) y[i] = one(inputs[i]...);
}

// Blocks of `threads` whose threads take four elements each.
inline unsigned blocks_of_four(int64_t count, int threads) { return blocks_for((count + 3) / 4, threads); }

// The first of this thread's four elements.
__device__ __forceinline__ int64_t first_of_four() { return element_of_thread() * 4; }

template <class One, class... Vectors>
__device__ __forceinline__ float4 apply_four(const One& one, const Vectors&... v) {
  return float4{one(v.x...), one(v.y...), one(v.z...), one(v.w...)};  // in this order
}

// The same for this thread's four elements, in ascending order. Arrays are aligned to 16 bytes, which buffers are; the
// last thread takes the one to three elements that a count not divisible by four leaves.
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

#endif  // ALEXNET_MAP_CUH
