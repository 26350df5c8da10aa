// widening on cpu: bf16 values as float32 in memory of their own, and back; bound by memory, or for a piece of a tensor
// that stays in the cache. Only *_cpu.cpp files include this header.
#ifndef ALEXNET_WIDENING_CPU_H
#define ALEXNET_WIDENING_CPU_H

#include "common/lanes_cpu.h"
#include "common/variant.h"

namespace alexnet {
namespace {

// to[i] = from[i] of `count` values, widened or rounded where one is bf16.
template <class From, class To>
ALEXNET_INLINE void convert(const From* from, int64_t count, To* to) {
  for_lanes(0, count, [&](auto lanes, int64_t i) { lanes.store(to + i, lanes.load(from + i)); });
}

// The same by all cores.
template <class To, class From>
Status convert(int64_t count, const From* from, To* to, Stream stream) {
  constexpr int64_t kGrain = 1 << 14;
  parallel_for(stream.cores, count, kGrain,
               [&](int64_t first, int64_t last) { convert(from + first, last - first, to + first); });
  return {};
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_WIDENING_CPU_H
