// Reference of sgd: the formula of sgd.h, rounded as sgd.h says.
#include "sgd/sgd.h"

#include <cmath>

namespace alexnet {

template <class Real>
void sgd_update_reference(const SgdShape& s, const StepSettings& settings, Real* w, Real* v, const Real* g) {
  const bool bias = s.which_rate == ALEXNET_RATE_BIAS;
  const Real rate = Real(s.rate_factor) * Real(bias ? settings.bias_rate : settings.weight_rate);
  const Real decay_rate = Real(s.decay) * rate;
  for (int64_t i = 0; i < s.count; ++i) {
    const Real step = std::fma(rate, g[i], decay_rate * w[i]);
    v[i] = std::fma(Real(settings.momentum), v[i], -step);
    w[i] = w[i] + v[i];
  }
}

template void sgd_update_reference<float>(const SgdShape&, const StepSettings&, float*, float*, const float*);
template void sgd_update_reference<double>(const SgdShape&, const StepSettings&, double*, double*, const double*);

}  // namespace alexnet
