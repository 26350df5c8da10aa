// Reference of pool: the formulas of pool.h as plain loops. Sums are in Real and in the stated order, so that the float
// instance gives the bits that every kernel must give.
#include "pool/pool.h"

#include <algorithm>
#include <cmath>

namespace alexnet {
namespace {

int64_t x_at(const PoolShape& s, int n, int h, int w, int c) { return ((int64_t(n) * s.H + h) * s.W + w) * s.C + c; }

int64_t y_at(const PoolShape& s, int n, int p, int q, int c) {
  return ((int64_t(n) * pool_P(s) + p) * pool_Q(s) + q) * s.C + c;
}

// Rows [first_h, end_h) and columns [first_w, end_w) of window (p,q).
struct Window {
  int first_h, end_h, first_w, end_w;
  int area() const { return (end_h - first_h) * (end_w - first_w); }
};

Window window_of(const PoolShape& s, int p, int q) {
  return {p * s.stride, std::min(p * s.stride + s.size, s.H), q * s.stride, std::min(q * s.stride + s.size, s.W)};
}

// Whether pixel (h,w) of the window receives the gradient of a maximum.
template <class Real>
bool receives(const PoolShape& s, const Real* x, const Window& window, int n, int h, int w, int c, Real maximum) {
  if (!(x[x_at(s, n, h, w, c)] == maximum)) return false;
  if (s.ties == ALEXNET_TIES_ALL) return true;
  for (int hh = window.first_h; hh <= h; ++hh)
    for (int ww = window.first_w; ww < (hh < h ? window.end_w : w); ++ww)
      if (x[x_at(s, n, hh, ww, c)] == maximum) return false;
  return true;
}

}  // namespace

template <class Real>
void pool_fprop_reference(const PoolShape& s, const Real* x, Real* y) {
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < pool_P(s); ++p)
      for (int q = 0; q < pool_Q(s); ++q)
        for (int c = 0; c < s.C; ++c) {
          const Window window = window_of(s, p, q);
          Real sum = 0, maximum = x[x_at(s, n, window.first_h, window.first_w, c)];
          for (int h = window.first_h; h < window.end_h; ++h)
            for (int w = window.first_w; w < window.end_w; ++w) {
              const Real value = x[x_at(s, n, h, w, c)];
              sum += value;
              if (value > maximum || std::isnan(value)) maximum = value;
            }
          y[y_at(s, n, p, q, c)] = s.mode == ALEXNET_POOL_MAX ? maximum : sum / Real(window.area());
        }
}

template <class Real>
void pool_bprop_reference(const PoolShape& s, const Real* x, const Real* y, const Real* dy, Real* dx) {
  std::fill_n(dx, pool_x_count(s), Real(0));
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < pool_P(s); ++p)
      for (int q = 0; q < pool_Q(s); ++q)
        for (int c = 0; c < s.C; ++c) {
          const Window window = window_of(s, p, q);
          const int64_t out = y_at(s, n, p, q, c);
          for (int h = window.first_h; h < window.end_h; ++h)
            for (int w = window.first_w; w < window.end_w; ++w) {
              Real& gradient = dx[x_at(s, n, h, w, c)];
              if (s.mode == ALEXNET_POOL_AVERAGE) {
                gradient += dy[out] / Real(window.area());
              } else if (receives(s, x, window, n, h, w, c, y[out])) {
                gradient += dy[out];
              }
            }
        }
}

template void pool_fprop_reference<float>(const PoolShape&, const float*, float*);
template void pool_fprop_reference<double>(const PoolShape&, const double*, double*);
template void pool_bprop_reference<float>(const PoolShape&, const float*, const float*, const float*, float*);
template void pool_bprop_reference<double>(const PoolShape&, const double*, const double*, const double*, double*);

}  // namespace alexnet
