// lrn_power: d^-beta and d^(-beta-1) of local response normalisation.
//
// For the paper's beta, 0.75, two approximate roots replace a power: u = d^-1/2, d^-3/4 = u * u^1/2,
// d^-7/4 = d^-3/4 * u^2. On a GPU u is off by at most 2^-22.9 and a root by 2^-23, relatively, so d^-3/4 is off by
// 1.5 * 2^-22.9 + 2^-23 + 2^-24 < 2^-21.3 and d^-7/4 by below 2^-20.2: inside lrn.h's 2^-20. d must be a normal float,
// which k >= kRootsFromK makes sure of; d = infinity gives 0, NaN stays NaN.
#ifndef ALEXNET_LRN_POWER_CUH
#define ALEXNET_LRN_POWER_CUH

#include "common/launch.cuh"
#include "common/shapes.h"

namespace alexnet {

constexpr float kRootsFromK = 1e-20f;

struct LrnPowers {
  float power;         // d^-beta
  float power_over_d;  // d^(-beta-1)
};

__device__ __forceinline__ float reciprocal_root(float d) {
#if defined(__CUDACC__)
  float u;
  asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(u) : "f"(d));
  return u;
#else
  return rsqrtf(d);
#endif
}

__device__ __forceinline__ float root(float u) {
#if defined(__CUDACC__)
  float v;
  asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(v) : "f"(u));
  return v;
#else
  return sqrtf(u);
#endif
}

// From u = d^-1/2.
__device__ __forceinline__ LrnPowers powers_three_quarters(float u) {
  const float power = u * root(u);
  return {power, power * (u * u)};
}

// For every beta.
__device__ inline LrnPowers lrn_powers(float k, float beta, float d) {
  if (beta == 0.75f && k >= kRootsFromK) return powers_three_quarters(reciprocal_root(d));
  return {powf(d, -beta), powf(d, -beta - 1.f)};
}

}  // namespace alexnet

#endif  // ALEXNET_LRN_POWER_CUH
