// The Epilogue of a .cu variant, one element at a time.
#ifndef ALEXNET_EPILOGUE_CUH
#define ALEXNET_EPILOGUE_CUH

#include "common/epilogue.h"
#include "common/launch.cuh"
#include "common/philox.cuh"

namespace alexnet {

// What is stored at y + i, the flat element of filter k, for this product. Reads *y only to accumulate.
__device__ inline float apply_epilogue(const Epilogue& e, float product, int64_t k, int64_t i, const float* y) {
  float value = product;
  if (e.accumulate) value += y[i];
  if (e.bias != nullptr) value += e.bias[k];
  if (e.relu && value < 0.f) value = 0.f;
  if (e.dropout == EpilogueDropout::kNone) return value;
  const DropoutShape& d = e.dropout_shape;
  if (e.dropout == EpilogueDropout::kTesting) return d.keep * value;
  return philox_uniform(philox_word(d.seed, d.purpose, e.settings->step, uint64_t(d.first + i))) < d.keep ? value : 0.f;
}

// The gradient of a value that a ReLU made: sum where the value `mask[i]` is positive, else 0 (also where it is NaN).
__device__ inline float apply_mask(const float* mask, int64_t i, float sum) {
  return mask == nullptr || mask[i] > 0.f ? sum : 0.f;
}

}  // namespace alexnet

#endif  // ALEXNET_EPILOGUE_CUH
