// lrn_map: local response normalisation inside each map, over a square of its pixels. The paper has none; the 2012
// source has one behind its second normalisation across maps (D4: size 5, k 1, alpha 0.001 / 25, beta 0.75).
//
// Shapes   x, y, dy, dx: [N,H,W,C], no aliasing; the constants are those of alexnet_lrn_shape, size the square's side.
//          In bf16 x, y, dy, dx are bf16; d, terms and sums float32.
// window   of pixel (h,w): the pixels (i,j) of the plane with |h - i| <= size/2, |w - j| <= size/2 (integer division);
//          clipped at the edges, without compensation, so a window may be larger than the plane.
// fprop    d[h,w,c] = k + alpha * sum over (i,j) in window(h,w) of x[i,j,c]^2
//          y[h,w,c] = x[h,w,c] * d[h,w,c]^-beta
// bprop    term[i,j,c] = dy[i,j,c] * x[i,j,c] * d[i,j,c]^(-beta-1)
//          dx[h,w,c] = dy[h,w,c] * d[h,w,c]^-beta
//                      - 2*alpha*beta * x[h,w,c] * sum over (i,j) in window(h,w) of term[i,j,c]
//          because windows of odd size are symmetric: (h,w) is in window(i,j) exactly if (i,j) is in window(h,w).
//          d is computed again from x; nothing but x is kept from fprop.
// Source: it divides its alpha by the number of pixels, size * size, first; pass alpha / (size * size) for that.
//
// Rounding: sums ascend in rows, in a row in columns. Powers are each variant's own: relative error at most 2^-20 in
// d^-beta.
#ifndef ALEXNET_LRN_MAP_H
#define ALEXNET_LRN_MAP_H

#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct LrnMapFprop {
  static constexpr const char* family = "lrn_map";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = LrnShape;
  using Launch = Status (*)(const LrnShape&, const float* x, float* y, Stream);
};

struct LrnMapBprop {
  static constexpr const char* family = "lrn_map";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = LrnShape;
  using Launch = Status (*)(const LrnShape&, const float* x, const float* dy, float* dx, Stream);
};

// A shape is valid here exactly if validate_lrn of lrn/lrn.h accepts it.

// The pixels of a window, [top, bottom) x [left, right).
struct LrnMapWindow {
  int32_t top;
  int32_t bottom;
  int32_t left;
  int32_t right;
};

ALEXNET_SHAPE_FN constexpr LrnMapWindow lrn_map_window(const LrnShape& s, int32_t h, int32_t w) {
  const int32_t half = s.size / 2;
  return {h > half ? h - half : 0, h < s.H - 1 - half ? h + half + 1 : s.H,  //
          w > half ? w - half : 0, w < s.W - 1 - half ? w + half + 1 : s.W};
}

// References: plain loops, sums and powers in double, for Real = float and double.
template <class Real>
void lrn_map_fprop_reference(const LrnShape& s, const Real* x, Real* y);
template <class Real>
void lrn_map_bprop_reference(const LrnShape& s, const Real* x, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_LRN_MAP_H
