// mma: products of small matrices by tensor cores, of capability 8.0 and newer, or by the emulator.
//
//   mma.sync.m16n8k8 of tf32    sums[16][8] += a[16][8] * b[8][8], by the 32 lanes of a warp together
//   mma.sync.m16n8k16 of bf16   sums[16][8] += a[16][16] * b[16][8]
//   ldmatrix.m8n8.x4            four matrices of 8 x 8 bf16 from shared memory to where the latter wants them
//
// Which elements a lane holds: emulator.h has the tables of PTX's manual. Factors are tf32 numbers (rounding.h), which
// to_tf32 makes, or bf16; products are exact, sums float32. In which order a tensor core adds, and how it rounds on the
// way, is not said by NVIDIA: two runs on one kind of GPU give the same bits, the emulator gives others.
#ifndef ALEXNET_MMA_CUH
#define ALEXNET_MMA_CUH

#include "common/bf16.h"
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
  const uint32_t bits = tf32_bits(__float_as_uint(x));
  return x != x ? (bits | 0x400000u) & 0xffffe000u : bits;  // a NaN that is a tf32 number too
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

__device__ __forceinline__ void mma_bf16(float (&sums)[4], const uint32_t (&a)[4], const uint32_t* b) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};"
      : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
// As mma_tf32; the fragments of two neighbours of B stand side by side, as one load brings them.
template <int kRows, int kColumns>
__device__ __forceinline__ void mma_bf16(float (*sums)[kColumns][4], const uint32_t (*a)[4], const uint32_t (*b)[4]) {
  ALEXNET_UNROLL
  for (int j = 0; j < kColumns; ++j) {
    ALEXNET_UNROLL
    for (int i = 0; i < kRows; ++i) mma_bf16(sums[i][j], a[i], b[j / 2] + j % 2 * 2);
  }
}

// Loads kCount times four matrices, each time `step` values on; `from` is where the row of eight values begins, at a
// multiple of 16 bytes, that this lane brings: lanes 8j to 8j + 7 those of matrix j. All lanes take part.
template <int kCount, bool kTransposed>
__device__ __forceinline__ void load_matrices(uint32_t (*to)[4], const Bf16* from, int step) {
  const auto row = static_cast<uint32_t>(__cvta_generic_to_shared(from));
  ALEXNET_UNROLL
  for (int i = 0; i < kCount; ++i) {
    const uint32_t address = row + i * step * int(sizeof(Bf16));
    if constexpr (kTransposed) {
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(to[i][0]), "=r"(to[i][1]), "=r"(to[i][2]), "=r"(to[i][3])
                   : "r"(address)
                   : "memory");
    } else {
      asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                   : "=r"(to[i][0]), "=r"(to[i][1]), "=r"(to[i][2]), "=r"(to[i][3])
                   : "r"(address)
                   : "memory");
    }
  }
}
#else
inline void mma_tf32(float (&sums)[4], const uint32_t (&a)[4], const uint32_t (&b)[2], ALEXNET_SITE) {
  emulator::multiply_matrices({sums, a, b, 1, 1, emulator::Factors::kTf32}, {file, line});
}
// The lanes meet once for all of them.
template <int kRows, int kColumns>
inline void mma_tf32(float (*sums)[kColumns][4], const uint32_t (*a)[4], const uint32_t (*b)[2], ALEXNET_SITE) {
  emulator::multiply_matrices({sums[0][0], a[0], b[0], kRows, kColumns, emulator::Factors::kTf32}, {file, line});
}

inline void mma_bf16(float (&sums)[4], const uint32_t (&a)[4], const uint32_t* b, ALEXNET_SITE) {
  emulator::multiply_matrices({sums, a, b, 1, 1, emulator::Factors::kBf16}, {file, line});
}
template <int kRows, int kColumns>
inline void mma_bf16(float (*sums)[kColumns][4], const uint32_t (*a)[4], const uint32_t (*b)[4], ALEXNET_SITE) {
  emulator::multiply_matrices({sums[0][0], a[0], b[0], kRows, kColumns, emulator::Factors::kBf16}, {file, line});
}

template <int kCount, bool kTransposed>
inline void load_matrices(uint32_t (*to)[4], SharedPtr<const Bf16> from, int step, ALEXNET_SITE) {
  emulator::load_matrices(from.region(), from.offset(), step * int64_t(sizeof(Bf16)), kCount, kTransposed, to[0],
                          {file, line});
}
#endif

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_MMA_CUH
