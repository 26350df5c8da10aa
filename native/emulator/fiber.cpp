#include "emulator/fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif
// -DALEXNET_PORTABLE_FIBERS takes the portable switch on x86-64 too, to test it there.
#if defined(__x86_64__) && !defined(ALEXNET_PORTABLE_FIBERS)
#define ALEXNET_SWAP_BY_HAND
#else
#include <ucontext.h>
#endif

namespace alexnet::emulator {

namespace {
constexpr size_t kGuardBytes = 4096;
constexpr size_t kStackBytes = 128 << 10;  // reserved, not used: a fiber touches the pages it needs
constexpr size_t kBatch = 32;              // one warp

// Where the switch that is under way comes from: the arriving side completes it.
thread_local Fiber* leaving = nullptr;
}  // namespace

struct Fiber::Context {
#if defined(ALEXNET_SWAP_BY_HAND)
  void* stack_pointer = nullptr;
#else
  ucontext_t machine;
#endif
  const void* stack = nullptr;
  size_t stack_bytes = 0;
  void* fake_stack = nullptr;  // AddressSanitizer's
#if defined(__SANITIZE_THREAD__)
  void* known = __tsan_get_current_fiber();  // ThreadSanitizer's
#endif
};

#if defined(ALEXNET_SWAP_BY_HAND)
// Saves the callee-saved registers on the running stack and its top in *save; continues on the stack `to`.
extern "C" void alexnet_fiber_swap(void** save, void* to);
asm(R"(
.text
.hidden alexnet_fiber_swap
.globl alexnet_fiber_swap
.type alexnet_fiber_swap,@function
alexnet_fiber_swap:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp,(%rdi)
  movq %rsi,%rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size alexnet_fiber_swap,.-alexnet_fiber_swap
)");
#endif

Fiber::Fiber() : context_(new Context) {}

Fiber::Fiber(void (*entry)(), char* stack, size_t stack_bytes) : context_(new Context) {
#if defined(__SANITIZE_THREAD__)
  context_->known = __tsan_create_fiber(0);
#endif
  context_->stack = stack;
  context_->stack_bytes = stack_bytes;
#if defined(ALEXNET_SWAP_BY_HAND)
  // As a call would leave it: a null return address (end of the chain for unwinders) at 8 modulo 16, below it what the
  // swap pops: the entry as return address, six registers.
  void** top = reinterpret_cast<void**>(stack + stack_bytes);
  *--top = nullptr;
  *--top = reinterpret_cast<void*>(entry);
  for (int i = 0; i < 6; ++i) *--top = nullptr;
  context_->stack_pointer = top;
#else
  getcontext(&context_->machine);
  context_->machine.uc_stack.ss_sp = stack;
  context_->machine.uc_stack.ss_size = stack_bytes;
  context_->machine.uc_link = nullptr;
  makecontext(&context_->machine, entry, 0);
#endif
}

Fiber::~Fiber() {
#if defined(__SANITIZE_THREAD__)
  if (context_->stack != nullptr) __tsan_destroy_fiber(context_->known);
#endif
}

void Fiber::switch_to(Fiber& to) {
  leaving = this;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&context_->fake_stack, to.context_->stack, to.context_->stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(to.context_->known, 0);
#endif
#if defined(ALEXNET_SWAP_BY_HAND)
  alexnet_fiber_swap(&context_->stack_pointer, to.context_->stack_pointer);
#else
  swapcontext(&context_->machine, &to.context_->machine);
#endif
  arrive();
}

void Fiber::entered() { arrive(); }

void Fiber::arrive() {
#if defined(__SANITIZE_ADDRESS__)
  // Learns the bounds of an OS thread's own stack when its fiber is left for the first time.
  const void* stack = nullptr;
  size_t bytes = 0;
  __sanitizer_finish_switch_fiber(context_->fake_stack, &stack, &bytes);
  if (leaving->context_->stack == nullptr) {
    leaving->context_->stack = stack;
    leaving->context_->stack_bytes = bytes;
  }
#endif
}

FiberPool::~FiberPool() {
  for (char* map : maps_) {
    const size_t bytes = kBatch * (kGuardBytes + kStackBytes);
#if defined(__SANITIZE_ADDRESS__)
    ASAN_UNPOISON_MEMORY_REGION(map, bytes);
#endif
    munmap(map, bytes);
  }
}

Fiber* FiberPool::take() {
  if (idle_.empty()) grow();
  Fiber* fiber = idle_.back();
  idle_.pop_back();
  return fiber;
}

void FiberPool::grow() {
  const size_t bytes = kBatch * (kGuardBytes + kStackBytes);
  void* map = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (map == MAP_FAILED) throw std::bad_alloc();
  maps_.push_back(static_cast<char*>(map));
  for (size_t i = 0; i < kBatch; ++i) {
    char* guard = static_cast<char*>(map) + i * (kGuardBytes + kStackBytes);
    mprotect(guard, kGuardBytes, PROT_NONE);
    all_.push_back(std::make_unique<Fiber>(entry_, guard + kGuardBytes, kStackBytes));
    idle_.push_back(all_.back().get());
  }
}

}  // namespace alexnet::emulator
