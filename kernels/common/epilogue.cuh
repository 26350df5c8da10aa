// The Epilogue of a .cu variant, one element at a time.
#ifndef ALEXNET_EPILOGUE_CUH
#define ALEXNET_EPILOGUE_CUH

#include "common/epilogue.h"
#include "common/launch.cuh"
#include "common/map.cuh"
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

// Stores a value, where an Epilogue wants it. In float32 y is also what `accumulate` reads, in bf16 that is e.sums;
// then either may be null.
__device__ inline void store_value(const Epilogue&, float value, int64_t i, float* y) { y[i] = value; }
__device__ inline void store_value(const Epilogue& e, float value, int64_t i, Bf16* y) {
  if (e.sums != nullptr) e.sums[i] = value;
  if (y != nullptr) y[i] = Bf16(value);
}
__device__ inline void store_value(const Epilogue&, float4 value, int64_t i, float* y) { store_four(y + i, value); }
__device__ inline void store_value(const Epilogue& e, float4 value, int64_t i, Bf16* y) {
  if (e.sums != nullptr) store_four(e.sums + i, value);
  if (y != nullptr) store_four(y + i, value);
}
__device__ inline const float* accumulated(const Epilogue&, const float* y) { return y; }
__device__ inline const float* accumulated(const Epilogue& e, const Bf16*) { return e.sums; }

// What becomes of a product, or of four neighbours' at once, dropout apart; in one place for all precisions.
template <class Product, class T>
__device__ inline void store_activation(const Epilogue& e, Product product, int64_t k, int64_t i, T* y) {
  store_value(e, apply_activation(e, product, k, i, accumulated(e, y)), i, y);
}

// The gradient of a value that a ReLU made: sum where the value `mask[i]` is positive, else 0 (also where it is NaN).
template <class T>
__device__ inline float apply_mask(const T* mask, int64_t i, float sum) {
  return mask == nullptr || float(mask[i]) > 0.f ? sum : 0.f;
}

// The same for four neighbours at once, aligned to four of them.
template <class T>
__device__ inline float4 apply_mask(const T* mask, int64_t i, float4 sum) {
  if (mask == nullptr) return sum;
  const float4 m = load_four(mask + i);
  return make_float4(m.x > 0.f ? sum.x : 0.f, m.y > 0.f ? sum.y : 0.f, m.z > 0.f ? sum.z : 0.f,
                     m.w > 0.f ? sum.w : 0.f);
}

}  // namespace alexnet

#endif  // ALEXNET_EPILOGUE_CUH
