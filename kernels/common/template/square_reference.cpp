// Reference of square: the formulas of square.h as plain loops.
#include "square/square.h"

namespace alexnet {

template <class Real>
void square_fprop_reference(const SquareShape& s, const Real* x, Real* y) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = x[i] * x[i];
}

template <class Real>
void square_bprop_reference(const SquareShape& s, const Real* x, const Real* dy, Real* dx) {
  for (int64_t i = 0; i < s.count; ++i) dx[i] = 2 * x[i] * dy[i];
}

template void square_fprop_reference<float>(const SquareShape&, const float*, float*);
template void square_fprop_reference<double>(const SquareShape&, const double*, double*);
template void square_bprop_reference<float>(const SquareShape&, const float*, const float*, float*);
template void square_bprop_reference<double>(const SquareShape&, const double*, const double*, double*);

}  // namespace alexnet
