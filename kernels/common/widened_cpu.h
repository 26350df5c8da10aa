// widened: between float32 and bf16 in whole arrays, for code of the CPU that computes a piece of a tensor in float32
// scratch memory which stays in the cache. Only *_cpu.cpp files include this header.
#ifndef ALEXNET_WIDENED_CPU_H
#define ALEXNET_WIDENED_CPU_H

#include "common/lanes_cpu.h"

namespace alexnet {
inline namespace ALEXNET_LANES {

// to[i] = from[i] of `count` values, widened or rounded where one is bf16.
template <class From, class To>
ALEXNET_INLINE void convert(const From* from, int64_t count, To* to) {
  for_lanes(0, count, [&](auto lanes, int64_t i) { lanes.store(to + i, lanes.load(from + i)); });
}

}  // namespace ALEXNET_LANES
}  // namespace alexnet

#endif  // ALEXNET_WIDENED_CPU_H
