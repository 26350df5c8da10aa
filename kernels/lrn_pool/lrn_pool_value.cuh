// lrn_pool_value: what the direct kernels of both passes pool, one function for both, so that bprop finds the maxima
// where fprop found them. Every product that is added is an explicit fmaf: no compiler decides its rounding.
#ifndef ALEXNET_LRN_POOL_VALUE_CUH
#define ALEXNET_LRN_POOL_VALUE_CUH

#include "common/bf16.h"
#include "lrn/lrn_power.cuh"
#include "lrn_pool/lrn_pool.h"

namespace alexnet {

// a[c] of the pixel whose channels start at `pixel`.
template <class T>
__device__ inline float rectified(const LrnPoolShape& s, const T* pixel, int c) {
  const float x = float(pixel[c]);
  return s.relu != 0 && x < 0.f ? 0.f : x;
}

__device__ inline int first_of_window(const LrnPoolShape& s, int c) {
  return c > s.lrn_size / 2 ? c - s.lrn_size / 2 : 0;
}
__device__ inline int last_of_window(const LrnPoolShape& s, int c) {
  return c < s.C - 1 - s.lrn_size / 2 ? c + s.lrn_size / 2 : s.C - 1;
}

template <class T>
__device__ inline LrnPowers powers_of(const LrnPoolShape& s, const T* pixel, int c) {
  float sum = 0.f;
  for (int j = first_of_window(s, c); j <= last_of_window(s, c); ++j) {
    const float a = rectified(s, pixel, j);
    sum = fmaf(a, a, sum);
  }
  return lrn_powers(s.k, s.beta, fmaf(s.alpha, sum, s.k));
}

// z[c], which is not rounded to what is stored.
template <class T>
__device__ inline float value_of(const LrnPoolShape& s, const T* pixel, int c) {
  const float a = rectified(s, pixel, c);
  return s.lrn_size == 0 ? a : a * powers_of(s, pixel, c).power;
}

}  // namespace alexnet

#endif  // ALEXNET_LRN_POOL_VALUE_CUH
