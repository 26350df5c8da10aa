#include "runtime/guard.h"

#include <cstdio>

namespace alexnet {

namespace {
// A plain array: keeping a text must not fail when memory has run out.
thread_local char last_error_text[2048] = "";
}  // namespace

alexnet_status report(const char* function, const Status& status) noexcept {
  if (!status.ok()) std::snprintf(last_error_text, sizeof last_error_text, "%s: %s", function, status.text().c_str());
  return status.code();
}

const char* last_error() noexcept { return last_error_text; }

}  // namespace alexnet
