// Reference of add: the formula of add.h as a plain loop.
#include "add/add.h"

namespace alexnet {

template <class Real>
void add_fprop_reference(const AddShape& s, const Real* a, const Real* b, const Real* mask, Real* y) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = mask == nullptr || mask[i] > 0 ? a[i] + b[i] : Real(0);
}

template void add_fprop_reference<float>(const AddShape&, const float*, const float*, const float*, float*);
template void add_fprop_reference<double>(const AddShape&, const double*, const double*, const double*, double*);

}  // namespace alexnet
