// Reference of lrn: the formulas of lrn.h as plain loops.
#include "lrn/lrn.h"

#include <algorithm>
#include <cmath>

namespace alexnet {
namespace {

struct Window {
  int first;
  int last;
};

Window window_of(const LrnShape& s, int c) {
  const int half = s.size / 2;
  return {std::max(c - half, 0), c > s.C - 1 - half ? s.C - 1 : c + half};
}

// d[c] of one pixel, whose channels start at x.
template <class Real>
double denominator(const LrnShape& s, const Real* x, int c) {
  const Window window = window_of(s, c);
  double sum = 0;
  for (int j = window.first; j <= window.last; ++j) sum += double(x[j]) * double(x[j]);
  return double(s.k) + double(s.alpha) * sum;
}

}  // namespace

template <class Real>
void lrn_fprop_reference(const LrnShape& s, const Real* x, Real* y) {
  for (int64_t pixel = 0; pixel < lrn_count(s); pixel += s.C)
    for (int c = 0; c < s.C; ++c)
      y[pixel + c] = Real(double(x[pixel + c]) * std::pow(denominator(s, x + pixel, c), -double(s.beta)));
}

template <class Real>
void lrn_bprop_reference(const LrnShape& s, const Real* x, const Real* dy, Real* dx) {
  const double beta = double(s.beta);
  for (int64_t pixel = 0; pixel < lrn_count(s); pixel += s.C)
    for (int c = 0; c < s.C; ++c) {
      const Window window = window_of(s, c);
      double sum = 0;
      for (int i = window.first; i <= window.last; ++i)
        sum += double(dy[pixel + i]) * double(x[pixel + i]) * std::pow(denominator(s, x + pixel, i), -beta - 1);
      const double own = double(dy[pixel + c]) * std::pow(denominator(s, x + pixel, c), -beta);
      dx[pixel + c] = Real(own - 2 * double(s.alpha) * beta * double(x[pixel + c]) * sum);
    }
}

template void lrn_fprop_reference<float>(const LrnShape&, const float*, float*);
template void lrn_fprop_reference<double>(const LrnShape&, const double*, double*);
template void lrn_bprop_reference<float>(const LrnShape&, const float*, const float*, float*);
template void lrn_bprop_reference<double>(const LrnShape&, const double*, const double*, double*);

}  // namespace alexnet
