#include "check/crash_report.h"

#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>

#include "check/culprit.h"

namespace alexnet::check {

namespace {

const std::string* doing = nullptr;

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

constexpr unsigned kSeconds = 20;  // for the report: a crash inside of malloc would wait for ever

void report(int signal, siginfo_t* info, void* context) {
  const auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const Culprit culprit = Culprit::now(reinterpret_cast<const void*>(registers[REG_RIP]));
  alarm(kSeconds);
  const std::string text = culprit.text();
  std::fprintf(stderr, "FAILED %s: signal %d at address %p: %s\n", doing == nullptr ? "(no case)" : doing->c_str(),
               signal, info->si_addr, text.c_str());
  alarm(0);  // SA_RESETHAND: the instruction runs again, and ends the process
}

#endif

}  // namespace

void report_crashes() {
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  struct sigaction action = {};
  action.sa_flags = SA_SIGINFO | SA_RESETHAND;
  action.sa_sigaction = &report;
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
#endif
}

CrashNote::CrashNote(const std::string& now) : before_(doing) { doing = &now; }
CrashNote::~CrashNote() { doing = before_; }

}  // namespace alexnet::check
