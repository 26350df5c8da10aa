// parallel: cores for one operation, and scratch memory that lives as long as its thread.
#ifndef ALEXNET_PARALLEL_CPU_H
#define ALEXNET_PARALLEL_CPU_H

#include <stdint.h>

#include "cores.h"

namespace alexnet {

// `floats` of memory of the calling thread, aligned to 64 bytes, contents undefined. It grows to the largest request
// and is used again by the next; two slots, for an operation that shares one with its parts while each part uses its
// own. Throws std::bad_alloc.
float* scratch(int slot, int64_t floats);

}  // namespace alexnet

#endif  // ALEXNET_PARALLEL_CPU_H
