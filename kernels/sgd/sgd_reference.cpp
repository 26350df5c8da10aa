// Reference of sgd: the formula of sgd.h, rounded as sgd.h says.
#include "sgd/sgd.h"

#include <cmath>

namespace alexnet {

template <class Real>
void sgd_update_reference(const SgdShape& s, Real* w, Real* v, const Real* g) {
  const Real decay_rate = Real(s.decay) * Real(s.rate);
  for (int64_t i = 0; i < s.count; ++i) {
    const Real step = std::fma(Real(s.rate), g[i], decay_rate * w[i]);
    v[i] = std::fma(Real(s.momentum), v[i], -step);
    w[i] = w[i] + v[i];
  }
}

template void sgd_update_reference<float>(const SgdShape&, float*, float*, const float*);
template void sgd_update_reference<double>(const SgdShape&, double*, double*, const double*);

}  // namespace alexnet
