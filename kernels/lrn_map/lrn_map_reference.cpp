// Reference of lrn_map: the formulas of lrn_map.h as plain loops.
#include "lrn_map/lrn_map.h"

#include <cmath>

namespace alexnet {
namespace {

// Calls body(n, h, w, c, index) for every element.
template <class Body>
void for_elements(const LrnShape& s, const Body& body) {
  int64_t index = 0;
  for (int32_t n = 0; n < s.N; ++n)
    for (int32_t h = 0; h < s.H; ++h)
      for (int32_t w = 0; w < s.W; ++w)
        for (int32_t c = 0; c < s.C; ++c) body(n, h, w, c, index++);
}

int64_t index_of(const LrnShape& s, int32_t n, int32_t h, int32_t w, int32_t c) {
  return ((int64_t(n) * s.H + h) * s.W + w) * s.C + c;
}

// The sum of term(element) over the window of pixel (h,w), in map c of image n.
template <class Term>
double window_sum(const LrnShape& s, int32_t n, int32_t h, int32_t w, int32_t c, const Term& term) {
  double sum = 0;
  for (int32_t i = h - s.size / 2; i <= h + s.size / 2; ++i)
    for (int32_t j = w - s.size / 2; j <= w + s.size / 2; ++j)
      if (i >= 0 && i < s.H && j >= 0 && j < s.W) sum += term(i, j, index_of(s, n, i, j, c));
  return sum;
}

template <class Real>
double denominator(const LrnShape& s, const Real* x, int32_t n, int32_t h, int32_t w, int32_t c) {
  return double(s.k) + double(s.alpha) * window_sum(s, n, h, w, c, [&](int32_t, int32_t, int64_t at) {
                         return double(x[at]) * double(x[at]);
                       });
}

}  // namespace

template <class Real>
void lrn_map_fprop_reference(const LrnShape& s, const Real* x, Real* y) {
  for_elements(s, [&](int32_t n, int32_t h, int32_t w, int32_t c, int64_t at) {
    y[at] = Real(double(x[at]) * std::pow(denominator(s, x, n, h, w, c), -double(s.beta)));
  });
}

template <class Real>
void lrn_map_bprop_reference(const LrnShape& s, const Real* x, const Real* dy, Real* dx) {
  const double beta = double(s.beta);
  for_elements(s, [&](int32_t n, int32_t h, int32_t w, int32_t c, int64_t at) {
    const double sum = window_sum(s, n, h, w, c, [&](int32_t i, int32_t j, int64_t other) {
      return double(dy[other]) * double(x[other]) * std::pow(denominator(s, x, n, i, j, c), -beta - 1);
    });
    const double own = double(dy[at]) * std::pow(denominator(s, x, n, h, w, c), -beta);
    dx[at] = Real(own - 2 * double(s.alpha) * beta * double(x[at]) * sum);
  });
}

template void lrn_map_fprop_reference<float>(const LrnShape&, const float*, float*);
template void lrn_map_fprop_reference<double>(const LrnShape&, const double*, double*);
template void lrn_map_bprop_reference<float>(const LrnShape&, const float*, const float*, float*);
template void lrn_map_bprop_reference<double>(const LrnShape&, const double*, const double*, double*);

}  // namespace alexnet
