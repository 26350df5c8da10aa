// rounding: what a product's factors are rounded to, bit by bit the same in every compilation.
#ifndef ALEXNET_ROUNDING_H
#define ALEXNET_ROUNDING_H

#include <cstdint>
#include <cstring>

#include "common/shapes.h"
#include "common/target.h"

namespace alexnet {

// The bits of the nearest float with 10 bits of fraction, of two equally near ones that of larger magnitude: PTX's
// cvt.rna.tf32.f32. Beyond the largest it is infinite; a NaN stays as it is.
ALEXNET_SHAPE_FN uint32_t tf32_bits(uint32_t bits) {
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  return is_nan ? bits : (bits + 0x1000u) & 0xffffe000u;
}

// From there on a number is rounded to infinity: (1 - 2^-12) * 2^128.
constexpr float kInfiniteInTf32 = 0x1.ffep+127f;

ALEXNET_SHAPE_FN float rounded_to_tf32(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = tf32_bits(bits);
  memcpy(&x, &bits, sizeof x);
  return x;
}

// The value of `x` as a factor. 3xtf32: its two parts added, which float32 has room for; a product then has that of the
// low parts as well, which tensor cores leave out (mma_3xtf32.cuh).
ALEXNET_SHAPE_FN float rounded(Precision precision, float x) {
  if (precision != Precision::kTf32 && precision != Precision::kTf32x3) return x;
  const float high = rounded_to_tf32(x);
  const bool has_low = precision == Precision::kTf32x3 && high - high == 0;  // not infinity, which less itself is NaN
  return has_low ? high + rounded_to_tf32(x - high) : high;
}

}  // namespace alexnet

#endif  // ALEXNET_ROUNDING_H
