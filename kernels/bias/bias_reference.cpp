// Reference of bias: the formula of bias.h as plain loops.
#include "bias/bias.h"

namespace alexnet {

template <class Real>
void bias_grad_reference(const BiasShape& s, const Real* dy, Real* db) {
  for (int64_t k = 0; k < s.K; ++k) {
    double sum = 0;
    for (int64_t row = 0; row < s.rows; ++row) sum += double(dy[row * s.K + k]);
    db[k] = Real(sum);
  }
}

template void bias_grad_reference<float>(const BiasShape&, const float*, float*);
template void bias_grad_reference<double>(const BiasShape&, const double*, double*);

}  // namespace alexnet
