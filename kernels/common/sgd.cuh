// The update of sgd.h for one parameter, in its rounding, for every .cu variant that updates.
#ifndef ALEXNET_SGD_CUH
#define ALEXNET_SGD_CUH

#include "common/launch.cuh"
#include "common/shapes.h"

namespace alexnet {

__device__ inline void sgd_apply(const SgdRates& at, float* w, float* v, float g) {
  const float weight = *w;
  const float step = fmaf(at.rate, g, at.decay_rate * weight);
  const float velocity = fmaf(at.momentum, *v, -step);
  *v = velocity;
  *w = weight + velocity;
}

}  // namespace alexnet

#endif  // ALEXNET_SGD_CUH
