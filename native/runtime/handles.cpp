#include "runtime/handles.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace alexnet {

namespace {

struct Table {
  std::shared_mutex mutex;
  std::unordered_map<uintptr_t, std::shared_ptr<Object>> live;
  uintptr_t next = 16;  // steps of 16, so that a handle looks like an aligned pointer to whoever checks
};

Table& table() {
  static Table* const all = new Table;  // never destroyed: threads may outlive main()
  return *all;
}

}  // namespace

uintptr_t add_handle(std::shared_ptr<Object> object, uintptr_t parent) {
  Table& t = table();
  std::unique_lock<std::shared_mutex> lock(t.mutex);
  if (parent != 0 && t.live.count(parent) == 0) return 0;
  const uintptr_t handle = t.next;
  t.live.emplace(handle, std::move(object));
  t.next += 16;
  return handle;
}

std::shared_ptr<Object> find_handle(uintptr_t handle) {
  Table& t = table();
  std::shared_lock<std::shared_mutex> lock(t.mutex);
  const auto found = t.live.find(handle);
  return found == t.live.end() ? nullptr : found->second;
}

Status take_handle(uintptr_t handle, const std::function<Status()>& may_close, std::shared_ptr<Object>* object) {
  Table& t = table();
  std::unique_lock<std::shared_mutex> lock(t.mutex);
  const auto found = t.live.find(handle);
  if (found == t.live.end()) return {};
  ALEXNET_TRY(may_close());
  *object = std::move(found->second);  // destroyed by the caller, after the lock is released
  t.live.erase(found);
  return {};
}

int64_t live_handles() {
  Table& t = table();
  std::shared_lock<std::shared_mutex> lock(t.mutex);
  return int64_t(t.live.size());
}

}  // namespace alexnet
