// fc: fully connected layer on one input plane.
//
// Shapes   x, dx: [N,C]; w, dw: [K,C]; y, dy: [N,K]; bias: [K].
// fprop    y[n,k] = sum over c of x[n,c] * w[k,c], then the Epilogue
// dgrad    dx[n,c] = sum over k of dy[n,k] * w[k,c]
// wgrad    dw[k,c] = sum over n of dy[n,k] * x[n,c]
//
// Aliasing: none. dgrad and wgrad overwrite their result. Rounding: as in conv.h.
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
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* x, const float* w, float* y, const Epilogue&, Stream);
};

struct FcDgrad {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "dgrad";
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* dy, const float* w, float* dx, Stream);
};

struct FcWgrad {
  static constexpr const char* family = "fc";
  static constexpr const char* pass = "wgrad";
  using Shape = FcShape;
  using Launch = Status (*)(const FcShape&, const float* x, const float* dy, float* dw, Stream);
};

inline Status validate_fc(const FcShape& s) {
  ALEXNET_TRY(require_tensor("fc", "x", {s.N, s.C}));
  ALEXNET_TRY(require_tensor("fc", "w", {s.K, s.C}));
  return require_tensor("fc", "y", {s.N, s.K});
}

// References: plain loops, sums in double, for Real = float and double. `bias` may be null.
template <class Real>
void fc_fprop_reference(const FcShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                        bool relu);
template <class Real>
void fc_dgrad_reference(const FcShape& s, const Real* dy, const Real* w, Real* dx);
template <class Real>
void fc_wgrad_reference(const FcShape& s, const Real* x, const Real* dy, Real* dw);

}  // namespace alexnet

#endif  // ALEXNET_FC_H
