// Reference of fc: the formulas of fc.h as plain loops.
#include "fc/fc.h"

#include <vector>

#include "sgd/sgd.h"

namespace alexnet {

template <class Real>
void fc_fprop_reference(const FcShape& s, const Real* x, const Real* w, const Real* bias, Real* y, bool accumulate,
                        bool relu) {
  for (int64_t n = 0; n < s.N; ++n)
    for (int64_t k = 0; k < s.K; ++k) {
      double sum = 0;
      for (int64_t c = 0; c < s.C; ++c) sum += double(x[n * s.C + c]) * double(w[k * s.C + c]);
      Real& out = y[n * s.K + k];
      if (accumulate) sum += double(out);
      if (bias != nullptr) sum += double(bias[k]);
      out = Real(relu && sum < 0 ? 0 : sum);
    }
}

template <class Real>
void fc_dgrad_reference(const FcShape& s, const Real* dy, const Real* w, const Real* mask, Real* dx) {
  std::vector<double> row(size_t(s.C));
  for (int64_t n = 0; n < s.N; ++n) {
    row.assign(row.size(), 0.0);
    for (int64_t k = 0; k < s.K; ++k)
      for (int64_t c = 0; c < s.C; ++c) row[size_t(c)] += double(dy[n * s.K + k]) * double(w[k * s.C + c]);
    for (int64_t c = 0; c < s.C; ++c) {
      const int64_t i = n * s.C + c;
      dx[i] = mask == nullptr || mask[i] > 0 ? Real(row[size_t(c)]) : Real(0);
    }
  }
}

template <class Real>
void fc_wgrad_reference(const FcShape& s, const Real* x, const Real* dy, Real* dw, Real* db) {
  std::vector<double> row(size_t(s.C));
  for (int64_t k = 0; k < s.K; ++k) {
    row.assign(row.size(), 0.0);
    for (int64_t n = 0; n < s.N; ++n)
      for (int64_t c = 0; c < s.C; ++c) row[size_t(c)] += double(dy[n * s.K + k]) * double(x[n * s.C + c]);
    for (int64_t c = 0; c < s.C; ++c) dw[k * s.C + c] = Real(row[size_t(c)]);
  }
  for (int64_t k = 0; db != nullptr && k < s.K; ++k) {
    double sum = 0;
    for (int64_t n = 0; n < s.N; ++n) sum += double(dy[n * s.K + k]);
    db[k] = Real(sum);
  }
}

template <class Real>
void fc_wgrad_update_reference(const FcShape& s, const SgdShape& sgd, const StepSettings& settings, const Real* x,
                               const Real* dy, Real* w, Real* v, Real* db) {
  std::vector<Real> dw(size_t(s.K) * size_t(s.C));
  fc_wgrad_reference<Real>(s, x, dy, dw.data(), db);
  sgd_update_reference<Real>(sgd, settings, w, v, dw.data());
}

#define ALEXNET_FC_REFERENCES(Real)                                                                                 \
  template void fc_fprop_reference<Real>(const FcShape&, const Real*, const Real*, const Real*, Real*, bool, bool); \
  template void fc_dgrad_reference<Real>(const FcShape&, const Real*, const Real*, const Real*, Real*);             \
  template void fc_wgrad_reference<Real>(const FcShape&, const Real*, const Real*, Real*, Real*);                   \
  template void fc_wgrad_update_reference<Real>(const FcShape&, const SgdShape&, const StepSettings&, const Real*,  \
                                                const Real*, Real*, Real*, Real*);
ALEXNET_FC_REFERENCES(float)
ALEXNET_FC_REFERENCES(double)

}  // namespace alexnet
