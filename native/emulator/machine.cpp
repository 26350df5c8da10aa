#include "emulator/machine.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <numeric>
#include <utility>

__thread alexnet_built_ins alexnet_built_in;

namespace alexnet::emulator {

namespace {

constexpr unsigned kMaxThreads = 1024;
constexpr size_t kMaxSharedBytes = 227 << 10;

// A piece of a launch has so many threads or more: those that never wait take half as long as it takes to wake another
// OS thread.
constexpr uint64_t kGrain = 512;

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ull;

// splitmix64: numbers in a row give unrelated ones.
uint64_t mixed(uint64_t z) {
  z += kGolden;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

uint3 to_uint3(dim3 d) { return {d.x, d.y, d.z}; }

}  // namespace

namespace {
__thread Machine* machine_of_thread = nullptr;
}

Machine& machine() {
  if (machine_of_thread == nullptr) {
    static thread_local std::unique_ptr<Machine> owner = std::make_unique<Machine>();
    machine_of_thread = owner.get();
  }
  return *machine_of_thread;
}

BlockOrder::BlockOrder(uint64_t count, Schedule schedule, uint64_t random) : count_(count) {
  if (count >> 32 != 0) return;  // ascending, so that the product in at() stays below 2^64
  if (schedule == Schedule::kReverse) {
    first_ = step_ = count - 1;
  } else if (schedule == Schedule::kRandom) {
    first_ = random % count;
    step_ = std::max<uint64_t>(random / count % count, 1);
    while (std::gcd(step_, count) != 1) ++step_;
  }
}

Machine::Machine() : pool_(&Machine::fiber_entry) { settings_status = read_settings(&settings); }

Status Machine::run(const Grid& grid, const Cores& cores) {
  ALEXNET_TRY(settings_status);
  const dim3 b = grid.threads, g = grid.blocks;
  const uint64_t count = uint64_t(b.x) * b.y * b.z;
  ALEXNET_REQUIRE(count >= 1 && count <= kMaxThreads && b.z <= 64, ALEXNET_BAD_ARGUMENT,
                  "launch: block of %ux%ux%u threads, allowed are 1 to %u", b.x, b.y, b.z, kMaxThreads);
  ALEXNET_REQUIRE(g.x >= 1 && g.y >= 1 && g.z >= 1 && g.x <= 0x7fffffffu && g.y <= 65535 && g.z <= 65535,
                  ALEXNET_BAD_ARGUMENT, "launch: grid of %ux%ux%u blocks is outside CUDA's limits", g.x, g.y, g.z);
  ALEXNET_REQUIRE(grid.shared_bytes <= kMaxSharedBytes, ALEXNET_BAD_ARGUMENT,
                  "launch: %zu bytes of shared memory, allowed are %zu", grid.shared_bytes, kMaxSharedBytes);
  ALEXNET_REQUIRE(grid_ == nullptr, ALEXNET_WRONG_STATE, "launch: called from inside a kernel");
  const uint64_t blocks = uint64_t(g.x) * g.y * g.z;
  Launch launch(grid, settings, BlockOrder(blocks, settings.schedule, mixed(settings.seed)));
  parallel_for(cores, int64_t(blocks), int64_t((kGrain + count - 1) / count),
               [&](int64_t first, int64_t last) { machine().run_blocks(&launch, uint64_t(first), uint64_t(last)); });
  counters.add(launch.counters);
  return launch.failed_at == Launch::kNowhere ? Status() : Status(ALEXNET_INTERNAL, std::move(launch.fault));
}

// The blocks at places [first, last) of the order, until one fails here or before them.
void Machine::run_blocks(Launch* launch, uint64_t first, uint64_t last) {
  const struct Running {
    Machine* const machine;
    ~Running() { machine->grid_ = nullptr; }
  } running{this};
  settings = launch->settings;
  const Counters before = std::exchange(counters, Counters());
  prepare(launch->grid);
  for (uint64_t place = first; place < last && place < launch->failed_at && !failed_; ++place) {
    run_block(launch->order.at(place));
    if (!failed_) continue;
    std::lock_guard<std::mutex> lock(launch->mutex);
    if (place < launch->failed_at) {
      launch->failed_at = place;
      launch->fault = std::move(fault_);
    }
  }
  std::lock_guard<std::mutex> lock(launch->mutex);
  launch->counters.add(counters);
  counters = before;
}

void Machine::prepare(const Grid& grid) {
  grid_ = &grid;
  failed_ = cancelled_ = false;
  blockDim = to_uint3(grid.threads);
  gridDim = to_uint3(grid.blocks);
  const unsigned count = blockDim.x * blockDim.y * blockDim.z;
  threads_.resize(count);
  indices_.resize(count);
  for (unsigned i = 0; i < count; ++i) {
    threads_[i].waiting = Waiting::kNothing;
    threads_[i].copies.clear();
    indices_[i] = {i % blockDim.x, i / blockDim.x % blockDim.y, i / (blockDim.x * blockDim.y)};
  }
  warps_.resize((count + 31) / 32);
  for (unsigned w = 0; w < warps_.size(); ++w) {
    const unsigned lanes = std::min(32u, count - w * 32);
    warps_[w].all = lanes == 32 ? ~0u : (1u << lanes) - 1;
  }
  prepare_dynamic(int64_t(grid.shared_bytes));
  order_.resize(warps_.size());
}

void Machine::run_block(uint64_t number) {
  blockIdx = {unsigned(number % gridDim.x), unsigned(number / gridDim.x % gridDim.y),
              unsigned(number / gridDim.x / gridDim.y)};
  random_state_ = mixed(mixed(settings.seed) + number);  // the block's own, whoever ran before
  for (Warp& warp : warps_) {
    warp.alive = warp.runnable = warp.all;
    warp.started = warp.waiting = 0;
    warp.meetings = 0;
  }
  if (dynamic_.bytes > 0) std::memset(dynamic_.base, 0xff, size_t(dynamic_.bytes));  // NaN
  alive_ = unsigned(threads_.size());
  counters.threads += alive_;
  at_barrier_ = 0;
  block_epoch_ = ++epoch_;
  reset_order();
  draw_order();
  work();
}

// ---- who goes on ----------------------------------------------------------------------------------------------------

void Machine::fiber_entry() {
  machine().fiber_->entered();
  // Volatile, so that the compiler does not conclude that this function never returns: AddressSanitizer would then
  // unpoison the wrong stack before it is told of the switch.
  for (volatile bool more = true; more;) machine().work();
}

// Runs threads on the current stack until the block is done (on the main stack) or for ever (on a fiber).
void Machine::work() {
  for (;;) {
    const unsigned next = pick();
    if (next != kNone && (warps_[next / 32].started >> (next % 32) & 1) == 0) {
      run_thread(next);
      if (settings.schedule == Schedule::kOrdered) run_fresh_lanes(next / 32);
    } else if (next != kNone) {
      parked_.push_back(fiber_);
      resume(next);
    } else if (alive_ > 0) {
      stuck();
    } else if (fiber_ == &main_) {
      return;
    } else {
      Fiber* from = std::exchange(fiber_, &main_);
      *std::find(parked_.begin(), parked_.end(), &main_) = from;
      from->switch_to(main_);
    }
  }
}

// What work() does for the lanes of a warp that start one after another, without asking each time who is next: 13 to 10
// ns for a thread that never waits.
void Machine::run_fresh_lanes(unsigned number) {
  const Warp& warp = warps_[number];
  while (first_ < order_.size() && order_[first_] == number) {
    const uint32_t lowest = warp.runnable & (0 - warp.runnable);
    if ((lowest & ~warp.started) == 0) return;
    run_thread(number * 32 + unsigned(__builtin_ctz(lowest)));
  }
}

void Machine::run_thread(unsigned number) {
  Warp& warp = warps_[number / 32];
  const uint32_t bit = 1u << (number % 32);
  warp.started |= bit;
  enter(number);
  try {
    grid_->thread(grid_->context);
  } catch (const Fault& fault) {
    record(fault, number);
  } catch (const Cancelled&) {
  } catch (const std::exception& error) {
    record({std::string("exception in a kernel: ") + error.what(), {"", 0}}, number);
  }
  warp.alive &= ~bit;
  warp.runnable &= ~bit;
  --alive_;
}

// The thread to run: of the most urgent warp that can go on, the lowest lane (highest in reverse, any in random).
unsigned Machine::pick() {
  for (; first_ < order_.size(); ++first_) {
    const uint32_t lanes = warps_[order_[first_]].runnable;
    if (lanes == 0) continue;
    unsigned lane = unsigned(__builtin_ctz(lanes));
    if (settings.schedule == Schedule::kReverse) lane = 31 - unsigned(__builtin_clz(lanes));
    if (settings.schedule == Schedule::kRandom) {
      uint32_t rest = lanes;
      for (uint64_t skip = random() % unsigned(__builtin_popcount(lanes)); skip > 0; --skip) rest &= rest - 1;
      lane = unsigned(__builtin_ctz(rest));
    }
    return order_[first_] * 32 + lane;
  }
  return kNone;
}

void Machine::enter(unsigned number) {
  current_ = number;
  threadIdx = indices_[number];
}

// Continues a thread that has started, from another fiber.
void Machine::resume(unsigned number) {
  Fiber* from = std::exchange(fiber_, threads_[number].fiber);
  enter(number);
  from->switch_to(*fiber_);
}

// The current thread waits; somebody makes it runnable again by release().
void Machine::pause(Waiting waiting, Site site) {
  Thread& me = threads_[current_];
  me.waiting = waiting;
  me.site = site;
  warps_[current_ / 32].runnable &= ~(1u << (current_ % 32));
  go_on();
}

// Lets the most urgent thread run; returns when it is the current one's turn again.
void Machine::go_on() {
  const unsigned number = current_;
  threads_[number].fiber = fiber_;
  const unsigned next = pick();
  if (next == number) {
    return;
  } else if (next != kNone && (warps_[next / 32].started >> (next % 32) & 1) != 0) {
    resume(next);
  } else {  // a thread that has not started, or nobody: work() begins it, or finds out why nobody can go on
    Fiber* worker = parked_.empty() ? pool_.take() : parked_.back();
    if (!parked_.empty()) parked_.pop_back();
    Fiber* from = std::exchange(fiber_, worker);
    from->switch_to(*worker);
  }
  if (cancelled_) throw Cancelled{};
}

void Machine::release(unsigned number) {
  threads_[number].waiting = Waiting::kNothing;
  warps_[number / 32].runnable |= 1u << (number % 32);
  first_ = 0;
}

void Machine::reset_order() {
  std::iota(order_.begin(), order_.end(), 0u);
  if (settings.schedule == Schedule::kReverse) std::reverse(order_.begin(), order_.end());
}

void Machine::draw_order() {
  first_ = 0;
  if (settings.schedule != Schedule::kRandom) return;
  for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random() % i]);
}

