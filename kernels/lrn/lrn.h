// lrn: local response normalisation across channels. Paper: section 3.3 (size 5, k 2, alpha 1e-4, beta 0.75).
//
// Shapes   x, y, dy, dx: [N,H,W,C], no aliasing. In bf16 all are bf16; d, powers and sums float32.
// window   of channel c: the channels j with |j - c| <= size/2 (integer division) and 0 <= j < C; clipped at both ends,
//          without compensation, so a window may be larger than the number of channels.
// fprop    d[c] = k + alpha * sum over j in window(c) of x[j]^2
//          y[c] = x[c] * d[c]^-beta
// bprop    dx[c] = dy[c] * d[c]^-beta - 2*alpha*beta * x[c] * sum over i in window(c) of dy[i] * x[i] * d[i]^(-beta-1)
//          because windows of odd size are symmetric: c is in window(i) exactly if i is in window(c).
//          d is computed again from x; nothing but x is kept from fprop.
// Paper: alpha multiplies the plain sum. The 2012 source divides its alpha by size first; pass alpha/size for that.
// Paper: the sum runs over the maps of the layer; here, as in the 2012 source, over the C maps of the tower.
//
// Rounding: the sum ascends in channels. Powers are each variant's own: relative error at most 2^-20 in d^-beta.
#ifndef ALEXNET_LRN_H
#define ALEXNET_LRN_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct LrnFprop {
  static constexpr const char* family = "lrn";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = LrnShape;
  using Launch = Status (*)(const LrnShape&, const float* x, float* y, Stream);
};

struct LrnBprop {
  static constexpr const char* family = "lrn";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = LrnShape;
  using Launch = Status (*)(const LrnShape&, const float* x, const float* dy, float* dx, Stream);
};

// BAD_SHAPE unless: extents in range; size odd and positive. BAD_ARGUMENT unless k > 0 and alpha >= 0, so that d > 0,
// and beta is finite.
inline Status validate_lrn(const LrnShape& s) {
  ALEXNET_TRY(require_tensor("lrn", "x", {s.N, s.H, s.W, s.C}));
  ALEXNET_REQUIRE(s.size >= 1 && s.size % 2 == 1 && s.size <= kMaxExtent, ALEXNET_BAD_SHAPE,
                  "lrn: size is %d; it must be odd and at least 1", s.size);
  ALEXNET_REQUIRE(s.k > 0.f && s.k <= 1e30f, ALEXNET_BAD_ARGUMENT, "lrn: k is %g; it must be above 0",
                  static_cast<double>(s.k));
  ALEXNET_REQUIRE(s.alpha >= 0.f && s.alpha <= 1e30f, ALEXNET_BAD_ARGUMENT, "lrn: alpha is %g; it must be at least 0",
                  static_cast<double>(s.alpha));
  ALEXNET_REQUIRE(s.beta >= -1e3f && s.beta <= 1e3f, ALEXNET_BAD_ARGUMENT,
                  "lrn: beta is %g; it must be from -1000 to 1000", static_cast<double>(s.beta));
  return {};
}

// References: plain loops, sums and powers in double, for Real = float and double.
template <class Real>
void lrn_fprop_reference(const LrnShape& s, const Real* x, Real* y);
template <class Real>
void lrn_bprop_reference(const LrnShape& s, const Real* x, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_LRN_H
