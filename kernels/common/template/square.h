// square: the square of each element.
//
// Shapes   x, y, dy, dx: flat arrays of `count` values. y may be x, dx may be dy.
// fprop    y = x * x              NaN stays NaN
// bprop    dx = 2 * x * dy        from the input x
//
// Rounding: one product each, bprop's factor 2 is exact; every variant gives the same bits.
#ifndef ALEXNET_SQUARE_H
#define ALEXNET_SQUARE_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct SquareShape {
  int64_t count;
};

struct SquareFprop {
  static constexpr const char* family = "square";
  static constexpr const char* pass = "fprop";
  using Shape = SquareShape;
  using Launch = Status (*)(const SquareShape&, const float* x, float* y, Stream);
};

struct SquareBprop {
  static constexpr const char* family = "square";
  static constexpr const char* pass = "bprop";
  using Shape = SquareShape;
  using Launch = Status (*)(const SquareShape&, const float* x, const float* dy, float* dx, Stream);
};

inline Status validate_square(const SquareShape& s) { return require_count("square", s.count); }

template <class Real>
void square_fprop_reference(const SquareShape& s, const Real* x, Real* y);
template <class Real>
void square_bprop_reference(const SquareShape& s, const Real* x, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_SQUARE_H
