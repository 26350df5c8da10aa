// Shares: which processors the workers of each open cpu device keep to.
//
// Two devices that compute at once use caches better if each stays on processors of its own. So the open cpu devices,
// by their numbers, get contiguous slices of the processors that this process may run on (sched_getaffinity), as many
// as each has threads, but only while
//   - there are two devices or more, since one alone has nobody to keep apart from, and
//   - their threads together are exactly as many as the processors. With fewer (a cgroup's quota, a number that the
//     user chose) another process or container of the same processors would take the same first ones while others are
//     idle; with more, somebody has to share anyway, and the scheduler shares better.
// Otherwise workers run where the scheduler puts them. Processes that taskset or a cpuset gave different processors are
// apart by that. Two processes that fill the same processors both bind: each then has its devices on the same slices,
// which is as crowded as without.
//
// What is bound is a worker to the whole slice, so that the scheduler still places it inside; never a thread of the
// caller, which is why its part of the slice stays free for it and no more. A system that refuses loses nothing but
// this. Whether it helps could not be measured: it takes more than the two processors of the machines at hand, where
// two devices have no workers at all.
#ifndef ALEXNET_RUNTIME_CORE_SHARES_H
#define ALEXNET_RUNTIME_CORE_SHARES_H

#include <sched.h>

#include <cstdint>
#include <vector>

#include "runtime/core_pool.h"

namespace alexnet {

// The shares of devices with so many threads each; all empty where nothing is to be bound.
std::vector<cpu_set_t> core_shares(const cpu_set_t& allowed, const std::vector<int32_t>& threads);

// A cpu device among the open ones, as long as this lives. A change of any of them gives all their pools new shares.
class CoreShare {
 public:
  CoreShare(int32_t device, CorePool* pool);
  ~CoreShare();
  CoreShare(const CoreShare&) = delete;
  CoreShare& operator=(const CoreShare&) = delete;

  void threads(int32_t count);  // 1 at first

 private:
  friend struct OpenShares;
  const int32_t device_;
  CorePool* const pool_;
  int32_t threads_ = 1;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_CORE_SHARES_H
