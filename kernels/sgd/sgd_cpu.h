// The update of sgd.h for a vector of parameters, in its rounding, for every CPU variant that updates.
#ifndef ALEXNET_SGD_CPU_H
#define ALEXNET_SGD_CPU_H

#include "common/lanes_cpu.h"
#include "common/shapes.h"

namespace alexnet {

struct SgdLanes {
  __m256 rate, momentum, decay_rate;

  explicit SgdLanes(const SgdRates& at)
      : rate(_mm256_set1_ps(at.rate)),
        momentum(_mm256_set1_ps(at.momentum)),
        decay_rate(_mm256_set1_ps(at.decay_rate)) {}

  template <class Lanes>
  ALEXNET_INLINE void apply(const Lanes& lanes, float* w, float* v, __m256 g) const {
    const __m256 weight = lanes.load(w);
    const __m256 step = _mm256_fmadd_ps(rate, g, _mm256_mul_ps(decay_rate, weight));
    const __m256 velocity = _mm256_fmsub_ps(momentum, lanes.load(v), step);
    lanes.store(v, velocity);
    lanes.store(w, _mm256_add_ps(weight, velocity));
  }
};

}  // namespace alexnet

#endif  // ALEXNET_SGD_CPU_H
