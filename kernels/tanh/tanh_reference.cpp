// Reference of tanh: the formulas of tanh.h as plain loops.
#include "tanh/tanh.h"

#include <cmath>

namespace alexnet {

template <class Real>
void tanh_fprop_reference(const TanhShape& s, const Real* x, Real* y) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = Real(std::tanh(double(x[i])));
}

template <class Real>
void tanh_bprop_reference(const TanhShape& s, const Real* y, const Real* dy, Real* dx) {
  for (int64_t i = 0; i < s.count; ++i) dx[i] = Real(double(dy[i]) * (1 - double(y[i]) * double(y[i])));
}

template void tanh_fprop_reference<float>(const TanhShape&, const float*, float*);
template void tanh_fprop_reference<double>(const TanhShape&, const double*, double*);
template void tanh_bprop_reference<float>(const TanhShape&, const float*, const float*, float*);
template void tanh_bprop_reference<double>(const TanhShape&, const double*, const double*, double*);

}  // namespace alexnet
