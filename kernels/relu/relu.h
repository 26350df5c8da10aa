// relu: rectified linear unit.
//
// Shapes   x, y, dy, dx: flat arrays of `count` values. y may be x, dx may be dy. In bf16 all are bf16.
// fprop    y = x < 0 ? 0 : x        NaN stays NaN and -0 stays -0 (a vector max that returns x on ties)
// bprop    dx = y > 0 ? dy : 0      from the output y, so that fprop may run in place
//
// Rounding: none; every variant gives the same bits.
#ifndef ALEXNET_RELU_H
#define ALEXNET_RELU_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct ReluShape {
  int64_t count;
};

struct ReluFprop {
  static constexpr const char* family = "relu";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = ReluShape;
  using Launch = Status (*)(const ReluShape&, const float* x, float* y, Stream);
};

struct ReluBprop {
  static constexpr const char* family = "relu";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = ReluShape;
  using Launch = Status (*)(const ReluShape&, const float* y, const float* dy, float* dx, Stream);
};

inline Status validate_relu(const ReluShape& s) { return require_count("relu", s.count); }

template <class Real>
void relu_fprop_reference(const ReluShape& s, const Real* x, Real* y);
template <class Real>
void relu_bprop_reference(const ReluShape& s, const Real* y, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_RELU_H
