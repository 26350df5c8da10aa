// Reference of conv: the formulas of conv.h as plain loops.
#include "conv/conv.h"

#include <vector>

namespace alexnet {
namespace {

// The input row (or column) that output `p` reads with filter row `r`, or -1 outside the image.
int input_index(int p, int r, int stride, int pad, int extent) {
  const int h = p * stride + r - pad;
  return h >= 0 && h < extent ? h : -1;
}

int64_t x_at(const ConvShape& s, int n, int h, int w, int c) { return ((int64_t(n) * s.H + h) * s.W + w) * s.C + c; }

int64_t w_at(const ConvShape& s, int k, int r, int ss, int c) {
  return ((int64_t(k) * s.R + r) * s.S + ss) * (s.C / s.G) + c;
}

int64_t y_at(const ConvShape& s, int n, int p, int q, int k) {
  return ((int64_t(n) * conv_P(s) + p) * conv_Q(s) + q) * s.K + k;
}

// Calls visit(r, h, s, w) for every filter position of output (p,q) that lies inside the image.
template <class Visit>
void visit_window(const ConvShape& s, int p, int q, Visit visit) {
  for (int r = 0; r < s.R; ++r) {
    const int h = input_index(p, r, s.stride, s.pad, s.H);
    if (h < 0) continue;
    for (int ss = 0; ss < s.S; ++ss) {
      const int w = input_index(q, ss, s.stride, s.pad, s.W);
      if (w >= 0) visit(r, h, ss, w);
    }
  }
}

}  // namespace

template <class Real>
void conv_fprop_reference(const ConvShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                          bool relu) {
  const int per_group_C = s.C / s.G, per_group_K = s.K / s.G;
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < conv_P(s); ++p)
      for (int q = 0; q < conv_Q(s); ++q)
        for (int k = 0; k < s.K; ++k) {
          const int first_c = k / per_group_K * per_group_C;
          double sum = 0;
          visit_window(s, p, q, [&](int r, int h, int ss, int ww) {
            const Real* pixel = x + x_at(s, n, h, ww, first_c);
            const Real* filter = w + w_at(s, k, r, ss, 0);
            for (int c = 0; c < per_group_C; ++c) sum += double(pixel[c]) * double(filter[c]);
          });
          Real& out = y[y_at(s, n, p, q, k)];
          if (accumulate) sum += double(out);
          if (bias != nullptr) sum += double(bias[k]);
          out = Real(relu && sum < 0 ? 0 : sum);
        }
}

template <class Real>
void conv_dgrad_reference(const ConvShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx) {
  const int per_group_C = s.C / s.G, per_group_K = s.K / s.G;
  for (int n = 0; n < s.N; ++n) {
    std::vector<double> image(size_t(s.H) * s.W * s.C, 0.0);  // sums of one image, scattered by windows
    for (int p = 0; p < conv_P(s); ++p)
      for (int q = 0; q < conv_Q(s); ++q)
        for (int k = 0; k < s.K; ++k) {
          const int first_c = k / per_group_K * per_group_C;
          const double gradient = double(dy[y_at(s, n, p, q, k)]);
          visit_window(s, p, q, [&](int r, int h, int ss, int ww) {
            double* pixel = image.data() + x_at(s, 0, h, ww, first_c);
            const Real* filter = w + w_at(s, k, r, ss, 0);
            for (int c = 0; c < per_group_C; ++c) pixel[c] += gradient * double(filter[c]);
          });
        }
    for (size_t i = 0; i < image.size(); ++i) {
      const size_t at = size_t(n) * image.size() + i;
      dx[at] = mask == nullptr || mask[at] > 0 ? Real(image[i]) : Real(0);
    }
  }
}

template <class Real>
void conv_wgrad_reference(const ConvShape& s, const Real* x, const Real* dy, Real* dw, Real* db) {
  const int per_group_C = s.C / s.G, per_group_K = s.K / s.G;
  std::vector<double> filters(size_t(conv_w_count(s)), 0.0);
  for (int n = 0; n < s.N; ++n)
    for (int p = 0; p < conv_P(s); ++p)
      for (int q = 0; q < conv_Q(s); ++q)
        for (int k = 0; k < s.K; ++k) {
          const int first_c = k / per_group_K * per_group_C;
          const double gradient = double(dy[y_at(s, n, p, q, k)]);
          visit_window(s, p, q, [&](int r, int h, int ss, int ww) {
            const Real* pixel = x + x_at(s, n, h, ww, first_c);
            double* filter = filters.data() + w_at(s, k, r, ss, 0);
            for (int c = 0; c < per_group_C; ++c) filter[c] += gradient * double(pixel[c]);
          });
        }
  for (size_t i = 0; i < filters.size(); ++i) dw[i] = Real(filters[i]);
  for (int k = 0; db != nullptr && k < s.K; ++k) {
    double sum = 0;
    for (int64_t i = k; i < conv_y_count(s); i += s.K) sum += double(dy[i]);
    db[k] = Real(sum);
  }
}

#define ALEXNET_CONV_REFERENCES(Real)                                                                            \
  template void conv_fprop_reference<Real>(const ConvShape&, const Real*, const Real*, const Real*, Real*, bool, \
                                           bool);                                                                \
  template void conv_dgrad_reference<Real>(const ConvShape&, const Real*, const Real*, const Real*, Real*);      \
  template void conv_wgrad_reference<Real>(const ConvShape&, const Real*, const Real*, Real*, Real*);
ALEXNET_CONV_REFERENCES(float)
ALEXNET_CONV_REFERENCES(double)

}  // namespace alexnet