uint64_t Machine::random() {
  const uint64_t drawn = mixed(random_state_);
  random_state_ += kGolden;
  return drawn;
}

// ---- shared memory --------------------------------------------------------------------------------------------------

void Machine::prepare_dynamic(int64_t bytes) {
  if (bytes > dynamic_capacity_) {
    dynamic_capacity_ = (bytes + 1023) / 1024 * 1024;
    dynamic_memory_.reset(static_cast<char*>(std::aligned_alloc(1024, size_t(dynamic_capacity_))));
    if (dynamic_memory_ == nullptr) throw std::bad_alloc();
  }
  dynamic_.reset(dynamic_memory_.get(), bytes, 4);
}

Region* Machine::static_region(char* base, int64_t bytes, int element_bytes) {
  regions_.push_back(std::make_unique<Region>());
  regions_.back()->reset(base, bytes, element_bytes);
  return regions_.back().get();
}

Region* Machine::dynamic_region(int element_bytes) {
  dynamic_.refine(element_bytes);
  return &dynamic_;
}

bool Machine::ordered(unsigned thread, uint32_t meetings) const {
  if (thread / 32 != current_ / 32) return false;
  const Warp& warp = warps_[current_ / 32];
  if (warp.meetings - meetings > kMeetings) return true;  // forgotten; a race so far apart is not reported
  const uint32_t both = 1u << (thread % 32) | 1u << (current_ % 32);
  for (uint32_t i = meetings; i < warp.meetings; ++i) {
    if ((warp.met[i % kMeetings] & both) == both) return true;
  }
  return false;
}

// ---- what kernels call ----------------------------------------------------------------------------------------------

Settings& settings() { return machine().settings; }
Counters& counters() { return machine().counters; }
Status run_grid(const Grid& grid, const Cores& cores) { return machine().run(grid, cores); }
void* running_kernel() { return machine().kernel(); }
void barrier(Site site) { machine().barrier(site); }
int lane() { return machine().lane(); }

void multiply_matrices(const Fragments& mine, Site site) {
  machine().meet(Collective::kMatrix, 0xffffffffu, uint64_t(reinterpret_cast<uintptr_t>(&mine)), 0, site);
}

void load_matrices(const MatrixRows& mine, Site site) {
  machine().meet(Collective::kMatrixLoad, 0xffffffffu, uint64_t(reinterpret_cast<uintptr_t>(&mine)), 0, site);
}

uint64_t meet(Collective kind, uint32_t mask, uint64_t value, int source_lane, Site site) {
  return machine().meet(kind, mask, value, source_lane, site);
}

}  // namespace alexnet::emulator
