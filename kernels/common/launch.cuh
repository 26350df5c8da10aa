// launch: how a kernel is started, by nvcc's code on a GPU and by the emulator on the CPU. A .cu file includes this and
// family headers only; CMake compiles it once for each.
//
// All of a .cu file stands in namespace alexnet, kernels and launchers in an anonymous namespace inside it: both
// compilations are linked into one library, and only the registration at the end of the file is seen outside.
#ifndef ALEXNET_LAUNCH_CUH
#define ALEXNET_LAUNCH_CUH

#include <cstdint>
#include <utility>

#include "common/shared.cuh"
#include "common/status.h"
#include "common/variant.h"

#if !defined(__CUDACC__)
#include <tuple>

#include "emulator/emulator.h"
#endif

// In front of a loop that nvcc shall unroll; the emulator's compiler decides for itself.
#if defined(__CUDACC__)
#define ALEXNET_PRAGMA(text) _Pragma(#text)
#define ALEXNET_UNROLL ALEXNET_PRAGMA(unroll)
#define ALEXNET_UNROLL_BY(times) ALEXNET_PRAGMA(unroll times)
#else
#define ALEXNET_UNROLL
#define ALEXNET_UNROLL_BY(times)
#endif

namespace alexnet {

// The same value, of which the compiler does not know what it was made of: it neither keeps the parts in registers nor
// makes of an address that many offsets are added to as many addresses, in three instructions each instead of one.
template <class T>
__device__ __forceinline__ T opaque(T value) {
#if defined(__CUDACC__)
  if constexpr (sizeof(T) == 8) {
    asm volatile("" : "+l"(value));
  } else {
    asm volatile("" : "+r"(value));
  }
#endif
  return value;
}

// Blocks of `threads` that cover `count` elements.
inline unsigned blocks_for(int64_t count, int threads) { return unsigned((count + threads - 1) / threads); }

#if defined(__CUDACC__)

Status cuda_status(cudaError_t error, const char* what);

// The launch is queued on `stream`; what goes wrong in the kernel appears at the next synchronising call. Static, here
// and below: both compilations name it alike, and a linker would keep one of them for both.
template <class... Parameters, class... Arguments>
static Status launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, Stream stream,
                     Arguments&&... arguments) {
  if (shared_bytes > 48 << 10) {
    ALEXNET_TRY(cuda_status(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                                 cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes)),
                            "cudaFuncSetAttribute(MaxDynamicSharedMemorySize)"));
  }
  kernel<<<blocks, threads, shared_bytes, static_cast<cudaStream_t>(stream.handle)>>>(
      static_cast<Parameters>(arguments)...);
  return cuda_status(cudaGetLastError(), "launch");
}

#else

// The kernel has finished when this returns.
template <class... Parameters, class... Arguments>
static Status launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, Stream stream,
                     Arguments&&... arguments) {
  const std::tuple<Parameters...> values(static_cast<Parameters>(arguments)...);
  auto thread = [&] { std::apply(kernel, values); };
  return emulator::run_grid({blocks, threads, shared_bytes, reinterpret_cast<void*>(kernel),
                             [](void* context) { (*static_cast<decltype(thread)*>(context))(); }, &thread},
                            stream.cores);
}

#endif  // __CUDACC__

}  // namespace alexnet

#endif  // ALEXNET_LAUNCH_CUH
