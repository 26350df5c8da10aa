#include "runtime/core_shares.h"

#include <unistd.h>

#include <algorithm>
#include <mutex>
#include <numeric>

namespace alexnet {

struct OpenShares {
  std::mutex mutex;
  std::vector<CoreShare*> all;  // by the devices' numbers

  static OpenShares& get() {
    static OpenShares* const open = new OpenShares;  // never destroyed: threads may outlive main()
    return *open;
  }

  void insert(CoreShare* share) {
    const auto later = [&](const CoreShare* other) { return other->device_ > share->device_; };
    all.insert(std::find_if(all.begin(), all.end(), later), share);
  }

  // To be called with the mutex locked.
  void give() const {
    cpu_set_t allowed = {};
    if (sched_getaffinity(getpid(), sizeof allowed, &allowed) != 0) CPU_ZERO(&allowed);
    std::vector<int32_t> threads;
    for (const CoreShare* share : all) threads.push_back(share->threads_);
    const std::vector<cpu_set_t> shares = core_shares(allowed, threads);
    for (size_t i = 0; i < all.size(); ++i) all[i]->pool_->keep_to(shares[i]);
  }
};

std::vector<cpu_set_t> core_shares(const cpu_set_t& allowed, const std::vector<int32_t>& threads) {
  std::vector<cpu_set_t> shares(threads.size(), cpu_set_t{});
  const int64_t together = std::accumulate(threads.begin(), threads.end(), int64_t(0));
  if (threads.size() < 2 || together != CPU_COUNT(&allowed)) return shares;
  int processor = 0;
  for (size_t i = 0; i < threads.size(); ++i) {
    for (int32_t left = threads[i]; left > 0; ++processor) {
      if (!CPU_ISSET(processor, &allowed)) continue;
      CPU_SET(processor, &shares[i]);
      --left;
    }
  }
  return shares;
}

CoreShare::CoreShare(int32_t device, CorePool* pool) : device_(device), pool_(pool) {
  OpenShares& open = OpenShares::get();
  std::lock_guard<std::mutex> lock(open.mutex);
  open.insert(this);
  open.give();
}

CoreShare::~CoreShare() {
  OpenShares& open = OpenShares::get();
  std::lock_guard<std::mutex> lock(open.mutex);
  open.all.erase(std::find(open.all.begin(), open.all.end(), this));
  open.give();
}

void CoreShare::threads(int32_t count) {
  OpenShares& open = OpenShares::get();
  std::lock_guard<std::mutex> lock(open.mutex);
  threads_ = count;
  open.give();
}

}  // namespace alexnet
