// work: how much a launch on the CPU does, and how many of its device's threads that is worth waking for.
//
// A sleeping thread takes 23 us to come (docs/measurements/cpu.md), so a piece that lasts less than that has cost more
// than it brought. No time is taken: what is estimated from the shape alone is the same in every run and on every
// machine.
#ifndef ALEXNET_RUNTIME_WORK_H
#define ALEXNET_RUNTIME_WORK_H

#include <algorithm>
#include <cstdint>

#include "common/cores.h"
#include "common/shapes.h"

namespace alexnet {

struct Work {
  double bytes = 0;  // of all operands
  double flop = 0;   // of products
};

// Of each pass of a product; 0 for what is none.
inline double product_flop(const alexnet_conv_shape& s) {
  return 2.0 * double(conv_y_count(s)) * s.R * s.S * (s.C / s.G);
}
inline double product_flop(const alexnet_fc_shape& s) { return 2.0 * s.N * s.C * s.K; }
template <class Shape>
double product_flop(const Shape&) {
  return 0;
}

// So many of the cores that each has work for the time that waking one takes, or one.
inline Cores worth_waking(Cores cores, const Work& work) {
  // Of one core, roughly: what plain kernels move and what tiles multiply. Not measured by kernel.
  constexpr double kBytesPerUs = 5e3, kFlopPerUs = 50e3, kUsOfOne = 25;
  const double worth = (work.bytes / kBytesPerUs + work.flop / kFlopPerUs) / kUsOfOne;
  if (worth < double(cores.count)) cores.count = std::max(int32_t(worth), 1);
  return cores;
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_WORK_H
