// pool: max or average pooling, windows clipped at the bottom and right.
//
// Shapes   x, dx: [N,H,W,C]; y, dy: [N,P,Q,C]; P, Q: the ceil rule of shapes.h. No aliasing. In bf16 all are
//          bf16, sums float32.
// window   of (p,q): rows [p*stride, min(p*stride + size, H)), columns likewise; `area` is its number of pixels.
// max      y = maximum over the window, in row-major order; a NaN in the window makes y NaN.
//          dx[h,w] = sum of dy[p,q] over the windows (p,q) that cover (h,w), ascending in p, then q, where
//            ties all:   x[h,w] == y[p,q]  (2012 source: every tied maximum receives the whole gradient)
//            ties first: (h,w) is the first pixel of the window, in row-major order, with x == y[p,q]
// average  y = (sum over the window, row-major) / area
//          dx[h,w] = sum of dy[p,q] / area(p,q) over the windows that cover (h,w), ascending in p, then q
//
// Rounding: sums start from +0 and run in the order given, quotients are IEEE divisions, of equal maxima (+0, -0) the
// first stays: every variant gives the same bits. A pixel that no window covers (none, if stride <= size) gets dx = 0.
#ifndef ALEXNET_POOL_H
#define ALEXNET_POOL_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct PoolFprop {
  static constexpr const char* family = "pool";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = PoolShape;
  using Launch = Status (*)(const PoolShape&, const float* x, float* y, Stream);
};

struct PoolBprop {
  static constexpr const char* family = "pool";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = PoolShape;
  using Launch = Status (*)(const PoolShape&, const float* x, const float* y, const float* dy, float* dx, Stream);
};

// BAD_SHAPE unless: extents in range; the window fits into the image; stride from 1 to size, so that no window
// is empty. BAD_ARGUMENT unless mode and ties are known.
inline Status validate_pool(const PoolShape& s) {
  ALEXNET_TRY(require_tensor("pool", "x", {s.N, s.H, s.W, s.C}));
  ALEXNET_REQUIRE(s.size >= 1 && s.size <= s.H && s.size <= s.W, ALEXNET_BAD_SHAPE,
                  "pool: size is %d; it must be from 1 to the image's %dx%d", s.size, s.H, s.W);
  ALEXNET_REQUIRE(s.stride >= 1 && s.stride <= s.size, ALEXNET_BAD_SHAPE,
                  "pool: stride is %d; it must be from 1 to size, here %d", s.stride, s.size);
  ALEXNET_REQUIRE(s.mode == ALEXNET_POOL_MAX || s.mode == ALEXNET_POOL_AVERAGE, ALEXNET_BAD_ARGUMENT,
                  "pool: mode is %d; it must be 0 (max) or 1 (average)", s.mode);
  ALEXNET_REQUIRE(s.ties == ALEXNET_TIES_ALL || s.ties == ALEXNET_TIES_FIRST, ALEXNET_BAD_ARGUMENT,
                  "pool: ties is %d; it must be 0 (all) or 1 (first)", s.ties);
  return {};
}

// References: plain loops, for Real = float and double; sums in Real, so that float gives the kernels' bits.
template <class Real>
void pool_fprop_reference(const PoolShape& s, const Real* x, Real* y);
template <class Real>
void pool_bprop_reference(const PoolShape& s, const Real* x, const Real* y, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_POOL_H
