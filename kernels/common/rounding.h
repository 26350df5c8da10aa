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

// The value of `x` as a factor.
ALEXNET_SHAPE_FN float rounded(Precision precision, float x) {
  if (precision != Precision::kTf32) return x;
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  bits = tf32_bits(bits);
  memcpy(&x, &bits, sizeof x);
  return x;
}

}  // namespace alexnet

#endif  // ALEXNET_ROUNDING_H
