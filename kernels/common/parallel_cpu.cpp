#include "parallel_cpu.h"

#include <sys/mman.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace alexnet {
namespace {

constexpr int64_t kHugePage = int64_t(2) << 20;

struct Free {
  void operator()(float* p) const { std::free(p); }
};

struct Scratch {
  std::unique_ptr<float, Free> memory;
  int64_t floats = 0;
};

}  // namespace

float* scratch(int slot, int64_t floats) {
  thread_local Scratch slots[kScratchSlots];
  Scratch& s = slots[slot];
  if (s.floats < floats) {
    s.memory.reset();
    s.floats = 0;
    const int64_t bytes = (floats * int64_t(sizeof(float)) + kHugePage - 1) / kHugePage * kHugePage;
    s.memory.reset(static_cast<float*>(std::aligned_alloc(kHugePage, bytes)));
    if (!s.memory) throw std::bad_alloc();
    madvise(s.memory.get(), bytes, MADV_HUGEPAGE);  // a hint: fewer TLB misses while panels stream by
    s.floats = bytes / int64_t(sizeof(float));
  }
  return s.memory.get();
}

}  // namespace alexnet
