#include "runtime/core_pool.h"

#include <utility>

namespace alexnet {

namespace {

// Begins and ends the use of a pool by one caller.
class Turn {
 public:
  explicit Turn(std::atomic<bool>* busy) : busy_(busy), taken_(!busy->exchange(true, std::memory_order_acquire)) {}
  ~Turn() {
    if (taken_) busy_->store(false, std::memory_order_release);
  }
  bool taken() const { return taken_; }

 private:
  std::atomic<bool>* const busy_;
  const bool taken_;
};

// The processors of the calling thread, bound to others and given back.
class Place {
 public:
  Place() : known_(sched_getaffinity(0, sizeof first_, &first_) == 0) {}
  void keep_to(const cpu_set_t& share) const {
    const cpu_set_t& to = CPU_COUNT(&share) > 0 ? share : first_;
    if (known_) (void)sched_setaffinity(0, sizeof to, &to);  // no error: slower at worst
  }

 private:
  cpu_set_t first_ = {};
  const bool known_;
};

}  // namespace

CorePool::~CorePool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

bool CorePool::run(int32_t parts, int64_t count, PartBody part, const void* body) {
  const Turn turn(&busy_);
  if (!turn.taken()) return false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    start_workers(parts - 1);
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
  const std::exception_ptr theirs = std::exchange(failure_, nullptr);
  if (own == nullptr) own = theirs;
  if (own != nullptr) std::rethrow_exception(own);
  return true;
}

void CorePool::keep_to(const cpu_set_t& share) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (CPU_EQUAL(&share, &share_)) return;
  share_ = share;
  ++share_number_;
}

int64_t CorePool::jobs() {
  std::lock_guard<std::mutex> lock(mutex_);
  return job_;
}

// To be called with the mutex locked.
void CorePool::start_workers(int32_t count) {
  while (int32_t(workers_.size()) < count) {
    const int32_t index = int32_t(workers_.size()) + 1;
    workers_.emplace_back([this, index, seen = job_] { work(index, seen); });
  }
}

void CorePool::work(int32_t index, int64_t seen) {
  const Place place;
  uint64_t kept_to = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    start_.wait(lock, [&] { return stopping_ || job_ != seen; });
    if (stopping_) return;
    seen = job_;
    if (index >= parts_) continue;
    if (std::exchange(kept_to, share_number_) != share_number_) place.keep_to(share_);
    const PartBody part = part_;
    const void* const body = body_;
    const int64_t first = count_ * index / parts_, last = count_ * (index + 1) / parts_;
    lock.unlock();
    std::exception_ptr failure;
    try {
      part(body, first, last);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure != nullptr) failure_ = std::move(failure);
    if (--unfinished_ == 0) done_.notify_one();
  }
}

void run_parts(CorePool* pool, int32_t parts, int64_t count, PartBody part, const void* body) {
  if (pool != nullptr && pool->run(parts, count, part, body)) return;
  for (int32_t i = 0; i < parts; ++i) part(body, count * i / parts, count * (i + 1) / parts);
}

}  // namespace alexnet
