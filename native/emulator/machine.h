// Inside the emulator: a launch, and the machine of an OS thread: the block that it runs, its warps and threads, and
// who goes on next.
#ifndef ALEXNET_EMULATOR_MACHINE_H
#define ALEXNET_EMULATOR_MACHINE_H

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "emulator/emulator.h"
#include "emulator/fiber.h"
#include "emulator/shadow.h"

namespace alexnet::emulator {

// Thrown by a kernel's thread at its own mistake, caught where the thread began.
struct Fault {
  std::string text;
  Site site;
};

// Thrown in the threads that wait when another thread has failed, so that their stacks are unwound.
struct Cancelled {};

// What a thread is waiting for, or kNothing.
enum class Waiting : uint8_t { kNothing, kBarrier, kWarp };

struct Thread {
  Fiber* fiber = nullptr;  // where it waits
  Waiting waiting = Waiting::kNothing;
  Site site = {"", 0};  // of what it waits for
  // The collective under way.
  Collective collective = Collective::kSync;
  uint32_t mask = 0;
  int source = 0;
  uint64_t given = 0;
  uint64_t received = 0;
  AsyncCopies copies;
};

constexpr uint32_t kMeetings = 32;

struct Warp {
  uint32_t all;       // lanes that exist
  uint32_t alive;     // lanes that have not left the kernel
  uint32_t started;   // lanes that have entered it
  uint32_t runnable;  // lanes that can go on, or begin
  uint32_t waiting;   // lanes that wait for others of the warp
  // __syncwarp orders the memory accesses of the lanes that take part. How many there were, and who took part in the
  // latest ones.
  uint32_t meetings;
  uint32_t met[kMeetings];
};

// What the environment says; BAD_ARGUMENT for a value that is none.
Status read_settings(Settings* settings);

// Blocks may run in any order: ascending, descending, or in steps that have no common divisor with their number.
class BlockOrder {
 public:
  BlockOrder(uint64_t count, Schedule schedule, uint64_t random);
  uint64_t at(uint64_t place) const { return (first_ + place * step_) % count_; }

 private:
  uint64_t count_, first_ = 0, step_ = 1;
};

// One launch, on however many machines.
struct Launch {
  static constexpr uint64_t kNowhere = ~uint64_t(0);

  Launch(const Grid& of, const Settings& with, const BlockOrder& in) : grid(of), settings(with), order(in) {}

  const Grid& grid;
  const Settings settings;
  const BlockOrder order;
  // The lowest place in the order at which a block has failed; what comes behind it need not run.
  std::atomic<uint64_t> failed_at{kNowhere};
  std::mutex mutex;   // guards the two below
  std::string fault;  // of the block at failed_at
  Counters counters;  // of all machines
};

class Machine {
 public:
  Machine();
  // On this machine, and on those of the other threads of `cores`.
  Status run(const Grid& grid, const Cores& cores);

  void barrier(Site site);
  uint64_t meet(Collective kind, uint32_t mask, uint64_t value, int source_lane, Site site);
  void* kernel() const { return grid_ == nullptr ? nullptr : grid_->kernel; }
  int lane() const { return int(current_ % 32); }
  int thread() const { return int(current_); }

  Region* static_region(char* base, int64_t bytes, int element_bytes);
  Region* dynamic_region(int element_bytes);

  // Barriers so far, over all blocks; at the start of this block.
  uint64_t epoch() const { return epoch_; }
  uint64_t block_epoch() const { return block_epoch_; }
  uint32_t meetings() const { return warps_[current_ / 32].meetings; }
  // Whether what `thread` did when its warp had met `meetings` times is ordered before the current thread's next step.
  bool ordered(unsigned thread, uint32_t meetings) const;
  AsyncCopies& copies() { return threads_[current_].copies; }
  std::string thread_text(unsigned number) const;

  uint64_t random();

  // Ends the current thread, and with it the launch.
  [[noreturn]] void fail(Site site, std::string text);

  Settings settings;
  Status settings_status;  // of reading them
  Counters counters;

 private:
  static constexpr unsigned kNone = ~0u;

  static void fiber_entry();
  void run_blocks(Launch* launch, uint64_t first, uint64_t last);
  void prepare(const Grid& grid);
  void prepare_dynamic(int64_t bytes);
  void run_block(uint64_t number);
  void work();
  void run_thread(unsigned number);
  void run_fresh_lanes(unsigned warp);
  unsigned pick();
  void resume(unsigned number);
  void enter(unsigned number);
  void pause(Waiting waiting, Site site);
  void go_on();
  void release(unsigned number);
  void reset_order();
  void draw_order();
  void complete(unsigned first, uint32_t mask);
  void multiply_matrices(unsigned first, uint32_t mask);
  void load_matrices(unsigned first, uint32_t mask);
  void require_whole_warp(unsigned first, uint32_t mask, const char* what);
  void stuck();
  void record(const Fault& fault, unsigned number);
  void cancel();

  Fiber main_;
  Fiber* fiber_ = &main_;       // that runs now
  std::vector<Fiber*> parked_;  // inside work(), with no thread of their own
  FiberPool pool_;

  std::vector<std::unique_ptr<Region>> regions_;  // of static shared memory, for the life of the OS thread
  std::unique_ptr<char, decltype(&std::free)> dynamic_memory_{nullptr, &std::free};
  int64_t dynamic_capacity_ = 0;
  Region dynamic_;

  const Grid* grid_ = nullptr;
  std::vector<uint3> indices_;  // threadIdx of each thread; apart, so that threads that never wait touch no more
  std::vector<Thread> threads_;
  std::vector<Warp> warps_;
  std::vector<unsigned> order_;  // warps, most urgent first
  unsigned first_ = 0;           // warps before order_[first_] cannot go on
  unsigned current_ = 0;
  unsigned alive_ = 0;
  unsigned at_barrier_ = 0;  // how many wait there, where it is, and who came first
  unsigned barrier_thread_ = 0;
  Site barrier_site_ = {"", 0};
  bool cancelled_ = false;
  bool failed_ = false;
  std::string fault_;
  uint64_t random_state_ = 1;
  uint64_t epoch_ = 1, block_epoch_ = 1;
};

// Of the calling OS thread.
Machine& machine();

// A source file's path from the top of the project, wherever it was built.
const char* source_name(const char* path);

}  // namespace alexnet::emulator

#endif  // ALEXNET_EMULATOR_MACHINE_H
