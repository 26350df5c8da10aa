#include "runtime/delays.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace alexnet::delays {

namespace {

std::atomic<uint64_t> seed_{0};
std::atomic<int32_t> longest_us_{0};

// SplitMix64: one number from another, without a state that threads would have to share.
uint64_t mixed(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

}  // namespace

void set(uint64_t seed, int32_t longest_us) {
  seed_ = seed;
  longest_us_ = longest_us;
}

void before(int32_t stream, uint64_t done) {
  const int32_t longest_us = longest_us_.load(std::memory_order_relaxed);
  if (longest_us == 0) return;
  const uint64_t random = mixed(mixed(seed_ ^ mixed(uint64_t(stream))) + done);
  if ((random & 1) != 0) return;
  std::this_thread::sleep_for(std::chrono::microseconds((random >> 1) % (uint64_t(longest_us) + 1)));
}

}  // namespace alexnet::delays
