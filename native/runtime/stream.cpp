// A stream's workspace, and the rehearsal that finds out how large it must be.
#include <algorithm>

#include "runtime/device.h"

namespace alexnet {

StreamObject::~StreamObject() {
  (void)release_workspace();
  device().destroy_stream(handle);
}

Status StreamObject::begin_rehearsal() {
  ALEXNET_TRY(require_no_rehearsal());
  rehearsing_ = true;
  rehearsed_bytes_ = 0;
  return {};
}

Status StreamObject::end_rehearsal() {
  ALEXNET_REQUIRE(rehearsing_, ALEXNET_WRONG_STATE, "the stream is not in a rehearsal");
  rehearsing_ = false;
  if (rehearsed_bytes_ <= workspace_bytes_) return {};
  ALEXNET_TRY(device().synchronize(handle));  // an earlier launch may still use the smaller one
  ALEXNET_TRY(release_workspace());
  void* address = nullptr;
  const Status status = device().allocate(MemoryKind::kDevice, rehearsed_bytes_, &address);
  if (!status.ok()) {
    return {status.code(), format_text("no workspace of %lld bytes: %s", static_cast<long long>(rehearsed_bytes_),
                                       status.text().c_str())};
  }
  workspace_ = address;
  workspace_bytes_ = rehearsed_bytes_;
  return {};
}

Status StreamObject::need_workspace(int64_t bytes) {
  if (rehearsing_) {
    rehearsed_bytes_ = std::max(rehearsed_bytes_, bytes);
    return {};
  }
  ALEXNET_REQUIRE(bytes <= workspace_bytes_, ALEXNET_WRONG_STATE,
                  "needs a workspace of %lld bytes, the stream has %lld: rehearse the operation first",
                  static_cast<long long>(bytes), static_cast<long long>(workspace_bytes_));
  return {};
}

Status StreamObject::release_workspace() {
  void* const address = workspace_;
  const int64_t bytes = workspace_bytes_;
  workspace_ = nullptr;
  workspace_bytes_ = 0;
  return address == nullptr ? Status() : device().release(MemoryKind::kDevice, bytes, address);
}

Status StreamObject::require_no_rehearsal() const {
  ALEXNET_REQUIRE(!rehearsing_, ALEXNET_WRONG_STATE, "the stream is in a rehearsal, which takes operations only");
  return {};
}

}  // namespace alexnet
