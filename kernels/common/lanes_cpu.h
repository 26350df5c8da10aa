// lanes: the vector of a CPU, eight floats (AVX2) or sixteen (AVX-512), with one code path for whole vectors and for
// the tail of an array. Only *_cpu.cpp files include this header: it needs -mavx2 -mfma or -mavx512f. What is compiled
// for sixteen lanes has other types, so that the linker never takes one for the other.
#ifndef ALEXNET_LANES_CPU_H
#define ALEXNET_LANES_CPU_H

#include <immintrin.h>
#include <stdint.h>

#include "bf16.h"

#define ALEXNET_INLINE inline __attribute__((always_inline))
#define ALEXNET_INLINED __attribute__((always_inline))  // of a lambda

#ifdef __AVX512F__
#include "lanes_16_cpu.h"
#else
#include "lanes_8_cpu.h"
#endif

namespace alexnet {
inline namespace ALEXNET_LANES {

// All lanes of the vector at p.
struct WholeLanes {
  ALEXNET_INLINE Vector load(const float* p) const { return vector_load(p); }
  ALEXNET_INLINE void store(float* p, Vector v) const { vector_store(p, v); }
  ALEXNET_INLINE Vector load(const Bf16* p) const { return vector_load(p); }
  ALEXNET_INLINE void store(Bf16* p, Vector v) const { vector_store(p, v); }
};

// Calls body(lanes, i) for i = first, first + kLanes, ...; the last call may have fewer lanes.
template <class Body>
ALEXNET_INLINE void for_lanes(int64_t first, int64_t last, const Body& body) {
  int64_t i = first;
  for (; i + kLanes <= last; i += kLanes) body(WholeLanes{}, i);
  if (i < last) body(SomeLanes(0, last - i), i);
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_LANES_CPU_H
