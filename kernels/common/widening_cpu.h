// widening on cpu: bf16 values as float32 in memory of their own, and back; bound by memory.
#ifndef ALEXNET_WIDENING_CPU_H
#define ALEXNET_WIDENING_CPU_H

#include "common/lanes_cpu.h"
#include "common/variant.h"

namespace alexnet {
namespace {

template <class To, class From>
Status convert(int64_t count, const From* from, To* to, Stream stream) {
  constexpr int64_t kGrain = 1 << 14;
  parallel_for(stream.cores, count, kGrain, [&](int64_t first, int64_t last) {
    for_lanes(first, last, [&](auto lanes, int64_t i) { lanes.store(to + i, lanes.load(from + i)); });
  });
  return {};
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_WIDENING_CPU_H
