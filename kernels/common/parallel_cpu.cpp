#include "parallel_cpu.h"

#include <sys/mman.h>

#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace alexnet {
namespace {

// Threads that wait for pieces of one job at a time.
class CorePool {
 public:
  ~CorePool() {
    {
      std::lock_guard<std::mutex> lock(mutex_);
      stopping_ = true;
    }
    start_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  // False if the pool is busy with another caller's job.
  bool run(int32_t parts, int64_t count, PartBody part, const void* body) {
    std::unique_lock<std::mutex> turn(turn_, std::try_to_lock);
    if (!turn.owns_lock()) return false;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      while (int32_t(workers_.size()) < parts - 1) {
        const int32_t index = int32_t(workers_.size()) + 1;
        workers_.emplace_back([this, index, seen = job_] { work(index, seen); });
      }
      part_ = part;
      body_ = body;
      parts_ = parts;
      count_ = count;
      unfinished_ = parts - 1;
      ++job_;
    }
    start_.notify_all();
    std::exception_ptr own;
    try {
      part(body, 0, count / parts);
    } catch (...) {
      own = std::current_exception();
    }
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [this] { return unfinished_ == 0; });
    if (own == nullptr) own = failure_;
    failure_ = nullptr;
    if (own != nullptr) std::rethrow_exception(own);
    return true;
  }

 private:
  void work(int32_t index, uint64_t seen) {
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      start_.wait(lock, [&] { return stopping_ || job_ != seen; });
      if (stopping_) return;
      seen = job_;
      if (index >= parts_) continue;
      const int64_t first = count_ * index / parts_, last = count_ * (index + 1) / parts_;
      lock.unlock();
      std::exception_ptr failure;
      try {
        part_(body_, first, last);
      } catch (...) {
        failure = std::current_exception();
      }
      lock.lock();
      if (failure != nullptr) failure_ = failure;
      if (--unfinished_ == 0) done_.notify_one();
    }
  }

  std::mutex turn_;   // held by the caller whose job runs
  std::mutex mutex_;  // guards all below
  std::condition_variable start_, done_;
  std::vector<std::thread> workers_;
  PartBody part_ = nullptr;
  const void* body_ = nullptr;
  int32_t parts_ = 0;
  int64_t count_ = 0;
  int32_t unfinished_ = 0;
  std::exception_ptr failure_;  // of one of the workers' pieces
  uint64_t job_ = 0;
  bool stopping_ = false;
};

constexpr int64_t kHugePage = int64_t(2) << 20;

struct Free {
  void operator()(float* p) const { std::free(p); }
};

struct Scratch {
  std::unique_ptr<float, Free> memory;
  int64_t floats = 0;
};

}  // namespace

void run_parts(int32_t parts, int64_t count, PartBody part, const void* body) {
  static CorePool pool;
  if (pool.run(parts, count, part, body)) return;
  for (int32_t i = 0; i < parts; ++i) part(body, count * i / parts, count * (i + 1) / parts);
}

float* scratch(int slot, int64_t floats) {
  thread_local Scratch slots[2];
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
