// Reference of local: the formulas of local.h as plain loops.
#include "local/local.h"

#include <vector>

namespace alexnet {
namespace {

int64_t x_at(const ConvShape& s, int64_t n, int h, int w) { return ((n * s.H + h) * s.W + w) * s.C; }

// Calls visit(position, taps, pixel) for every window position of every output position that lies inside the image:
// where taps w[position,k,r,s,0] of filter k = 0 begin, and where x[0,h,w,0] is.
template <class Visit>
void visit_windows(const ConvShape& s, Visit visit) {
  const int64_t filter = int64_t(s.R) * s.S * s.C;
  for (int p = 0; p < conv_P(s); ++p)
    for (int q = 0; q < conv_Q(s); ++q)
      for (int r = 0; r < s.R; ++r)
        for (int ss = 0; ss < s.S; ++ss) {
          const int h = p * s.stride + r - s.pad, w = q * s.stride + ss - s.pad;
          if (h < 0 || h >= s.H || w < 0 || w >= s.W) continue;
          const int64_t position = int64_t(p) * conv_Q(s) + q;
          visit(position, position * s.K * filter + (int64_t(r) * s.S + ss) * s.C, x_at(s, 0, h, w));
        }
}

}  // namespace

template <class Real>
void local_fprop_reference(const ConvShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                           bool relu) {
  const int64_t filter = int64_t(s.R) * s.S * s.C, outputs = local_bias_count(s);
  for (int64_t n = 0; n < s.N; ++n) {
    std::vector<double> sums(size_t(outputs), 0.0);  // [P,Q,K]
    visit_windows(s, [&](int64_t position, int64_t taps, int64_t pixel) {
      for (int64_t k = 0; k < s.K; ++k)
        for (int64_t c = 0; c < s.C; ++c) {
          sums[size_t(position * s.K + k)] +=
              double(x[x_at(s, n, 0, 0) + pixel + c]) * double(w[taps + k * filter + c]);
        }
    });
    for (int64_t i = 0; i < outputs; ++i) {
      Real& out = y[n * outputs + i];
      double sum = sums[size_t(i)];
      if (accumulate) sum += double(out);
      if (bias != nullptr) sum += double(bias[i]);
      out = Real(relu && sum < 0 ? 0 : sum);
    }
  }
}

template <class Real>
void local_dgrad_reference(const ConvShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx) {
  const int64_t filter = int64_t(s.R) * s.S * s.C, image = int64_t(s.H) * s.W * s.C;
  for (int64_t n = 0; n < s.N; ++n) {
    std::vector<double> sums(size_t(image), 0.0);  // scattered by windows
    visit_windows(s, [&](int64_t position, int64_t taps, int64_t pixel) {
      for (int64_t k = 0; k < s.K; ++k)
        for (int64_t c = 0; c < s.C; ++c) {
          const double gradient = double(dy[n * local_bias_count(s) + position * s.K + k]);
          sums[size_t(pixel + c)] += gradient * double(w[taps + k * filter + c]);
        }
    });
    for (int64_t i = 0; i < image; ++i) {
      dx[n * image + i] = mask == nullptr || mask[n * image + i] > 0 ? Real(sums[size_t(i)]) : Real(0);
    }
  }
}

template <class Real>
void local_wgrad_reference(const ConvShape& s, const Real* x, const Real* dy, Real* dw, Real* db) {
  const int64_t filter = int64_t(s.R) * s.S * s.C, outputs = local_bias_count(s);
  for (int64_t i = 0; i < local_w_count(s); ++i) dw[i] = Real(0);  // taps outside the image
  visit_windows(s, [&](int64_t position, int64_t taps, int64_t pixel) {
    for (int64_t k = 0; k < s.K; ++k)
      for (int64_t c = 0; c < s.C; ++c) {
        double sum = 0;
        for (int64_t n = 0; n < s.N; ++n) {
          sum += double(x[x_at(s, n, 0, 0) + pixel + c]) * double(dy[n * outputs + position * s.K + k]);
        }
        dw[taps + k * filter + c] = Real(sum);
      }
  });
  for (int64_t i = 0; db != nullptr && i < outputs; ++i) {
    double sum = 0;
    for (int64_t n = 0; n < s.N; ++n) sum += double(dy[n * outputs + i]);
    db[i] = Real(sum);
  }
}

#define ALEXNET_LOCAL_REFERENCES(Real)                                                                            \
  template void local_fprop_reference<Real>(const ConvShape&, const Real*, const Real*, const Real*, Real*, bool, \
                                            bool);                                                                \
  template void local_dgrad_reference<Real>(const ConvShape&, const Real*, const Real*, const Real*, Real*);      \
  template void local_wgrad_reference<Real>(const ConvShape&, const Real*, const Real*, Real*, Real*);
ALEXNET_LOCAL_REFERENCES(float)
ALEXNET_LOCAL_REFERENCES(double)

}  // namespace alexnet
