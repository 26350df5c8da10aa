// tanh: hyperbolic tangent, the neuron that the paper holds the rectified linear unit against (section 3.1, figure 1).
//
// Shapes   x, y, dy, dx: flat arrays of `count` values. y may be x, dx may be dy. In bf16 all are bf16.
// fprop    y = tanh(x)              NaN stays NaN
// bprop    dx = dy * (1 - y^2)      from the output y, so that fprop may run in place
//
// Rounding: each variant has its own tanh, off by at most 2^-21 relatively; 1 - y^2 is rounded once or twice.
#ifndef ALEXNET_TANH_H
#define ALEXNET_TANH_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct TanhShape {
  int64_t count;
};

struct TanhFprop {
  static constexpr const char* family = "tanh";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = TanhShape;
  using Launch = Status (*)(const TanhShape&, const float* x, float* y, Stream);
};

struct TanhBprop {
  static constexpr const char* family = "tanh";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = TanhShape;
  using Launch = Status (*)(const TanhShape&, const float* y, const float* dy, float* dx, Stream);
};

inline Status validate_tanh(const TanhShape& s) { return require_count("tanh", s.count); }

template <class Real>
void tanh_fprop_reference(const TanhShape& s, const Real* x, Real* y);
template <class Real>
void tanh_bprop_reference(const TanhShape& s, const Real* y, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_TANH_H
