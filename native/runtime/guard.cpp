#include "runtime/guard.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace alexnet {

namespace {

constexpr std::size_t kTextBytes = 2048;

// The text of one thread, on the heap: a large array here would make the library's thread-local block too large for a
// JVM that has already started ("cannot allocate memory in static TLS block").
struct LastError {
  char* text = nullptr;
  ~LastError() { std::free(text); }
};
thread_local LastError last;

}  // namespace

alexnet_status report(const char* function, const Status& status) noexcept {
  if (status.ok()) return status.code();
  if (last.text == nullptr) last.text = static_cast<char*>(std::malloc(kTextBytes));
  if (last.text != nullptr) std::snprintf(last.text, kTextBytes, "%s: %s", function, status.text().c_str());
  return status.code();
}

const char* last_error() noexcept { return last.text == nullptr ? "" : last.text; }

}  // namespace alexnet
