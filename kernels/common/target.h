// What an operation runs on, as far as the choice of its variant depends on it.
#ifndef ALEXNET_TARGET_H
#define ALEXNET_TARGET_H

#include <cstdint>

namespace alexnet {

// What computes: the emulator, a GPU, or the CPU's own vector code. Values equal ALEXNET_EMU, ALEXNET_CUDA,
// ALEXNET_CPU.
enum class Kind : int32_t { kEmu = 0, kCuda = 1, kCpu = 2 };

const char* kind_name(Kind kind);  // "emu", "cuda", "cpu"

// What a product's factors are rounded to before they are multiplied; sums are float32 in all of them. 3xtf32: the sum
// of two tf32 numbers, of whose four products the three larger ones are added. bf16: in which type they, and all
// activations and their gradients, are stored (bf16.h). Values equal ALEXNET_PRECISION_*.
enum class Precision : int32_t { kFp32 = 0, kTf32 = 1, kBf16 = 2, kTf32x3 = 3 };

const char* precision_name(Precision precision);  // "fp32", "tf32", "bf16", "3xtf32"

// The largest relative error of that rounding, to nearest: 2^-p for p significant bits. Of 3xtf32 that of float32: a
// sum's own roundings are larger than what its factors lose.
constexpr double unit_roundoff(Precision precision) {
  switch (precision) {
    case Precision::kTf32:
      return 1.0 / (1 << 11);
    case Precision::kBf16:
      return 1.0 / (1 << 8);
    case Precision::kFp32:
    case Precision::kTf32x3:
      break;
  }
  return 1.0 / (1 << 24);
}

// How convolutions multiply: every product of the formula, or fewer by Winograd's minimal filtering, with tiles of
// 2 x 2 or of 4 x 4 outputs, whose sums round otherwise (conv_winograd.h). Values equal ALEXNET_ALGORITHM_*.
enum class Algorithm : int32_t { kDirect = 0, kWinograd2 = 1, kWinograd4 = 2 };

const char* algorithm_name(Algorithm algorithm);  // "direct", "winograd2", "winograd4"

struct Target {
  Kind kind = Kind::kEmu;
  int32_t capability = 0;  // of a GPU: 10 * major + minor; elsewhere 0
  Precision precision = Precision::kFp32;
  Algorithm algorithm = Algorithm::kDirect;
};

// The kind that a kernel source is being compiled for: CMake compiles every .cu file for emu with the C++ compiler and,
// where there is one, for cuda with nvcc; *_cpu.cpp files are compiled once, for cpu.
#if defined(ALEXNET_KIND_CPU)
constexpr Kind kCompiledKind = Kind::kCpu;
#elif defined(__CUDACC__)
constexpr Kind kCompiledKind = Kind::kCuda;
#else
constexpr Kind kCompiledKind = Kind::kEmu;
#endif

}  // namespace alexnet

#endif  // ALEXNET_TARGET_H
