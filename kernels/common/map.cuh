// map: elementwise kernels: a formula of the elements with one index, one element to a thread or four by accesses of 16
// bytes, of bf16 8. y may be one of the inputs.
//
//   struct Sum {
//     __device__ float operator()(float a, float b) const { return a + b; }
//   };
//   template <class T>  // what is stored: float or Bf16
//   __global__ void add_fprop_direct(int64_t count, const T* a, const T* b, T* y) {
//     map_one(count, y, Sum{}, a, b);
//   }
//   template <class T>
//   __global__ void add_fprop_vector(int64_t count, const T* a, const T* b, T* y) {
//     map_four(count, y, Sum{}, a, b);
//   }
//   launch(add_fprop_direct<T>, blocks_for(count, kThreads), kThreads, ...)
//   launch(add_fprop_vector<T>, blocks_of_four(count, kThreads), kThreads, ...)
#ifndef ALEXNET_MAP_CUH
#define ALEXNET_MAP_CUH

#include "common/bf16.h"
#include "common/launch.cuh"

namespace alexnet {

// This thread's element, where each has one.
__device__ __forceinline__ int64_t element_of_thread() { return int64_t(blockIdx.x) * blockDim.x + threadIdx.x; }

// y[i] = one(inputs[i]...) for this thread's element.
template <class T, class One, class... Inputs>
__device__ __forceinline__ void map_one(int64_t count, T* y, const One& one, const Inputs*... inputs) {
  const int64_t i = element_of_thread();
  if (i < count) y[i] = T(one(float(inputs[i])...));
}

// Blocks of `threads` whose threads take four elements each.
inline unsigned blocks_of_four(int64_t count, int threads) { return blocks_for((count + 3) / 4, threads); }

// The first of this thread's four elements.
__device__ __forceinline__ int64_t first_of_four() { return element_of_thread() * 4; }

// Four neighbours, whose address is aligned to four of them.
__device__ __forceinline__ float4 load_four(const float* from) { return *reinterpret_cast<const float4*>(from); }
__device__ __forceinline__ float4 load_four(const Bf16* from) {
  const ushort4 bits = *reinterpret_cast<const ushort4*>(from);
  return float4{float(Bf16::of(bits.x)), float(Bf16::of(bits.y)), float(Bf16::of(bits.z)), float(Bf16::of(bits.w))};
}
__device__ __forceinline__ void store_four(float* to, float4 v) { *reinterpret_cast<float4*>(to) = v; }
__device__ __forceinline__ void store_four(Bf16* to, float4 v) {
  *reinterpret_cast<ushort4*>(to) = ushort4{Bf16(v.x).bits, Bf16(v.y).bits, Bf16(v.z).bits, Bf16(v.w).bits};
}

template <class One, class... Vectors>
__device__ __forceinline__ float4 apply_four(const One& one, const Vectors&... v) {
  return float4{one(v.x...), one(v.y...), one(v.z...), one(v.w...)};  // in this order
}

// The same for this thread's four elements, in ascending order. Arrays are aligned to 16 bytes, as buffers are; the
// last thread takes the one to three elements that a count not divisible by four leaves.
template <class T, class One, class... Inputs>
__device__ __forceinline__ void map_four(int64_t count, T* y, const One& one, const Inputs*... inputs) {
  const int64_t first = first_of_four();
  if (first + 4 <= count) {
    store_four(y + first, apply_four(one, load_four(inputs + first)...));
    return;
  }
  for (int64_t i = first; i < count; ++i) y[i] = T(one(float(inputs[i])...));
}

}  // namespace alexnet

#endif  // ALEXNET_MAP_CUH
