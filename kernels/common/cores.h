// cores: what one launch may compute with, and how a loop is divided among it.
#ifndef ALEXNET_CORES_H
#define ALEXNET_CORES_H

#include <stdint.h>

namespace alexnet {

class CorePool;  // the threads of one device: native/runtime/core_pool.h

// So many threads: the calling one, and the others of its device's pool. Without a pool the caller does it all.
struct Cores {
  int32_t count = 1;
  CorePool* pool = nullptr;
};

using PartBody = void (*)(const void* body, int64_t first, int64_t last);

// Runs part(body, first, last) on `parts` contiguous pieces of [0, count), the first on the calling thread, the others
// on the pool. While another caller uses the pool (a second stream of the same device), or from inside of a piece, the
// pieces run here, one after the other: nobody waits. Rethrows what a piece throws, when all have ended.
void run_parts(CorePool* pool, int32_t parts, int64_t count, PartBody part, const void* body);

// Calls body(first, last) on pieces of [0, count), at most as many as there are cores and none shorter than `grain`. A
// variant divides what it writes, never a sum, so that its bits do not depend on the number of threads.
template <class Body>
void parallel_for(const Cores& cores, int64_t count, int64_t grain, const Body& body) {
  const int64_t most = count / (grain < 1 ? 1 : grain);
  const int64_t parts = cores.count < most ? cores.count : most;
  if (parts <= 1) {
    body(int64_t(0), count);
    return;
  }
  run_parts(
      cores.pool, int32_t(parts), count,
      [](const void* b, int64_t first, int64_t last) { (*static_cast<const Body*>(b))(first, last); }, &body);
}

// Whether as many equal things as `count` keep the cores busy seven eighths of the time, each whole on one of them.
inline bool divides_well(int64_t count, int32_t cores) {
  const int64_t most = (count + cores - 1) / cores;  // of one core
  return 7 * most * cores <= 8 * count;
}

// Calls body(panel, first, last) on stretches of [0, pixels) of each of `panels` panels: whole ones where these divide
// well among the cores, else stretches that begin at multiples of `quantum`, so many that they do. A core's own lie
// side by side.
template <class Body>
void parallel_for_stretches(const Cores& cores, int64_t panels, int64_t pixels, int64_t quantum, const Body& body) {
  const int64_t quanta = (pixels + quantum - 1) / quantum;
  int64_t stretches = 1;
  while (stretches < quanta && !divides_well(panels * stretches, cores.count)) ++stretches;
  const auto bound = [&](int64_t stretch) {
    const int64_t at = quanta * stretch / stretches * quantum;
    return at < pixels ? at : pixels;
  };
  parallel_for(cores, panels * stretches, 1, [&](int64_t first, int64_t last) {
    while (first < last) {
      const int64_t panel = first / stretches, begin = first % stretches;
      const int64_t end = panel == (last - 1) / stretches ? last - panel * stretches : stretches;
      body(panel, bound(begin), bound(end));
      first += end - begin;
    }
  });
}

}  // namespace alexnet

#endif  // ALEXNET_CORES_H
