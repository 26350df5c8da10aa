// add: the sum of two arrays, if asked only where a mask is positive. Chained, it adds partial gradients in a fixed
// order; the last link may take the output of the layer before as its mask, because after ReLU and dropout an output is
// positive exactly where it was active and kept.
//
// Shapes   a, b, mask, y: flat arrays of `count` values; mask may be null. y may be a, b or mask. In bf16
//          all are bf16.
// fprop    y = mask == null || mask > 0 ? a + b : +0      (a mask of NaN is not positive)
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
  static constexpr bool has_activations = true;
  using Shape = AddShape;
  using Launch = Status (*)(const AddShape&, const float* a, const float* b, const float* mask, float* y, Stream);
};

inline Status validate_add(const AddShape& s) { return require_count("add", s.count); }

template <class Real>
void add_fprop_reference(const AddShape& s, const Real* a, const Real* b, const Real* mask, Real* y);

}  // namespace alexnet

#endif  // ALEXNET_ADD_H
