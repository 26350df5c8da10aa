// Reference of lrn_pool: the references of relu, lrn and pool, one after the other.
#include "lrn_pool/lrn_pool.h"

#include <algorithm>
#include <vector>

#include "relu/relu.h"

namespace alexnet {
namespace {

template <class Real>
std::vector<Real> rectified(const LrnPoolShape& s, const Real* x) {
  std::vector<Real> a(x, x + pool_x_count(pool_of(s)));
  if (s.relu != 0) relu_fprop_reference<Real>({int64_t(a.size())}, x, a.data());
  return a;
}

template <class Real>
std::vector<Real> normalised(const LrnPoolShape& s, const std::vector<Real>& a) {
  std::vector<Real> z = a;
  if (s.lrn_size != 0) lrn_fprop_reference<Real>(lrn_of(s), a.data(), z.data());
  return z;
}

}  // namespace

template <class Real>
void lrn_pool_fprop_reference(const LrnPoolShape& s, const Real* x, Real* y) {
  pool_fprop_reference<Real>(pool_of(s), normalised(s, rectified(s, x)).data(), y);
}

template <class Real>
void lrn_pool_bprop_reference(const LrnPoolShape& s, const Real* x, const Real* dy, Real* dx) {
  const PoolShape pool = pool_of(s);
  const std::vector<Real> a = rectified(s, x), z = normalised(s, a);
  std::vector<Real> y(size_t(pool_y_count(pool))), dz(z.size());
  pool_fprop_reference<Real>(pool, z.data(), y.data());
  pool_bprop_reference<Real>(pool, z.data(), y.data(), dy, dz.data());
  std::vector<Real> da = dz;
  if (s.lrn_size != 0) lrn_bprop_reference<Real>(lrn_of(s), a.data(), dz.data(), da.data());
  std::copy(da.begin(), da.end(), dx);
  if (s.relu != 0) relu_bprop_reference<Real>({int64_t(a.size())}, a.data(), da.data(), dx);
}

template void lrn_pool_fprop_reference<float>(const LrnPoolShape&, const float*, float*);
template void lrn_pool_fprop_reference<double>(const LrnPoolShape&, const double*, double*);
template void lrn_pool_bprop_reference<float>(const LrnPoolShape&, const float*, const float*, float*);
template void lrn_pool_bprop_reference<double>(const LrnPoolShape&, const double*, const double*, double*);

}  // namespace alexnet
