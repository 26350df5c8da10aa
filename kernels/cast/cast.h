// cast: float32 values rounded to bf16, to nearest even (common/bf16.h): the copy of a network's weights that products
// in bf16 read, made anew after each update.
//
// Shapes   x: `count` float32 values, y: as many bf16; no aliasing.
// fprop    y = the nearest bf16 to x; NaN stays NaN, what is beyond the largest becomes infinite
//
// Rounding: that one; every variant gives the same bits.
#ifndef ALEXNET_CAST_H
#define ALEXNET_CAST_H

#include "common/bf16.h"
#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct CastShape {
  int64_t count;
};

struct CastFprop {
  static constexpr const char* family = "cast";
  static constexpr const char* pass = "fprop";
  using Shape = CastShape;
  using Launch = Status (*)(const CastShape&, const float* x, Bf16* y, Stream);
};

inline Status validate_cast(const CastShape& s) { return require_count("cast", s.count); }

// By exponent and fraction, not by bits.
void cast_fprop_reference(const CastShape& s, const double* x, double* y);

}  // namespace alexnet

#endif  // ALEXNET_CAST_H
