// mma_3xtf32: products of float32 factors, nearly as exact as float32's own, by three products of tf32.
//
// Math     x = high + low + rest: high is x rounded to tf32, low is x - high rounded to tf32. Then
//          a * b = low_a * high_b + high_a * low_b + high_a * high_b, added in this order, the small ones first
// Order    The tensor core's sums begin at zero for each eight steps of k, and are added to float32 sums outside of it:
//          it may cut off where float32 rounds, and what it cuts off then is of a short sum.
// Roundoff At most 2^-23 of a factor for `rest`, mostly nothing, and 2^-22 of a product for low_a * low_b. Both are of
//          either sign, so that in a sum they stay below the roundings of a chain of FFMA.
// Infinity In `high` it would meet the other factor's `low`, which is zero or of either sign, and NaN would come of
//          what float32 calls infinite. So it stands in `low`, beside a high of 1 with its sign. What rounds to
//          infinity counts as infinite: from (1 - 2^-12) * 2^128 on, as in tf32. A NaN is one in both.
#ifndef ALEXNET_MMA_3XTF32_CUH
#define ALEXNET_MMA_3XTF32_CUH

#include "common/mma.cuh"

namespace alexnet {
namespace {

__device__ __forceinline__ void split_factor(float x, uint32_t* high, uint32_t* low) {
  constexpr uint32_t kSign = 0x80000000u, kOne = 0x3f800000u, kKept = 0xffffe000u;
  const uint32_t rounded = to_tf32(x) & kKept;  // PTX does not say what stands in the other bits
  const uint32_t one = (__float_as_uint(x) & kSign) | kOne;
  *high = fabsf(x) >= kInfiniteInTf32 ? one : rounded;
  *low = to_tf32(x - __uint_as_float(*high));
}

// The parts of kCount fragments.
template <int kCount, int kValues>
__device__ __forceinline__ void split_fragments(const float (*x)[kValues], uint32_t (&high)[kCount][kValues],
                                                uint32_t (&low)[kCount][kValues]) {
  ALEXNET_UNROLL
  for (int i = 0; i < kCount; ++i) {
    ALEXNET_UNROLL
    for (int n = 0; n < kValues; ++n) split_factor(x[i][n], &high[i][n], &low[i][n]);
  }
}

// As mma_tf32, with fragments of float32. A GPU's lane takes one of A and half of B's at a time, for the registers; the
// emulator's take all at once, and meet three times.
template <int kRows, int kColumns>
__device__ __forceinline__ void mma_3xtf32(float (*sums)[kColumns][4], const float (*a)[4], const float (*b)[2]) {
  constexpr bool kEmulated = kCompiledKind == Kind::kEmu;
  constexpr int kRowsAtOnce = kEmulated ? kRows : 1, kColumnsAtOnce = kEmulated ? kColumns : kColumns / 2;
  uint32_t b_high[kColumns][2], b_low[kColumns][2];
  split_fragments(b, b_high, b_low);
  ALEXNET_UNROLL
  for (int row = 0; row < kRows; row += kRowsAtOnce) {
    if constexpr (!kEmulated) __syncwarp();  // before it ptxas splits nothing of this turn: four registers
    uint32_t a_high[kRowsAtOnce][4], a_low[kRowsAtOnce][4];
    split_fragments(a + row, a_high, a_low);
    ALEXNET_UNROLL
    for (int column = 0; column < kColumns; column += kColumnsAtOnce) {
      float parts[kRowsAtOnce][kColumnsAtOnce][4] = {};
      mma_tf32<kRowsAtOnce, kColumnsAtOnce>(parts, a_low, b_high + column);
      mma_tf32<kRowsAtOnce, kColumnsAtOnce>(parts, a_high, b_low + column);
      mma_tf32<kRowsAtOnce, kColumnsAtOnce>(parts, a_high, b_high + column);
      ALEXNET_UNROLL
      for (int n = 0; n < kRowsAtOnce * kColumnsAtOnce * 4; ++n) {
        const int i = n / 4 / kColumnsAtOnce, j = n / 4 % kColumnsAtOnce;
        sums[row + i][column + j][n % 4] += parts[i][j][n % 4];
      }
    }
  }
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_MMA_3XTF32_CUH
