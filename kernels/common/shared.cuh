// Shared memory for both compilers. With nvcc these are CUDA's own arrays and pointers; with the C++ compiler they
// check bounds, races and unwritten reads (native/emulator/shared.h).
//
//   __shared__ SharedArray<float, 32, 33> tile;                       float tile[32][33]
//   ALEXNET_SHARED_DYNAMIC(float, buffer);                            all of the launch's shared_bytes, as floats
//   SharedPtr<const float> row = &tile[3][0];                         const float*
//   const float4 v = shared_load<float4>(row + 4);                    one 16-byte load; shared_store(p, v) likewise
//   SharedPtr<Bf16> halves = shared_as<Bf16>(buffer);                 the same memory as values of another type
//
// Name the type when you read an element (`const float v = tile[i][j]`, not `auto`).
#ifndef ALEXNET_SHARED_CUH
#define ALEXNET_SHARED_CUH

#if defined(__CUDACC__)

#include <cuda_runtime.h>

#include <type_traits>

namespace alexnet {

template <class T, int... Extents>
struct SharedArrayOf;
template <class T, int N>
struct SharedArrayOf<T, N> {
  using Type = T[N];
};
template <class T, int M, int N>
struct SharedArrayOf<T, M, N> {
  using Type = T[M][N];
};
template <class T, int... Extents>
using SharedArray = typename SharedArrayOf<T, Extents...>::Type;

template <class T>
using SharedPtr = T*;

template <class V, class T>
__device__ __forceinline__ V shared_load(T* from) {
  return *reinterpret_cast<const V*>(from);
}
template <class V, class T>
__device__ __forceinline__ void shared_store(T* to, V value) {
  *reinterpret_cast<V*>(to) = value;
}

template <class V, class T>
__device__ __forceinline__ V* shared_as(T* memory) {
  return reinterpret_cast<V*>(memory);
}

}  // namespace alexnet

#define ALEXNET_SHARED_DYNAMIC(T, name)                            \
  extern __shared__ __align__(1024) unsigned char shared_bytes_[]; \
  T* const name = reinterpret_cast<T*>(shared_bytes_)

#else

#include "emulator/shared.h"

namespace alexnet {

using emulator::SharedArray;
using emulator::SharedPtr;

template <class V, class T>
V shared_load(SharedPtr<T> from, ALEXNET_SITE) {
  V value;
  std::memcpy(&value, emulator::touch_read(from.region(), from.offset(), sizeof(V), {file, line}), sizeof(V));
  return value;
}
template <class V, class T>
void shared_store(SharedPtr<T> to, V value, ALEXNET_SITE) {
  std::memcpy(emulator::touch_write(to.region(), to.offset(), sizeof(V), {file, line}), &value, sizeof(V));
}

template <class V, class T>
SharedPtr<V> shared_as(SharedPtr<T> memory) {
  return {memory.region(), memory.offset()};
}

}  // namespace alexnet

#define ALEXNET_SHARED_DYNAMIC(T, name) \
  const ::alexnet::SharedPtr<T> name(::alexnet::emulator::dynamic_region(sizeof(T)), 0)

#endif  // __CUDACC__

#endif  // ALEXNET_SHARED_CUH
