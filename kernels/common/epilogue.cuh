// The Epilogue of a .cu variant, one element at a time.
#ifndef ALEXNET_EPILOGUE_CUH
#define ALEXNET_EPILOGUE_CUH

#include "common/epilogue.h"
#include "common/launch.cuh"
#include "common/philox.cuh"

namespace alexnet {

// What is stored at y + i, the flat element of filter k, for this product, dropout apart. Reads y[i] to accumulate.
__device__ inline float apply_activation(const Epilogue& e, float product, int64_t k, int64_t i, const float* y) {
  float value = product;
  if (e.accumulate) value += y[i];
  if (e.bias != nullptr) value += e.bias[k];
  return e.relu && value < 0.f ? 0.f : value;
}

// The same for four neighbours at once, all aligned to 16 bytes.
__device__ inline float4 apply_activation(const Epilogue& e, float4 product, int64_t k, int64_t i, const float* y) {
  float4 v = product;
  if (e.accumulate) {
    const float4 before = *reinterpret_cast<const float4*>(y + i);
    v.x += before.x, v.y += before.y, v.z += before.z, v.w += before.w;
  }
  if (e.bias != nullptr) {
    const float4 bias = *reinterpret_cast<const float4*>(e.bias + k);
    v.x += bias.x, v.y += bias.y, v.z += bias.z, v.w += bias.w;
  }
  if (!e.relu) return v;
  return make_float4(v.x < 0.f ? 0.f : v.x, v.y < 0.f ? 0.f : v.y, v.z < 0.f ? 0.f : v.z, v.w < 0.f ? 0.f : v.w);
}

// The value with dropout.
__device__ inline float apply_epilogue(const Epilogue& e, float product, int64_t k, int64_t i, const float* y) {
  const float value = apply_activation(e, product, k, i, y);
  if (e.dropout == EpilogueDropout::kNone) return value;
  const DropoutShape& d = e.dropout_shape;
  if (e.dropout == EpilogueDropout::kTesting) return d.keep * value;
  return philox_uniform(philox_word(d.seed, d.purpose, e.settings->step, uint64_t(d.first + i))) < d.keep ? value : 0.f;
}

// The gradient of a value that a ReLU made: sum where the value `mask[i]` is positive, else 0 (also where it is NaN).
__device__ inline float apply_mask(const float* mask, int64_t i, float sum) {
  return mask == nullptr || mask[i] > 0.f ? sum : 0.f;
}

// The same for four neighbours at once, aligned to 16 bytes.
__device__ inline float4 apply_mask(const float* mask, int64_t i, float4 sum) {
  if (mask == nullptr) return sum;
  const float4 m = *reinterpret_cast<const float4*>(mask + i);
  return make_float4(m.x > 0.f ? sum.x : 0.f, m.y > 0.f ? sum.y : 0.f, m.z > 0.f ? sum.z : 0.f,
                     m.w > 0.f ? sum.w : 0.f);
}

}  // namespace alexnet

#endif  // ALEXNET_EPILOGUE_CUH
