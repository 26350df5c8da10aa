// The update of sgd.h for a vector of parameters, in its rounding, for every CPU variant that updates.
#ifndef ALEXNET_SGD_CPU_H
#define ALEXNET_SGD_CPU_H

#include "common/lanes_cpu.h"
#include "common/shapes.h"

namespace alexnet {

inline namespace ALEXNET_LANES {

struct SgdLanes {
  Vector rate, momentum, decay_rate;

  explicit SgdLanes(const SgdRates& at)
      : rate(vector_of(at.rate)), momentum(vector_of(at.momentum)), decay_rate(vector_of(at.decay_rate)) {}

  template <class Lanes>
  ALEXNET_INLINE void apply(const Lanes& lanes, float* w, float* v, Vector g) const {
    const Vector weight = lanes.load(w);
    const Vector step = vector_fma(rate, g, vector_multiply(decay_rate, weight));
    const Vector velocity = vector_fms(momentum, lanes.load(v), step);
    lanes.store(v, velocity);
    lanes.store(w, vector_add(weight, velocity));
  }
};

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_SGD_CPU_H
