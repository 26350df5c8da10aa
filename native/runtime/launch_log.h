// LaunchLog: the last launches of a stream, so that the text of a lost device can name them. A fault in a kernel
// appears at a later call that waits, and CUDA does not say whose it was.
#ifndef ALEXNET_RUNTIME_LAUNCH_LOG_H
#define ALEXNET_RUNTIME_LAUNCH_LOG_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "common/status.h"
#include "runtime/shape_text.h"

namespace alexnet {

// One launch, without anything allocated: the text is made when somebody asks.
struct LaunchRecord {
  static constexpr size_t kShapeBytes = 64;

  const char* family = nullptr;
  const char* pass = nullptr;
  const char* variant = nullptr;
  std::string (*shape_text)(const void* shape) = nullptr;
  alignas(8) unsigned char shape[kShapeBytes] = {};

  template <class Shape>
  static LaunchRecord of(const char* family, const char* pass, const char* variant, const Shape& shape) {
    static_assert(sizeof(Shape) <= kShapeBytes && std::is_trivially_copyable<Shape>::value, "a plain small struct");
    LaunchRecord record;
    record.family = family;
    record.pass = pass;
    record.variant = variant;
    record.shape_text = [](const void* bytes) {
      Shape copy;
      std::memcpy(&copy, bytes, sizeof copy);
      return shape_text_of(copy);
    };
    std::memcpy(record.shape, &shape, sizeof shape);
    return record;
  }
  // "conv/wgrad/direct {N 128, C 48, ...}"
  std::string text() const { return format_text("%s/%s/%s {%s}", family, pass, variant, shape_text(shape).c_str()); }
};

class LaunchLog {
 public:
  void note(const LaunchRecord& record) { records_[count_++ % kRecords] = record; }
  // The latest first, separated by commas; empty if there was none.
  std::string text() const {
    std::string all;
    for (uint64_t i = count_; i > 0 && i + kRecords > count_; --i) {
      all += (all.empty() ? "" : ", ") + records_[(i - 1) % kRecords].text();
    }
    return all;
  }

 private:
  static constexpr uint64_t kRecords = 4;
  LaunchRecord records_[kRecords];
  uint64_t count_ = 0;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_LAUNCH_LOG_H
