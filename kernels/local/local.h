// local: a locally connected layer on one input plane: the windows of a convolution, but each output position has
// filters and biases of its own (cuda-convnet's `local`, unshared).
//
// Shapes   x, dx: [N,H,W,C]; w, dw: [P,Q,K,R,S,C]; y, dy: [N,P,Q,K]; bias, db: [P,Q,K]. P, Q by the ceil rule.
// fprop    y[n,p,q,k] = sum over r, s, c of x[n, p*stride + r - pad, q*stride + s - pad, c] * w[p,q,k,r,s,c]
//          x is 0 outside the image, on every side. Then the Epilogue, whose bias is bias[p,q,k].
// dgrad    dx[n,h,w,c] = sum over r, s, k of dy[n,p,q,k] * w[p,q,k,r,s,c]
//          where p*stride = h + pad - r and q*stride = w + pad - s have solutions p in [0,P), q in [0,Q).
//          With a mask, the output of the ReLU that made x: dx = mask > 0 ? dx : 0, as relu_bprop.
// wgrad    dw[p,q,k,r,s,c] = sum over n of x[n, p*stride + r - pad, q*stride + s - pad, c] * dy[n,p,q,k]
//          With db: db[p,q,k] = sum over n of dy[n,p,q,k], because this pass reads dy anyway.
//
// Order of w: a position's weights are one block, which is conv's w[K,R,S,C] and, as a matrix, fc's w[K,R*S*C]. So a
// position is one matrix product with operands as fc has them, a tower's filters are rows of it, and equal blocks are a
// convolution. A tap that reads outside the image is never used: its weights are there, and their gradient is 0.
//
// Groups: none, G is 1. cuda-convnet's layer has them; no network here needs any. Two towers do as with conv: a tower
// reads its own plane, or one after the other, the first without bias and ReLU, the others with accumulate.
//
// Aliasing: none. dgrad and wgrad overwrite their result. An input pixel that no window covers gets dx = 0.
// Rounding: as in conv.h.
#ifndef ALEXNET_LOCAL_H
#define ALEXNET_LOCAL_H

#include "common/epilogue.h"
#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct LocalFprop {
  static constexpr const char* family = "local";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* x, const float* w, float* y, const Epilogue&, Stream);
};

struct LocalDgrad {
  static constexpr const char* family = "local";
  static constexpr const char* pass = "dgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* dy, const float* w,
                            const float* mask /* [N,H,W,C] or null */, float* dx, Stream);
};

struct LocalWgrad {
  static constexpr const char* family = "local";
  static constexpr const char* pass = "wgrad";
  static constexpr bool has_activations = true;
  static constexpr bool has_factors = true;
  using Shape = ConvShape;
  using Launch = Status (*)(const ConvShape&, const float* x, const float* dy, float* dw,
                            float* db /* [P,Q,K] or null */, Stream);
};

// BAD_SHAPE unless: extents in range; stride 1 to 4096; pad 0 to 4096; G is 1; the filter fits into the padded image;
// rounding up or down. Whoever calls a launcher calls this first; launchers do not repeat it.
inline Status validate_local(const ConvShape& s) {
  ALEXNET_TRY(require_tensor("local", "x", {s.N, s.H, s.W, s.C}));
  ALEXNET_REQUIRE(s.K >= 1 && s.R >= 1 && s.S >= 1, ALEXNET_BAD_SHAPE,
                  "local: %d filters of %dx%d; each number must be at least 1", s.K, s.R, s.S);
  ALEXNET_REQUIRE(s.G == 1, ALEXNET_BAD_SHAPE, "local: %d groups; there are none, G must be 1", s.G);
  ALEXNET_REQUIRE(s.stride >= 1 && s.stride <= 4096, ALEXNET_BAD_SHAPE,
                  "local: stride is %d; it must be from 1 to 4096", s.stride);
  ALEXNET_REQUIRE(s.pad >= 0 && s.pad <= 4096, ALEXNET_BAD_SHAPE, "local: pad is %d; it must be from 0 to 4096", s.pad);
  ALEXNET_REQUIRE(s.R <= s.H + 2 * s.pad && s.S <= s.W + 2 * s.pad, ALEXNET_BAD_SHAPE,
                  "local: a %dx%d filter does not fit into a %dx%d image with pad %d", s.R, s.S, s.H, s.W, s.pad);
  ALEXNET_REQUIRE(s.rounding == ALEXNET_ROUND_UP || s.rounding == ALEXNET_ROUND_DOWN, ALEXNET_BAD_SHAPE,
                  "local: rounding is %d; it must be 0 (up) or 1 (down)", s.rounding);
  ALEXNET_TRY(require_tensor("local", "y", {s.N, conv_P(s), conv_Q(s), s.K}));
  ALEXNET_TRY(require_tensor("local", "bias", {local_bias_count(s)}));
  return require_tensor("local", "w", {conv_P(s), conv_Q(s), s.K, s.R, s.S, s.C});
}

// References: plain loops, sums in double, for Real = float and double. `bias`, `mask` and `db` may be null.
template <class Real>
void local_fprop_reference(const ConvShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                           bool relu);
template <class Real>
void local_dgrad_reference(const ConvShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx);
template <class Real>
void local_wgrad_reference(const ConvShape& s, const Real* x, const Real* dy, Real* dw, Real* db);

}  // namespace alexnet

#endif  // ALEXNET_LOCAL_H
