// sgd: one update with momentum and weight decay. Paper: section 5 (momentum 0.9, decay 0.0005, rate 0.01 at first).
//
// Shapes   w, v, g: flat arrays of `count` values, no aliasing; g is the mean gradient over the batch.
// update   v = momentum * v - decay * rate * w - rate * g
//          w = w + v
// Biases pass decay 0 (2012 source; the paper gives the rule for weights only). A count of parameters that is frozen is
// not updated at all: do not call. The rate stands inside v, so a later change of it does not rescale the old v.
//
// Rounding, the same for every variant, so that all give the same bits:
//   dr = decay * rate                        one product, once
//   t  = fma(rate, g, dr * w)                one product, one fused multiply-add
//   v  = fma(momentum, v, -t)                one fused multiply-add
//   w  = w + v                               one sum
#ifndef ALEXNET_SGD_H
#define ALEXNET_SGD_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct SgdUpdate {
  static constexpr const char* family = "sgd";
  static constexpr const char* pass = "update";
  using Shape = SgdShape;
  using Launch = Status (*)(const SgdShape&, float* w, float* v, const float* g, Stream);
};

// BAD_SHAPE unless count is in range; BAD_ARGUMENT unless rate and decay are at least 0 and finite, and momentum is in
// [0, 1).
inline Status validate_sgd(const SgdShape& s) {
  ALEXNET_TRY(require_count("sgd", s.count));
  ALEXNET_REQUIRE(s.rate >= 0.f && s.rate <= 1e30f, ALEXNET_BAD_ARGUMENT, "sgd: rate is %g; it must be at least 0",
                  static_cast<double>(s.rate));
  ALEXNET_REQUIRE(s.momentum >= 0.f && s.momentum < 1.f, ALEXNET_BAD_ARGUMENT,
                  "sgd: momentum is %g; it must be from 0 to below 1", static_cast<double>(s.momentum));
  ALEXNET_REQUIRE(s.decay >= 0.f && s.decay <= 1e30f, ALEXNET_BAD_ARGUMENT, "sgd: decay is %g; it must be at least 0",
                  static_cast<double>(s.decay));
  return {};
}

// Reference for Real = float (the bits above) and double (the same formula).
template <class Real>
void sgd_update_reference(const SgdShape& s, Real* w, Real* v, const Real* g);

}  // namespace alexnet

#endif  // ALEXNET_SGD_H
