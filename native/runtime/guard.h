// guard: the body of every function of the C ABI runs inside it. No exception passes, and the text of a failure is kept
// for alexnet_last_error().
#ifndef ALEXNET_RUNTIME_GUARD_H
#define ALEXNET_RUNTIME_GUARD_H

#include <exception>
#include <new>
#include <utility>

#include "common/status.h"

namespace alexnet {

// Keeps "function: text" as the calling thread's last error, unless the status is OK. Returns its code.
alexnet_status report(const char* function, const Status& status) noexcept;
const char* last_error() noexcept;

template <class Body>
alexnet_status guard(const char* function, Body&& body) noexcept {
  try {
    return report(function, std::forward<Body>(body)());
  } catch (const std::bad_alloc&) {
    return report(function, Status(ALEXNET_OUT_OF_MEMORY, "out of host memory"));
  } catch (const std::exception& error) {
    return report(function, Status(ALEXNET_INTERNAL, error.what()));
  } catch (...) {
    return report(function, Status(ALEXNET_INTERNAL, "an exception of unknown type"));
  }
}

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_GUARD_H
