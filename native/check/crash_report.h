// What a check program says when the code under test crashes it: who it was, and in which case. Then it ends by the
// signal as it would have without.
#ifndef ALEXNET_CHECK_CRASH_REPORT_H
#define ALEXNET_CHECK_CRASH_REPORT_H

#include <string>

namespace alexnet::check {

// From now on SIGSEGV, SIGBUS, SIGFPE and SIGILL are reported on stderr. A sanitizer has reports of its own, so that
// this does nothing in its builds.
void report_crashes();

// While it lives, `doing` is what the report says this program was at.
class CrashNote {
 public:
  explicit CrashNote(const std::string& doing);
  ~CrashNote();
  CrashNote(const CrashNote&) = delete;
  CrashNote& operator=(const CrashNote&) = delete;

 private:
  const std::string* before_;
};

}  // namespace alexnet::check

#endif  // ALEXNET_CHECK_CRASH_REPORT_H
