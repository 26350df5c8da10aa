// mma: products of small matrices by tensor cores, of capability 8.0 and newer, or by the emulator.
//
//   mma.sync.m16n8k8 of tf32   sums[16][8] += a[16][8] * b[8][8], by the 32 lanes of a warp together. Which elements a lane
//                              holds: emulator.h has the tables of PTX's manual.
//
// Factors are tf32 numbers (rounding.h), which to_tf32 makes; sums are float32. In which order a tensor core adds, and how
// it rounds on the way, is not said by NVIDIA: two runs on one kind of GPU give the same bits, the emulator gives others.
#ifndef ALEXNET_MMA_CUH
#define ALEXNET_MMA_CUH

#include "common/launch.cuh"
#include "common/rounding.h"

namespace alexnet {
namespace {  // both compilations of a kernel are linked into one library

// The bits of x as a factor.
__device__ __forceinline__ uint32_t to_tf32(float x) {
#if defined(__CUDACC__)
  uint32_t bits;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
  return bits;
#else
  return tf32_bits(__float_as_uint(x));
#endif
}

#if defined(__CUDACC__)
__device__ __forceinline__ void mma_tf32(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// Each of kRows fragments of A with each of kColumns of B: sums[i][j] += a[i] * b[j].
template <int kRows, int kColumns>
__device__ __forceinline__ void mma_tf32(float (*sums)[kColumns][4], const uint32_t (*a)[4], const uint32_t (*b)[2]) {
  ALEXNET_UNROLL
  for (int j = 0; j < kColumns; ++j) {
    ALEXNET_UNROLL
    for (int i = 0; i < kRows; ++i) mma_tf32(sums[i][j], a[i], b[j]);
  }
}
#else
inline void mma_tf32(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], ALEXNET_SITE) {
  emulator::multiply_matrices({sums, a, b, 1, 1}, {file, line});
}
// The lanes meet once for all of them.
template <int kRows, int kColumns>
inline void mma_tf32(float (*sums)[kColumns][4], const uint32_t (*a)[4], const uint32_t (*b)[2], ALEXNET_SITE) {
  emulator::multiply_matrices({sums[0][0], a[0], b[0], kRows, kColumns}, {file, line});
}
#endif

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_MMA_CUH
