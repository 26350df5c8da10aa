// Status: how native code reports an error, as a value. Nothing in kernels/ or native/ prints, exits or throws across
// a boundary; Java turns a status into an exception in one place.
#ifndef ALEXNET_STATUS_H
#define ALEXNET_STATUS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t alexnet_status;
enum {
  ALEXNET_OK = 0,
  ALEXNET_BAD_ARGUMENT = 1,  // null or closed handle, foreign device, value out of range
  ALEXNET_BAD_SHAPE = 2,     // a shape that no kernel accepts, or a buffer too small for it
  ALEXNET_WRONG_STATE = 3,   // calls in the wrong order
  ALEXNET_OUT_OF_MEMORY = 4,
  ALEXNET_NO_DEVICE = 5,    // the device asked for is not there, or not in this build
  ALEXNET_DEVICE_LOST = 6,  // an asynchronous fault; every later call on the device fails at once
  ALEXNET_UNSUPPORTED = 7,  // valid, but not offered by this device kind, or by a library that is missing
  ALEXNET_BACKEND = 8,      // a call of CUDA, MPI or NCCL failed, or a fault was asked for; the text says which
  ALEXNET_INTERNAL = 9,     // an exception at the boundary, a kernel fault that the emulator saw, a race that was found
};

#ifdef __cplusplus
}  // extern "C"

#include <string>
#include <utility>

namespace alexnet {

// A code and, when it is not OK, a sentence: operation, value, what is allowed.
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(alexnet_status code, std::string text) : code_(code), text_(std::move(text)) {}

  bool ok() const { return code_ == ALEXNET_OK; }
  alexnet_status code() const { return code_; }
  const std::string& text() const { return text_; }

 private:
  alexnet_status code_ = ALEXNET_OK;
  std::string text_;
};

// printf-style text for a Status.
std::string format_text(const char* format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace alexnet

// Returns BAD_SHAPE or BAD_ARGUMENT with a text from the enclosing function if the condition does not hold.
#define ALEXNET_REQUIRE(condition, code, ...)                                                \
  do {                                                                                       \
    if (!(condition)) return ::alexnet::Status((code), ::alexnet::format_text(__VA_ARGS__)); \
  } while (0)

// Returns the status of an expression from the enclosing function unless it is OK.
#define ALEXNET_TRY(expression)                     \
  do {                                              \
    ::alexnet::Status status_of_try = (expression); \
    if (!status_of_try.ok()) return status_of_try;  \
  } while (0)
#endif  // __cplusplus

#endif  // ALEXNET_STATUS_H
