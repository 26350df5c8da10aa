#include "check/driver.h"

namespace alexnet::check {

void Pool::add(Type type, void* handle) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<void*>& known = known_[type];
  if (known.size() < kMost) {
    known.push_back(handle);
  } else {
    known[given_[type] % kMost] = handle;
  }
  ++given_[type];
  all[type].push_back(handle);
}

void* Pool::at(Type type, uint64_t number) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const std::vector<void*>& known = known_[type];
  return known.empty() ? nullptr : known[number % known.size()];
}

size_t Pool::count(Type type) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return known_[type].size();
}

Thread::Thread(uint64_t seed, uint64_t sequence, int number, int32_t home_kind, Pool* own, std::vector<Pool*> others)
    : home_kind(home_kind), own_(own), others_(std::move(others)) {
  std::seed_seq all{seed, seed >> 32, sequence, sequence >> 32, uint64_t(number)};
  random_.seed(all);
  for (char& byte : host) byte = char(random_() % (number % 2 == 0 ? 3 : 256));  // small numbers, or any
}

void* Thread::handle(Type type, bool shared) {
  if (one_in(32)) return nullptr;
  if (one_in(64)) return reinterpret_cast<void*>(random_());
  if (one_in(32)) type = Type(below(kTypes));
  const Pool* from = shared && one_in(4) ? others_[below(others_.size())] : own_;
  if (from->count(type) == 0) from = own_;
  return from->at(type, random_());
}

int64_t Thread::size(int64_t good) {
  if (!one_in(8)) return good;
  return one_of<int64_t>({-1, 0, 1, good + 1, -good, INT64_MIN, INT64_MAX, INT64_MAX / 4 + 1, int64_t(1) << 31,
                          int64_t(1) << 32, int64_t(1) << 44, int64_t(1) << 62});
}

int32_t Thread::number(int32_t good) {
  if (!one_in(24)) return good;
  return one_of<int32_t>({-1, 0, 1, good + 1, -good, 46341, 65536, 1 << 30, INT32_MIN, INT32_MAX});
}

void Thread::expect(bool holds, const char* what) {
  if (!holds) failures.push_back(std::string(function) + ": " + what + "; " + alexnet_last_error());
}

}  // namespace alexnet::check
