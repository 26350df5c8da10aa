// Reference of softmax: the formulas of softmax.h as plain loops.
#include "softmax/softmax.h"

#include <cmath>
#include <limits>

namespace alexnet {
namespace {

bool is_class(const SoftmaxShape& s, int32_t label) { return label >= 0 && label < s.C; }

// share(t) of softmax.h.
double share(int64_t better, int64_t equal, int64_t t) {
  if (better >= t) return 0;
  return t - better >= equal ? 1 : double(t - better) / double(equal);
}

}  // namespace

template <class Real>
void softmax_fprop_reference(const SoftmaxShape& s, const Real* logits, Real* probabilities) {
  for (int64_t n = 0; n < s.N; ++n) {
    const Real* x = logits + n * s.C;
    double maximum = double(x[0]);
    for (int c = 1; c < s.C; ++c)
      if (double(x[c]) > maximum) maximum = double(x[c]);
    double sum = 0;
    for (int c = 0; c < s.C; ++c) sum += std::exp(double(x[c]) - maximum);
    for (int c = 0; c < s.C; ++c) probabilities[n * s.C + c] = Real(std::exp(double(x[c]) - maximum) / sum);
  }
}

template <class Real>
void softmax_metrics_reference(const SoftmaxShape& s, const Real* probabilities, const int32_t* labels, Real* metrics) {
  for (int64_t n = 0; n < s.N; ++n) {
    const Real* p = probabilities + n * s.C;
    Real* out = metrics + n * 3;
    if (!is_class(s, labels[n]) || std::isnan(p[labels[n]])) {
      out[0] = out[1] = out[2] = std::numeric_limits<Real>::quiet_NaN();
      continue;
    }
    const Real own = p[labels[n]];
    int64_t better = 0, equal = 0;
    for (int c = 0; c < s.C; ++c) {
      better += p[c] > own;
      equal += p[c] == own;
    }
    out[0] = Real(-std::log(double(own)));
    out[1] = Real(share(better, equal, 1));
    out[2] = Real(share(better, equal, 5));
  }
}

template <class Real>
void softmax_bprop_reference(const SoftmaxShape& s, const Real* probabilities, const int32_t* labels, Real scale,
                             Real* dlogits) {
  for (int64_t n = 0; n < s.N; ++n)
    for (int c = 0; c < s.C; ++c) {
      const Real target = c == labels[n] ? Real(1) : Real(0);
      dlogits[n * s.C + c] = is_class(s, labels[n]) ? scale * (probabilities[n * s.C + c] - target)
                                                    : std::numeric_limits<Real>::quiet_NaN();
    }
}

#define ALEXNET_SOFTMAX_REFERENCES(Real)                                                                  \
  template void softmax_fprop_reference<Real>(const SoftmaxShape&, const Real*, Real*);                   \
  template void softmax_metrics_reference<Real>(const SoftmaxShape&, const Real*, const int32_t*, Real*); \
  template void softmax_bprop_reference<Real>(const SoftmaxShape&, const Real*, const int32_t*, Real, Real*);
ALEXNET_SOFTMAX_REFERENCES(float)
ALEXNET_SOFTMAX_REFERENCES(double)

}  // namespace alexnet
