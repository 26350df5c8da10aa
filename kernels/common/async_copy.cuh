// Asynchronous copies from global to shared memory (cp.async): each thread issues copies, closes them into groups, and
// waits until all but its latest groups are done. Others see the data after that and a barrier.
//
// On the emulator a copy happens late, early or at a random one of both, and a word counts as being written from the
// issue to the wait, so a wait for the wrong group is found in every case.
#ifndef ALEXNET_ASYNC_COPY_CUH
#define ALEXNET_ASYNC_COPY_CUH

#include "common/launch.cuh"

namespace alexnet {

// Copies kBytes (4, 8 or 16), or writes zeros if `valid` is false; `from` is then not read. Both sides are aligned to
// kBytes.
#if defined(__CUDACC__)

template <int kBytes, class T>
__device__ __forceinline__ void async_copy(T* to, const T* from, bool valid = true) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16, "a copy has 4, 8 or 16 bytes");
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  const int source_bytes = valid ? kBytes : 0;
  if constexpr (kBytes == 16) {  // .cg passes by L1, which only whole 16 bytes can
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(source_bytes)
                 : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(address), "l"(from), "n"(kBytes),
                 "r"(source_bytes)
                 : "memory");
  }
}

// Copies the first `bytes` of kBytes, a multiple of 4, and writes zeros to the rest.
template <int kBytes, class T>
__device__ __forceinline__ void async_copy_part(T* to, const T* from, int bytes) {
  static_assert(kBytes == 4 || kBytes == 16, "a copy in part has 4 or 16 bytes");
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  if constexpr (kBytes == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(from), "r"(bytes) : "memory");
  }
}

__device__ __forceinline__ void async_commit() { asm volatile("cp.async.commit_group;" ::: "memory"); }

template <int kGroupsLeft>
__device__ __forceinline__ void async_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroupsLeft) : "memory");
}

#else

template <int kBytes, class T>
void async_copy(SharedPtr<T> to, const T* from, bool valid = true, ALEXNET_SITE) {
  static_assert(kBytes == 4 || kBytes == 8 || kBytes == 16, "a copy has 4, 8 or 16 bytes");
  emulator::async_copy(to.region(), to.offset(), valid ? from : nullptr, kBytes, {file, line});
}

template <int kBytes, class T>
void async_copy_part(SharedPtr<T> to, const T* from, int bytes, ALEXNET_SITE) {
  static_assert(sizeof(T) == 4 && (kBytes == 4 || kBytes == 16), "a copy in part has 4 or 16 bytes of 4-byte elements");
  if (bytes == 0 || bytes == kBytes) return async_copy<kBytes>(to, from, bytes != 0, file, line);
  for (int i = 0; i < kBytes / 4; ++i) async_copy<4>(to + i, from + i, 4 * i < bytes, file, line);
}

inline void async_commit() { emulator::async_commit(); }

template <int kGroupsLeft>
void async_wait() {
  emulator::async_wait(kGroupsLeft);
}

#endif

}  // namespace alexnet

#endif  // ALEXNET_ASYNC_COPY_CUH
