// Reference of sigmoid: the formulas of sigmoid.h as plain loops.
#include "sigmoid/sigmoid.h"

#include <cmath>

namespace alexnet {

template <class Real>
void sigmoid_fprop_reference(const SigmoidShape& s, const Real* x, Real* y) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = Real(1 / (1 + std::exp(-double(x[i]))));
}

template <class Real>
void sigmoid_bprop_reference(const SigmoidShape& s, const Real* y, const Real* dy, Real* dx) {
  for (int64_t i = 0; i < s.count; ++i) dx[i] = Real(double(dy[i]) * double(y[i]) * (1 - double(y[i])));
}

template void sigmoid_fprop_reference<float>(const SigmoidShape&, const float*, float*);
template void sigmoid_fprop_reference<double>(const SigmoidShape&, const double*, double*);
template void sigmoid_bprop_reference<float>(const SigmoidShape&, const float*, const float*, float*);
template void sigmoid_bprop_reference<double>(const SigmoidShape&, const double*, const double*, double*);

}  // namespace alexnet
