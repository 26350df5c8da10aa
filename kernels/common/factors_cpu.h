// factors: what a product on the CPU multiplies, float32 of what a precision stores: a float32 rounded as rounding.h
// says, a bf16 as it is. Whoever copies factors to where its tiles read them does it on the way.
#ifndef ALEXNET_FACTORS_CPU_H
#define ALEXNET_FACTORS_CPU_H

#include "bf16.h"
#include "lanes_cpu.h"
#include "rounding.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

// rounded(precision, x) of each lane.
template <Precision precision>
ALEXNET_INLINE Vector rounded_lanes(Vector x) {
  if constexpr (precision != Precision::kTf32 && precision != Precision::kTf32x3) return x;
  const Vector high = vector_tf32(x);
  if constexpr (precision == Precision::kTf32) return high;
  return vector_add(high, vector_where_finite(high, vector_tf32(vector_subtract(x, high))));
}

// The factors of some lanes, and a single one.
template <Precision precision, class Lanes>
ALEXNET_INLINE Vector load_factors(const Lanes& lanes, const Stored<precision>* from) {
  return rounded_lanes<precision>(lanes.load(from));
}
template <Precision precision>
ALEXNET_INLINE float factor(Stored<precision> stored) {
  return rounded(precision, float(stored));
}

template <Precision precision>
ALEXNET_INLINE void copy_factors(const Stored<precision>* from, int64_t count, float* to) {
  for_lanes(0, count, [&](auto lanes, int64_t i) { lanes.store(to + i, load_factors<precision>(lanes, from + i)); });
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_FACTORS_CPU_H
