#include "runtime/guard.h"

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "runtime/printable.h"

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
  if (last.text == nullptr) return status.code();
  const auto keep = [&](const char* text) { std::snprintf(last.text, kTextBytes, "%s: %s", function, text); };
  try {
    keep(printable(status.text(), kTextBytes / 2).c_str());
  } catch (const std::bad_alloc&) {
    keep("out of host memory");
  }
  return status.code();
}

const char* last_error() noexcept { return last.text == nullptr ? "" : last.text; }

}  // namespace alexnet
