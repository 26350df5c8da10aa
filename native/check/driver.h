// driver: what driver_check calls the C ABI with. A thread's calls are a function of seed, sequence and thread; what
// they find in the pools depends on the other threads too.
#ifndef ALEXNET_CHECK_DRIVER_H
#define ALEXNET_CHECK_DRIVER_H

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "alexnet.h"

namespace alexnet::check {

enum Type { kDevice, kStream, kEvent, kArena, kBuffer, kGraph, kTypes };

// Handles that were given out, closed ones among them.
class Pool {
 public:
  void add(Type type, void* handle);
  void* at(Type type, uint64_t number) const;  // null if there is none
  size_t count(Type type) const;

 private:
  static constexpr size_t kMost = 8;  // of a type; a later one takes an earlier one's place, which `all` still has
  mutable std::mutex mutex_;
  std::array<std::vector<void*>, kTypes> known_;
  std::array<size_t, kTypes> given_ = {};

 public:
  std::array<std::vector<void*>, kTypes> all;  // for the end of a sequence
};

class Thread {
 public:
  // `own` has what this thread works with; `others` are the pools that it may take any handle from.
  Thread(uint64_t seed, uint64_t sequence, int number, int32_t home_kind, Pool* own, std::vector<Pool*> others);

  uint64_t below(uint64_t count) { return random_() % count; }
  bool one_in(uint64_t count) { return below(count) == 0; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[below(values.size())];
  }

  // A handle: mostly one of that type, at times null, another type's, closed or invented. `shared` takes it from any
  // thread, else it is this thread's own.
  template <class Handle>
  Handle* any(Type type, bool shared = true) {
    return static_cast<Handle*>(handle(type, shared));
  }
  alexnet_device* device() { return any<alexnet_device>(kDevice); }
  alexnet_stream* stream() { return any<alexnet_stream>(kStream, false); }
  alexnet_event* event() { return any<alexnet_event>(kEvent); }
  alexnet_buffer* buffer() { return any<alexnet_buffer>(kBuffer, false); }
  void keep(Type type, void* handle) { own_->add(type, handle); }

  // Mostly `good`, at times something hostile.
  int64_t size(int64_t good);
  int32_t number(int32_t good);

  // What a call must not have done; its name and the text of the error are added.
  void expect(bool holds, const char* what);
  // Where to write, or null.
  template <class T>
  T* output(T* place) {
    return one_in(20) ? nullptr : place;
  }

  const int32_t home_kind;                         // of most devices that the thread opens
  static constexpr int64_t kHostBytes = 16 << 10;  // no buffer is larger
  std::vector<char> host = std::vector<char>(size_t(kHostBytes));
  double measured = 0;
  int32_t rank = 0;
  int64_t piece = 8;
  const char* function = "";  // of the call under way
  std::vector<std::string> failures;

 private:
  void* handle(Type type, bool shared);

  std::mt19937_64 random_;
  Pool* const own_;
  const std::vector<Pool*> others_;
};

// One function of alexnet.h, called somehow.
struct Function {
  const char* name;
  std::function<alexnet_status(Thread&)> call;
};

std::vector<Function> object_functions();     // devices, streams, events, memory, graphs, trials
std::vector<Function> operation_functions();  // operations

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_DRIVER_H
