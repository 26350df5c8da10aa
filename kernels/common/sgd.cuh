// The update of sgd.h for one parameter, in its rounding, for every .cu variant that updates.
#ifndef ALEXNET_SGD_CUH
#define ALEXNET_SGD_CUH

#include "common/launch.cuh"
#include "common/shapes.h"

namespace alexnet {

// decay_rate is decay * rate, rounded once on the host.
__device__ inline void sgd_apply(const SgdShape& s, float decay_rate, float* w, float* v, float g) {
  const float weight = *w;
  const float step = fmaf(s.rate, g, decay_rate * weight);
  const float velocity = fmaf(s.momentum, *v, -step);
  *v = velocity;
  *w = weight + velocity;
}

}  // namespace alexnet

#endif  // ALEXNET_SGD_CUH
