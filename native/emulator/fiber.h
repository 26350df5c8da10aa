// A fiber: a stack of its own and a switch to it. On x86-64 the switch saves six registers by hand (an arrival at a
// barrier takes 41 ns with all of the scheduling around it); elsewhere ucontext does it, some fifteen times slower.
#ifndef ALEXNET_EMULATOR_FIBER_H
#define ALEXNET_EMULATOR_FIBER_H

#include <cstddef>
#include <memory>
#include <vector>

namespace alexnet::emulator {

class Fiber {
 public:
  // The fiber of the OS thread that calls.
  Fiber();
  // A fiber that runs entry() when it is switched to for the first time; entry must not return.
  Fiber(void (*entry)(), char* stack, size_t stack_bytes);
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Saves the running fiber as *this and continues `to`. Returns when somebody switches back.
  void switch_to(Fiber& to);
  // To be called first thing in entry(), and never elsewhere.
  void entered();

 private:
  struct Context;
  void arrive();

  std::unique_ptr<Context> context_;
};

// Stacks with a guard page below each, from one mapping per batch, kept until the pool dies.
class FiberPool {
 public:
  explicit FiberPool(void (*entry)()) : entry_(entry) {}
  ~FiberPool();
  Fiber* take();  // one that was never taken before

 private:
  void grow();

  void (*entry_)();
  std::vector<char*> maps_;
  std::vector<std::unique_ptr<Fiber>> all_;
  std::vector<Fiber*> idle_;
};

}  // namespace alexnet::emulator

#endif  // ALEXNET_EMULATOR_FIBER_H
