// fc: fully connected layer on one input plane.
//
// Shapes   x, dx: [N,C]; w, dw: [K,C]; y, dy: [N,K]; bias: [K].
// fprop    y[n,k] = sum over c of x[n,c] * w[k,c], then the Epilogue
// dgrad    dx[n,c] = sum over k of dy[n,k] * w[k,c]; with a mask, the output of the ReLU (and dropout) that made x:
//          dx = mask > 0 ? dx : 0
// wgrad    dw[k,c] = sum over n of dy[n,k] * x[n,c]; with db: db[k] = sum over n of dy[n,k]
// wgrad_update   the same, but dw is not stored: it is the g of sgd.h's update of w and v
//
// Aliasing: none. dgrad and wgrad overwrite their result. Rounding: as in conv.h; wgrad_update gives the very bits of
// wgrad and then sgd_update, if wgrad's variant of the same name runs.
// A layer that reads both towers calls fprop twice, plane a first, the second time with accumulate, bias and ReLU.
#ifndef ALEXNET_FC_H
#define ALEXNET_FC_H

#include "common/epilogue.h"
#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct FcFprop {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* x, const float* w, float* y, const Epilogue&, Stream);
};

struct FcDgrad {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "dgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* dy, const float* w, const float* mask /* [N,C] or null */,
                            float* dx, Stream);
};

struct FcWgrad {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "wgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* x, const float* dy, float* dw, float* db /* [K] or null */,
                            Stream);
};

struct FcWgradUpdate {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "wgrad_update";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const SgdShape&, const StepSettings* settings, const float* x,
                            const float* dy, float* w, float* v, float* db /* [K] or null */, Stream);
};

inline Status validate_fc(const FcShape& s) {
  ALEXNET_TRY(require_tensor("fc", "x", {s.N, s.C}));
  ALEXNET_TRY(require_tensor("fc", "w", {s.K, s.C}));
  return require_tensor("fc", "y", {s.N, s.K});
}

// References: plain loops, sums in double, for Real = float and double. `bias`, `mask` and `db` may be null.
template <class Real>
void fc_fprop_reference(const FcShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                        bool relu);
template <class Real>
void fc_dgrad_reference(const FcShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx);
template <class Real>
void fc_wgrad_reference(const FcShape& s, const Real* x, const Real* dy, Real* dw, Real* db);
template <class Real>
void fc_wgrad_update_reference(const FcShape& s, const SgdShape& sgd, const StepSettings& settings, const Real* x,
                               const Real* dy, Real* w, Real* v, Real* db);

}  // namespace alexnet

#endif  // ALEXNET_FC_H
