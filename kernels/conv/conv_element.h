// One element of each result of conv, by the formulas of conv.h: for a batch at which the references take minutes.
#ifndef ALEXNET_CONV_ELEMENT_H
#define ALEXNET_CONV_ELEMENT_H

#include "conv/conv.h"

namespace alexnet {

// The pixel x[n,h,w,0], or null outside the image.
inline const double* conv_pixel(const ConvShape& s, const double* x, int64_t n, int64_t h, int64_t w) {
  if (h < 0 || h >= s.H || w < 0 || w >= s.W) return nullptr;
  return x + ((n * s.H + h) * s.W + w) * s.C;
}

// y[index] without accumulation; bias may be null.
inline double conv_fprop_element(const ConvShape& s, const double* x, const double* w, const double* bias, bool relu,
                                 int64_t index) {
  const int64_t k = index % s.K, q = index / s.K % conv_Q(s), p = index / s.K / conv_Q(s) % conv_P(s);
  const int64_t n = index / s.K / conv_Q(s) / conv_P(s);
  const int64_t depth = s.C / s.G, first = k / (s.K / s.G) * depth;
  double sum = bias == nullptr ? 0 : bias[k];
  for (int64_t r = 0; r < s.R; ++r) {
    for (int64_t column = 0; column < s.S; ++column) {
      const double* pixel = conv_pixel(s, x, n, p * s.stride + r - s.pad, q * s.stride + column - s.pad);
      if (pixel == nullptr) continue;
      const double* filter = w + ((k * s.R + r) * s.S + column) * depth;
      for (int64_t c = 0; c < depth; ++c) sum += pixel[first + c] * filter[c];
    }
  }
  return relu && sum < 0 ? 0 : sum;
}

// The output that reads input `at` at filter position `tap`, or -1.
inline int64_t conv_output_of(int64_t at, int64_t tap, int32_t stride, int32_t pad, int32_t outputs) {
  const int64_t offset = at + pad - tap;
  return offset >= 0 && offset % stride == 0 && offset / stride < outputs ? offset / stride : -1;
}

// dx[index].
inline double conv_dgrad_element(const ConvShape& s, const double* dy, const double* w, int64_t index) {
  const int64_t c = index % s.C, column = index / s.C % s.W, h = index / s.C / s.W % s.H, n = index / s.C / s.W / s.H;
  const int64_t depth = s.C / s.G, filters = s.K / s.G, first = c / depth * filters;
  double sum = 0;
  for (int64_t r = 0; r < s.R; ++r) {
    const int64_t p = conv_output_of(h, r, s.stride, s.pad, conv_P(s));
    for (int64_t tap = 0; p >= 0 && tap < s.S; ++tap) {
      const int64_t q = conv_output_of(column, tap, s.stride, s.pad, conv_Q(s));
      if (q < 0) continue;
      const double* gradient = dy + ((n * conv_P(s) + p) * conv_Q(s) + q) * s.K;
      for (int64_t k = first; k < first + filters; ++k) {
        sum += gradient[k] * w[((k * s.R + r) * s.S + tap) * depth + c % depth];
      }
    }
  }
  return sum;
}

// dw[index].
inline double conv_wgrad_element(const ConvShape& s, const double* x, const double* dy, int64_t index) {
  const int64_t depth = s.C / s.G, c = index % depth, tap = index / depth % s.S, r = index / depth / s.S % s.R;
  const int64_t k = index / depth / s.S / s.R, channel = k / (s.K / s.G) * depth + c;
  double sum = 0;
  for (int64_t n = 0; n < s.N; ++n) {
    for (int64_t p = 0; p < conv_P(s); ++p) {
      for (int64_t q = 0; q < conv_Q(s); ++q) {
        const double* pixel = conv_pixel(s, x, n, p * s.stride + r - s.pad, q * s.stride + tap - s.pad);
        if (pixel != nullptr) sum += pixel[channel] * dy[((n * conv_P(s) + p) * conv_Q(s) + q) * s.K + k];
      }
    }
  }
  return sum;
}

}  // namespace alexnet

#endif  // ALEXNET_CONV_ELEMENT_H
