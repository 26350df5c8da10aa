// add: the sum of two arrays. Chained, it adds partial gradients in a fixed order.
//
// Shapes   a, b, y: flat arrays of `count` values. y may be a or b.
// fprop    y = a + b
//
// Rounding: one; every variant gives the same bits.
#ifndef ALEXNET_ADD_H
#define ALEXNET_ADD_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct AddShape {
  int64_t count;
};

struct AddFprop {
  static constexpr const char* family = "add";
  static constexpr const char* pass = "fprop";
  using Shape = AddShape;
  using Launch = Status (*)(const AddShape&, const float* a, const float* b, float* y, Stream);
};

inline Status validate_add(const AddShape& s) { return require_count("add", s.count); }

template <class Real>
void add_fprop_reference(const AddShape& s, const Real* a, const Real* b, Real* y);

}  // namespace alexnet

#endif  // ALEXNET_ADD_H
