// CorePool: the threads that a host device computes with, beside the threads that call it.
//
// Each device has its own, so that two towers on two devices compute at once with all the cores that each of them got.
// One caller at a time has the pool; a second stream of the same device does its whole work on its own thread meanwhile
// (cores.h). Workers start when a job first needs them and end with the pool; a job allocates nothing once they run.
//
// A pool may be given a share: processors that its workers keep to (core_shares.h says when). The calling threads
// belong to the caller and are never bound.
#ifndef ALEXNET_RUNTIME_CORE_POOL_H
#define ALEXNET_RUNTIME_CORE_POOL_H

#include <sched.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "common/cores.h"

namespace alexnet {

class CorePool {
 public:
  CorePool() = default;
  ~CorePool();  // no job may run
  CorePool(const CorePool&) = delete;
  CorePool& operator=(const CorePool&) = delete;

  // run_parts() of cores.h, with 2 parts or more; false, and nothing was done, while another job has the pool. Throws
  // std::system_error if the system gives no thread.
  bool run(int32_t parts, int64_t count, PartBody part, const void* body);

  // From their next job on the workers keep to these processors; to those on which they started if `share` is empty.
  // Where the system refuses, they stay where they are.
  void keep_to(const cpu_set_t& share);

  // Jobs so far: how often the workers were woken.
  int64_t jobs();

 private:
  void start_workers(int32_t count);
  void work(int32_t index, int64_t seen);

  std::atomic<bool> busy_{false};  // a caller's job has the pool
  std::mutex mutex_;               // guards all below
  std::condition_variable start_, done_;
  std::vector<std::thread> workers_;
  PartBody part_ = nullptr;
  const void* body_ = nullptr;
  int32_t parts_ = 0;
  int64_t count_ = 0;
  int32_t unfinished_ = 0;
  std::exception_ptr failure_;  // of one of the workers' pieces
  int64_t job_ = 0;
  cpu_set_t share_ = {};
  uint64_t share_number_ = 0;  // of shares given so far
  bool stopping_ = false;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_CORE_POOL_H
