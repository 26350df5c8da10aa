// conv: convolution (cross-correlation) of one input plane with G groups.
//
// Shapes   x, dx: [N,H,W,C]; w, dw: [K,R,S,C/G]; y, dy: [N,P,Q,K]; bias: [K]. P, Q: the ceil rule of shapes.h.
// fprop    y[n,p,q,k] = sum over r, s, c of x[n, p*stride + r - pad, q*stride + s - pad, g*C/G + c] * w[k,r,s,c]
//          with g = k / (K/G) and c in [0, C/G); x is 0 outside the image, on every side. Then the Epilogue.
// dgrad    dx[n,h,w,g*C/G + c] = sum over k of group g, r, s of dy[n,p,q,k] * w[k,r,s,c]
//          where p*stride = h + pad - r and q*stride = w + pad - s have solutions p in [0,P), q in [0,Q).
//          With a mask, the output of the ReLU that made x: dx = mask > 0 ? dx : 0, as relu_bprop.
// wgrad    dw[k,r,s,c] = sum over n, p, q of x[n, p*stride + r - pad, q*stride + s - pad, g*C/G + c] * dy[n,p,q,k]
//          With db: db[k] = sum over n, p, q of dy[n,p,q,k], because this pass reads dy anyway.
//
// Aliasing: none. dgrad and wgrad overwrite their result. An input pixel that no window covers gets dx = 0.
// Rounding: the order of a sum is each variant's own, but fixed: two runs give the same bits. Results of two variants
// agree within terms * 2^-24 for inputs in [-1, 1], where terms is the length of the sum (conv_check.cpp derives it).
// Variants of another algorithm than direct (conv_winograd.h) have a bound of their own there, and spread a NaN or an
// infinity over the outputs of its tile; conv_space_to_depth.cu spreads it over windows that end just before it.
// dgrad by panels and by gemm multiplies zeros where p or q does not exist: a weight that is NaN or infinite makes NaN
// there, which the formula and direct have not.
// Two towers: conv2, conv4 and conv5 of a tower are this operation with G = 1 on the tower's plane; both towers
// together are one operation with G = 2. conv3 reads two planes: first plane a without bias and ReLU,
// then plane b with accumulate.
#ifndef ALEXNET_CONV_H
#define ALEXNET_CONV_H

#include "common/epilogue.h"
#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct ConvFprop {
  static constexpr const char* family = "conv";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* x, const float* w, float* y, const Epilogue&, Stream);
};

struct ConvDgrad {
  static constexpr const char* family = "conv";
  static constexpr const char* pass = "dgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* dy, const float* w,
                            const float* mask /* [N,H,W,C] or null */, float* dx, Stream);
};

struct ConvWgrad {
  static constexpr const char* family = "conv";
  static constexpr const char* pass = "wgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* x, const float* dy, float* dw, float* db /* [K] or null */,
                            Stream);
};

// BAD_SHAPE unless: extents in range; stride 1 to 4096; pad 0 to 4096; G divides C and K; the filter fits into the
// padded image; rounding up or down. Whoever calls a launcher calls this first; launchers do not repeat it.
inline Status validate_conv(const ConvShape& s) {
  ALEXNET_TRY(require_tensor("conv", "x", {s.N, s.H, s.W, s.C}));
  ALEXNET_REQUIRE(s.K >= 1 && s.R >= 1 && s.S >= 1, ALEXNET_BAD_SHAPE,
                  "conv: %d filters of %dx%d; each number must be at least 1", s.K, s.R, s.S);
  ALEXNET_REQUIRE(s.G >= 1 && s.C % s.G == 0 && s.K % s.G == 0, ALEXNET_BAD_SHAPE,
                  "conv: %d groups do not divide C=%d and K=%d", s.G, s.C, s.K);
  ALEXNET_TRY(require_tensor("conv", "w", {s.K, s.R, s.S, s.C / s.G}));
  ALEXNET_REQUIRE(s.stride >= 1 && s.stride <= 4096, ALEXNET_BAD_SHAPE, "conv: stride is %d; it must be from 1 to 4096",
                  s.stride);
  ALEXNET_REQUIRE(s.pad >= 0 && s.pad <= 4096, ALEXNET_BAD_SHAPE, "conv: pad is %d; it must be from 0 to 4096", s.pad);
  ALEXNET_REQUIRE(s.R <= s.H + 2 * s.pad && s.S <= s.W + 2 * s.pad, ALEXNET_BAD_SHAPE,
                  "conv: a %dx%d filter does not fit into a %dx%d image with pad %d", s.R, s.S, s.H, s.W, s.pad);
  ALEXNET_REQUIRE(s.rounding == ALEXNET_ROUND_UP || s.rounding == ALEXNET_ROUND_DOWN, ALEXNET_BAD_SHAPE,
                  "conv: rounding is %d; it must be 0 (up) or 1 (down)", s.rounding);
  return require_tensor("conv", "y", {s.N, conv_P(s), conv_Q(s), s.K});
}

// References: plain loops, sums in double, for Real = float and double. `bias`, `mask` and `db` may be null.
template <class Real>
void conv_fprop_reference(const ConvShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                          bool relu);
template <class Real>
void conv_dgrad_reference(const ConvShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx);
template <class Real>
void conv_wgrad_reference(const ConvShape& s, const Real* x, const Real* dy, Real* dw, Real* db);

}  // namespace alexnet

#endif  // ALEXNET_CONV_H
