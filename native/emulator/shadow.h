// Shadow memory: for each word of shared memory, who wrote and read it last, and in which interval between barriers.
//
// Two accesses by different threads, one of them a write, must be separated by a __syncthreads, or by a __syncwarp in
// which both take part; otherwise they race, whether or not this schedule made it visible. A word that an asynchronous
// copy fills belongs to the copy from its issue until its thread has waited for it.
#ifndef ALEXNET_EMULATOR_SHADOW_H
#define ALEXNET_EMULATOR_SHADOW_H

#include <cstdint>
#include <deque>
#include <vector>

#include "emulator/shared.h"

namespace alexnet::emulator {

struct Cell {
  uint64_t write_epoch = 0;  // Machine::epoch() at the last write; before block_epoch(): not in this block
  uint64_t read_epoch = 0;
  uint32_t write_meetings = 0;  // of the writer's warp, then
  uint32_t read_meetings = 0;
  uint32_t read_warps = 0;  // that have read since the last barrier
  uint32_t read_lanes = 0;  // of the last reader's warp that have, at read_meetings
  uint16_t write_thread = 0;
  uint16_t read_thread = 0;
  int32_t write_line = 0;
  int32_t read_line = 0;
  bool in_flight = false;  // an asynchronous copy by write_thread fills it
};

struct Region {
  char* base = nullptr;
  int64_t bytes = 0;
  int cell_bytes = 4;  // 4, or 2 or 1 for smaller elements
  std::vector<Cell> cells;

  void reset(char* to, int64_t count_bytes, int element_bytes);
  // Smaller elements ask for smaller cells. Nothing may have been accessed: kernels name their arrays first.
  void refine(int element_bytes);
};

// The asynchronous copies of one thread: in groups, oldest first, and those that no group holds yet.
struct AsyncCopy {
  Region* region;
  int64_t offset;
  int64_t bytes;
  const void* from;
  bool done;
};

struct AsyncCopies {
  std::vector<AsyncCopy> open;
  std::deque<std::vector<AsyncCopy>> groups;
  void clear() {
    open.clear();
    groups.clear();
  }
};

}  // namespace alexnet::emulator

#endif  // ALEXNET_EMULATOR_SHADOW_H
