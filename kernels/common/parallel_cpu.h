// parallel: cores for one operation, and scratch memory that lives as long as its thread.
#ifndef ALEXNET_PARALLEL_CPU_H
#define ALEXNET_PARALLEL_CPU_H

#include <stdint.h>

namespace alexnet {

using PartBody = void (*)(const void* body, int64_t first, int64_t last);

// Runs part(body, first, last) on `parts` contiguous pieces of [0, count), the first on the calling thread, the others
// on a pool shared by the process. While another thread uses the pool, the pieces run here, one after the other.
void run_parts(int32_t parts, int64_t count, PartBody part, const void* body);

// Calls body(first, last) on pieces of [0, count), at most `threads` and none shorter than `grain`. A variant divides
// what it writes, never a sum, so that its bits do not depend on the number of threads.
template <class Body>
void parallel_for(int32_t threads, int64_t count, int64_t grain, const Body& body) {
  const int64_t most = count / (grain < 1 ? 1 : grain);
  const int64_t parts = threads < most ? threads : most;
  if (parts <= 1) {
    body(int64_t(0), count);
    return;
  }
  run_parts(
      int32_t(parts), count,
      [](const void* b, int64_t first, int64_t last) { (*static_cast<const Body*>(b))(first, last); }, &body);
}

// `floats` of memory of the calling thread, aligned to 64 bytes, contents undefined. It grows to the largest request
// and is used again by the next; two slots, for an operation that shares one with its parts while each part uses its
// own. Throws std::bad_alloc.
float* scratch(int slot, int64_t floats);

}  // namespace alexnet

#endif  // ALEXNET_PARALLEL_CPU_H
