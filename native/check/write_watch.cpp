#include "check/write_watch.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <algorithm>

#include "check/culprit.h"

namespace alexnet::check {

namespace {

constexpr int64_t kWidestStore = 64;  // AVX-512

WriteWatch* watching = nullptr;
bool found = false;
Culprit first;  // that was found
// The store that runs by itself, and what it stores to; null if there is none.
Culprit stepping;
const char* stepping_at = nullptr;
struct sigaction before_fault, before_trap;

char* page_of(char* address) {
  const auto page = uintptr_t(sysconf(_SC_PAGESIZE));
  return reinterpret_cast<char*>(reinterpret_cast<uintptr_t>(address) / page * page);
}

}  // namespace

#if defined(__x86_64__)

constexpr greg_t kTrapFlag = 0x100;

struct WriteWatchSignals {
  static void fault(int, siginfo_t* info, void* context) {
    auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
    const char* const address = static_cast<const char*>(info->si_addr);
    if (watching == nullptr || !watching->holds(address)) {  // somebody else's: as if there had been no watch
      sigaction(SIGSEGV, &before_fault, nullptr);
      return;
    }
    if (stepping_at == nullptr) {
      stepping = Culprit::now(reinterpret_cast<const void*>(registers[REG_RIP]));
      stepping_at = address;
    }
    watching->protect(PROT_READ | PROT_WRITE);
    registers[REG_EFL] |= kTrapFlag;
  }

  static void trap(int, siginfo_t*, void* context) {
    static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_EFL] &= ~kTrapFlag;
    if (watching == nullptr) return;
    if (!found && stepping_at != nullptr && watching->changed(stepping_at)) {
      found = true;
      first = stepping;
    }
    stepping_at = nullptr;
    watching->protect(PROT_READ);
  }

  static void install() {
    struct sigaction action = {};
    action.sa_flags = SA_SIGINFO;
    action.sa_sigaction = &fault;
    sigaction(SIGSEGV, &action, &before_fault);
    action.sa_sigaction = &trap;
    sigaction(SIGTRAP, &action, &before_trap);
  }
};

#else

struct WriteWatchSignals {
  static void install() {}
};

#endif

void WriteWatch::add(const void* address, int64_t bytes) {
  char* const begin = static_cast<char*>(const_cast<void*>(address));
  ranges_.push_back({begin, begin + bytes, {begin, begin + bytes}});
  pages_.push_back({page_of(begin), page_of(begin + bytes - 1) + sysconf(_SC_PAGESIZE)});
}

void WriteWatch::start() {
#if defined(__x86_64__)
  if (started_ || watching != nullptr) return;
  started_ = true;
  watching = this;
  found = false;
  stepping_at = nullptr;
  WriteWatchSignals::install();
  protect(PROT_READ);
#endif
}

void WriteWatch::stop() {
  if (!started_) return;
  started_ = false;
  protect(PROT_READ | PROT_WRITE);
  watching = nullptr;
  sigaction(SIGSEGV, &before_fault, nullptr);
  sigaction(SIGTRAP, &before_trap, nullptr);
}

std::string WriteWatch::culprit() const { return found ? first.text() : ""; }

bool WriteWatch::holds(const char* address) const {
  return std::any_of(pages_.begin(), pages_.end(),
                     [&](const Pages& p) { return address >= p.begin && address < p.end; });
}

void WriteWatch::protect(int protection) const {
  for (const Pages& pages : pages_) mprotect(pages.begin, size_t(pages.end - pages.begin), protection);
}

bool WriteWatch::changed(const char* from) const {
  for (const Range& range : ranges_) {
    const char* const last = std::min<const char*>(range.end, from + kWidestStore);
    for (const char* at = std::max<const char*>(range.begin, from); at < last; ++at) {
      if (*at != range.before[size_t(at - range.begin)]) return true;
    }
  }
  return false;
}

}  // namespace alexnet::check
