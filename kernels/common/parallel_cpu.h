// parallel: cores for one operation, and scratch memory that lives as long as its thread.
#ifndef ALEXNET_PARALLEL_CPU_H
#define ALEXNET_PARALLEL_CPU_H

#include <stdint.h>

#include "cores.h"

namespace alexnet {

// `floats` of memory of the calling thread, aligned to 64 bytes, contents undefined. It grows to the largest request
// and is used again by the next. Slot 0 is for what an operation shares with its parts, 1 for what a part has of its
// own, 2 for float32 values of tensors that are stored as bf16, 3 for the zeros beside an image. Throws std::bad_alloc.
constexpr int kScratchSlots = 4;
float* scratch(int slot, int64_t floats);

}  // namespace alexnet

#endif  // ALEXNET_PARALLEL_CPU_H
