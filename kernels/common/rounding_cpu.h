// rounding on cpu: factors rounded into memory of their own; bound by memory.
#ifndef ALEXNET_ROUNDING_CPU_H
#define ALEXNET_ROUNDING_CPU_H

#include "common/rounding.h"
#include "common/variant.h"

namespace alexnet {
namespace {

Status round_factor(int64_t count, Precision precision, const float* from, float* to, Stream stream) {
  constexpr int64_t kChunk = 4096;
  parallel_for(stream.cores, (count + kChunk - 1) / kChunk, 8, [&](int64_t first, int64_t last) {
    const int64_t end = last * kChunk < count ? last * kChunk : count;
    for (int64_t i = first * kChunk; i < end; ++i) to[i] = rounded(precision, from[i]);
  });
  return {};
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_ROUNDING_CPU_H
