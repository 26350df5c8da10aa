// sgd: one update with momentum and weight decay. Paper: section 5 (momentum 0.9, decay 0.0005, rate 0.01 at first).
//
// Shapes   a call updates several arrays of parameters, each with a shape of its own; of each
//          w, v, g: flat, `count` values, no aliasing; g is the mean gradient over the batch.
// update   v = momentum * v - decay * rate * w - rate * g
//          w = w + v
//          rate = rate_factor * (the settings' rate of weights or of biases); momentum is the settings'
// Biases pass decay 0 (2012 source; the paper gives the rule for weights only). A count of parameters that is frozen is
// not updated at all: do not call. The rate stands inside v, so a later change of it does not rescale the old v.
//
// Rounding, the same for every variant, so that all give the same bits:
//   rate = rate_factor * the settings' rate  one product, once
//   dr = decay * rate                        one product, once
//   t  = fma(rate, g, dr * w)                one product, one fused multiply-add
//   v  = fma(momentum, v, -t)                one fused multiply-add
//   w  = w + v                               one sum
//
// The table of the arrays is an argument of the kernel, not an array in the device's memory: nobody has to keep such an
// array, and every pointer in it was checked by the call that launches.
#ifndef ALEXNET_SGD_H
#define ALEXNET_SGD_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

// Arrays of one call. With 48 bytes for each, the table fits the 4096 bytes that a kernel's arguments may have.
constexpr int32_t kSgdArrays = 64;

struct SgdArray {
  SgdShape shape;
  float* w;
  float* v;
  const float* g;
};

struct SgdTable {
  SgdArray at[kSgdArrays];
};

struct SgdUpdateShape {
  int64_t count;   // values of all arrays
  int32_t arrays;  // at most kSgdArrays
};

struct SgdUpdate {
  static constexpr const char* family = "sgd";
  static constexpr const char* pass = "update";
  using Shape = SgdUpdateShape;
  using Launch = Status (*)(const SgdUpdateShape&, const StepSettings* settings, const SgdTable&, Stream);
};

// BAD_ARGUMENT unless the call's table can hold so many arrays.
inline Status validate_sgd_arrays(int32_t arrays) {
  ALEXNET_REQUIRE(arrays >= 1 && arrays <= kSgdArrays, ALEXNET_BAD_ARGUMENT,
                  "sgd: %d arrays; allowed in one call: 1 to %d", arrays, kSgdArrays);
  return {};
}

// BAD_SHAPE unless count is in range; BAD_ARGUMENT unless rate_factor and decay are at least 0 and finite, and
// which_rate is known.
inline Status validate_sgd(const SgdShape& s) {
  ALEXNET_TRY(require_count("sgd", s.count));
  ALEXNET_REQUIRE(s.rate_factor >= 0.f && s.rate_factor <= 1e30f, ALEXNET_BAD_ARGUMENT,
                  "sgd: rate_factor is %g; it must be at least 0", static_cast<double>(s.rate_factor));
  ALEXNET_REQUIRE(s.which_rate == ALEXNET_RATE_WEIGHT || s.which_rate == ALEXNET_RATE_BIAS, ALEXNET_BAD_ARGUMENT,
                  "sgd: which_rate is %d; it must be 0 (weight) or 1 (bias)", s.which_rate);
  ALEXNET_REQUIRE(s.decay >= 0.f && s.decay <= 1e30f, ALEXNET_BAD_ARGUMENT, "sgd: decay is %g; it must be at least 0",
                  static_cast<double>(s.decay));
  return {};
}

// Reference of one array for Real = float (the bits above) and double (the same formula).
template <class Real>
void sgd_update_reference(const SgdShape& s, const StepSettings& settings, Real* w, Real* v, const Real* g);

}  // namespace alexnet

#endif  // ALEXNET_SGD_H
