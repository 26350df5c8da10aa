// lrn_pool: ReLU, local response normalisation and max-pooling in one pass, forward and backward. Nothing between the
// convolution's output x and the pooled y is stored: bprop computes it again from x.
//
// Shapes   x, dx: [N,H,W,C]; y, dy: [N,P,Q,C], P and Q as in pool.h. No aliasing.
//          y_peer: null, or a second place for y, which may be memory of another device. In bf16 all are bf16; a, d, z
//          and sums float32.
// fprop    a = relu ? (x < 0 ? 0 : x) : x                                 (relu.h)
//          z[c] = a[c] * d[c]^-beta, d[c] = k + alpha * sum of a[j]^2     (lrn.h; z = a if lrn_size is 0)
//          y[p,q] = maximum of z over the clipped window                  (pool.h)
// bprop    dz = gradient of the pooling at z, ties decided on the very values that fprop of the same variant compares
//          da = gradient of the normalisation at a
//          dx = relu ? (x > 0 ? da : 0) : da
//
// With relu, x may be the convolution's output before its ReLU or after: both give the same y and dx.
// Rounding: as lrn.h; a sum of dy starts from +0 and ascends in p, then q. NaN is passed on as in relu.h, lrn.h,
// pool.h.
#ifndef ALEXNET_LRN_POOL_H
#define ALEXNET_LRN_POOL_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"
#include "lrn/lrn.h"
#include "pool/pool.h"

namespace alexnet {

struct LrnPoolFprop {
  static constexpr const char* family = "lrn_pool";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = LrnPoolShape;
  using Launch = Status (*)(const LrnPoolShape&, const float* x, float* y, float* y_peer, Stream);
};

struct LrnPoolBprop {
  static constexpr const char* family = "lrn_pool";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = LrnPoolShape;
  using Launch = Status (*)(const LrnPoolShape&, const float* x, const float* dy, float* dx, Stream);
};

// What validate_lrn and validate_pool demand; the former only if lrn_size is not 0.
inline Status validate_lrn_pool(const LrnPoolShape& s) {
  ALEXNET_TRY(validate_pool(pool_of(s)));
  return s.lrn_size == 0 ? Status{} : validate_lrn(lrn_of(s));
}

// References: those of relu, lrn and pool, one after the other, for Real = float and double.
template <class Real>
void lrn_pool_fprop_reference(const LrnPoolShape& s, const Real* x, Real* y);
template <class Real>
void lrn_pool_bprop_reference(const LrnPoolShape& s, const Real* x, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_LRN_POOL_H
