// Delays: on request, host streams hold still for a random time before whatever they do, so that towers and loader meet
// in orders that a quiet machine never shows. A delay is a function of seed, stream and how much the stream has done.
#ifndef ALEXNET_RUNTIME_DELAYS_H
#define ALEXNET_RUNTIME_DELAYS_H

#include <cstdint>

#include "common/status.h"

namespace alexnet::delays {

// From now on each delay is 0 to longest_us microseconds, half of them 0; longest_us = 0 ends it.
void set(uint64_t seed, int32_t longest_us);

// Before the `done`-th thing that a stream does.
void before(int32_t stream, uint64_t done);

}  // namespace alexnet::delays

#endif  // ALEXNET_RUNTIME_DELAYS_H
