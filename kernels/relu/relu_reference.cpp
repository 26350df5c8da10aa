// Reference of relu: the formulas of relu.h as plain loops.
#include "relu/relu.h"

namespace alexnet {

template <class Real>
void relu_fprop_reference(const ReluShape& s, const Real* x, Real* y) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = x[i] < 0 ? Real(0) : x[i];
}

template <class Real>
void relu_bprop_reference(const ReluShape& s, const Real* y, const Real* dy, Real* dx) {
  for (int64_t i = 0; i < s.count; ++i) dx[i] = y[i] > 0 ? dy[i] : Real(0);
}

template void relu_fprop_reference<float>(const ReluShape&, const float*, float*);
template void relu_fprop_reference<double>(const ReluShape&, const double*, double*);
template void relu_bprop_reference<float>(const ReluShape&, const float*, const float*, float*);
template void relu_bprop_reference<double>(const ReluShape&, const double*, const double*, double*);

}  // namespace alexnet
