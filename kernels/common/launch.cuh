// launch: how a kernel is started, by nvcc's code on a GPU and by the emulator on the CPU. A .cu file includes this and
// family headers only; CMake compiles it once for each.
//
// A kernel that both towers of a device can launch together has a parameter OfTowers<Tensors> and takes its tower from
// blockIdx.z. Two launches of it that were collected (launches.h) become one if grid, shared memory and all other
// parameters are the same.
//
// All of a .cu file stands in namespace alexnet, kernels and launchers in an anonymous namespace inside it: both
// compilations are linked into one library, and only the registration at the end of the file is seen outside.
#ifndef ALEXNET_LAUNCH_CUH
#define ALEXNET_LAUNCH_CUH

#include <cstdint>
#include <cstring>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

#include "common/launches.h"
#include "common/shared.cuh"
#include "common/status.h"
#include "common/variant.h"

#if !defined(__CUDACC__)
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

// What a kernel gets of each tower of a device: all its pointers, and what else may differ. A launch for one tower has
// it in of[0] alone; one for both has twice the blocks along z, and those of the upper half belong to of[1].
template <class T>
struct OfTowers {
  T of[2];
};

#if defined(__CUDACC__)
Status cuda_status(cudaError_t error, const char* what);
#endif

namespace {  // both compilations name alike what follows, and a linker would keep one of them for both

template <class T>
OfTowers<T> of_one_tower(const T& tower) {
  return {{tower, tower}};
}

template <class T>
struct IsOfTowers : std::false_type {};
template <class T>
struct IsOfTowers<OfTowers<T>> : std::true_type {};

// Makes a parameter of one tower's launch that of both towers'; false if the launches cannot be one.
template <class T>
bool join_parameter(T* mine, const T& other) {
  if constexpr (IsOfTowers<T>::value) {
    mine->of[1] = other.of[0];
    return true;
  } else if constexpr (std::has_unique_object_representations_v<T>) {
    return std::memcmp(mine, &other, sizeof(T)) == 0;
  } else {
    return *mine == other;
  }
}

template <class... Parameters>
class LaunchOf : public PendingLaunch {
 public:
  using Kernel = void (*)(Parameters...);
  LaunchOf(Kernel kernel, dim3 blocks, dim3 threads, size_t shared_bytes, const Parameters&... parameters)
      : kernel_(kernel), blocks_(blocks), threads_(threads), shared_bytes_(shared_bytes), parameters_(parameters...) {}

  Status start(const Stream& stream) const override {
#if defined(__CUDACC__)
    // What goes wrong in the kernel appears at the next synchronising call.
    if (shared_bytes_ > 48 << 10) {
      ALEXNET_TRY(cuda_status(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel_),
                                                   cudaFuncAttributeMaxDynamicSharedMemorySize, int(shared_bytes_)),
                              "cudaFuncSetAttribute(MaxDynamicSharedMemorySize)"));
    }
    const auto queue = [&](const Parameters&... parameters) {
      kernel_<<<blocks_, threads_, shared_bytes_, static_cast<cudaStream_t>(stream.handle)>>>(parameters...);
    };
    std::apply(queue, parameters_);
    return cuda_status(cudaGetLastError(), "launch");
#else
    // The kernel has finished when this returns.
    auto thread = [&] { std::apply(kernel_, parameters_); };
    return emulator::run_grid({blocks_, threads_, shared_bytes_, reinterpret_cast<void*>(kernel_),
                               [](void* context) { (*static_cast<decltype(thread)*>(context))(); }, &thread},
                              stream.cores);
#endif
  }

  // Of the same kernel with the same grid, where all parameters are the same but those of towers.
  std::unique_ptr<PendingLaunch> with(const PendingLaunch& other) const override {
    if constexpr ((IsOfTowers<Parameters>::value || ...)) {
      constexpr unsigned kMostBlocks = 65535;  // along z
      const auto* const same = dynamic_cast<const LaunchOf*>(&other);
      if (same == nullptr || same->kernel_ != kernel_ || !same_extents(same->blocks_, blocks_) ||
          !same_extents(same->threads_, threads_) || same->shared_bytes_ != shared_bytes_ ||
          2 * blocks_.z > kMostBlocks) {
        return nullptr;
      }
      auto both = std::make_unique<LaunchOf>(*this);
      both->blocks_.z *= 2;
      const bool joined = std::apply(
          [&](Parameters&... mine) {
            return std::apply([&](const Parameters&... others) { return (join_parameter(&mine, others) && ...); },
                              same->parameters_);
          },
          both->parameters_);
      if (joined) return both;
    }
    return nullptr;
  }

 private:
  static bool same_extents(const dim3& a, const dim3& b) { return a.x == b.x && a.y == b.y && a.z == b.z; }

  Kernel kernel_;
  dim3 blocks_, threads_;
  size_t shared_bytes_;
  std::tuple<Parameters...> parameters_;
};

// Starts a kernel on the stream, or leaves that to who collects its launches.
template <class... Parameters, class... Arguments>
Status launch(void (*kernel)(Parameters...), dim3 blocks, dim3 threads, size_t shared_bytes, Stream stream,
              Arguments&&... arguments) {
  using One = LaunchOf<Parameters...>;
  if (stream.collected == nullptr) {
    return One(kernel, blocks, threads, shared_bytes, static_cast<Parameters>(arguments)...).start(stream);
  }
  stream.collected->push_back(
      std::make_unique<One>(kernel, blocks, threads, shared_bytes, static_cast<Parameters>(arguments)...));
  return {};
}

}  // namespace

}  // namespace alexnet

#endif  // ALEXNET_LAUNCH_CUH
