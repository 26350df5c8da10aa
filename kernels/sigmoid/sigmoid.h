// sigmoid: logistic function, the neuron that networks had before (paper, section 3.1: the saturating kind).
//
// Shapes   x, y, dy, dx: flat arrays of `count` values. y may be x, dx may be dy. In bf16 all are bf16.
// fprop    y = 1 / (1 + exp(-x))    NaN stays NaN
// bprop    dx = dy * y * (1 - y)    from the output y, so that fprop may run in place
//
// Every variant takes e = exp(-|x|), which cannot overflow, and y = 1 / (1 + e) for x >= 0, e / (1 + e) below.
// Rounding: each has its own exp; y is off by at most 2^-21 relatively, and by 2^-125 where it is smaller than 2^-125.
// 1 - y is rounded once, each product once.
#ifndef ALEXNET_SIGMOID_H
#define ALEXNET_SIGMOID_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct SigmoidShape {
  int64_t count;
};

struct SigmoidFprop {
  static constexpr const char* family = "sigmoid";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = SigmoidShape;
  using Launch = Status (*)(const SigmoidShape&, const float* x, float* y, Stream);
};

struct SigmoidBprop {
  static constexpr const char* family = "sigmoid";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = SigmoidShape;
  using Launch = Status (*)(const SigmoidShape&, const float* y, const float* dy, float* dx, Stream);
};

inline Status validate_sigmoid(const SigmoidShape& s) { return require_count("sigmoid", s.count); }

template <class Real>
void sigmoid_fprop_reference(const SigmoidShape& s, const Real* x, Real* y);
template <class Real>
void sigmoid_bprop_reference(const SigmoidShape& s, const Real* y, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_SIGMOID_H
