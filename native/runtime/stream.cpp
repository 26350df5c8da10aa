// A stream: events, its workspace and the rehearsal that finds out how large it must be, what a lost device says of it.
#include <algorithm>

#include "runtime/delays.h"
#include "runtime/device.h"
#include "runtime/fault.h"
#include "runtime/graph.h"

namespace alexnet {

StreamObject::~StreamObject() {
  (void)release_workspace();
  device().destroy_stream(handle);
  races::remove_stream(order_);
}

Status StreamObject::record(EventObject& event) {
  hesitate();
  ALEXNET_TRY(device().record(event.handle, handle));
  races::record(order_, &event.clock);
  return {};
}

Status StreamObject::wait(const EventObject& event) {
  hesitate();
  ALEXNET_TRY(device().wait(handle, event));
  races::wait(order_, event.clock);
  return {};
}

void StreamObject::hesitate() {
  if (device().kind() != Kind::kCuda) delays::before(order_, done_++);
}

Status StreamObject::synchronize() {
  ALEXNET_TRY(device().synchronize(handle));
  races::host_waited(order_);
  return {};
}

Status EventObject::synchronize() {
  ALEXNET_TRY(device().synchronize_event(handle));
  races::host_waited(clock);
  return {};
}

// Host devices share their memory.
bool Device::reaches(const Device& peer) const {
  return &peer == this || (peer.kind() == kind() && !fault_is("peer_refused"));
}

Status StreamObject::use_precision(Precision precision) {
  Target wanted = target();
  wanted.precision = precision;
  ALEXNET_TRY(require_algorithm(wanted));
  precision_ = precision;
  return {};
}

Status StreamObject::use_algorithm(Algorithm algorithm) {
  Target wanted = target();
  wanted.algorithm = algorithm;
  ALEXNET_TRY(require_algorithm(wanted));
  algorithm_ = algorithm;
  return {};
}

void StreamObject::note_choice(const std::string& text) {
  if (text.empty() || notes_.find(text + "\n") != std::string::npos) return;
  notes_ += text + "\n";
}

void StreamObject::force(const char* family, const char* pass, const char* variant) {
  if (*variant == '\0') {
    forced_.erase({family, pass});
  } else {
    forced_[{family, pass}] = {variant};
  }
}

Forced StreamObject::forced(const char* family, const char* pass) {
  if (!forced_.empty()) {
    const auto found = forced_.find({family, pass});
    if (found != forced_.end()) {
      found->second.asked = true;
      return {found->second.variant, "the stream"};
    }
  }
  return forced_by_environment(family, pass);
}

Status StreamObject::begin_rehearsal() {
  ALEXNET_TRY(require_immediate());
  rehearsing_ = true;
  rehearsed_bytes_ = 0;
  return {};
}

Status StreamObject::end_rehearsal() {
  ALEXNET_REQUIRE(rehearsing_, ALEXNET_WRONG_STATE, "the stream is not in a rehearsal");
  rehearsing_ = false;
  for (const auto& [place, forced] : forced_) {
    if (forced.asked) continue;
    note_choice(place.first + " " + place.second + ": '" + forced.variant +
                "' is forced, but no operation is of this pass");
  }
  if (rehearsed_bytes_ <= workspace_bytes_) return {};
  ALEXNET_REQUIRE(graphs == 0, ALEXNET_WRONG_STATE,
                  "a larger workspace is needed, but %lld graphs use the present one: close them first",
                  static_cast<long long>(graphs));
  ALEXNET_TRY(synchronize());  // an earlier launch may still use the smaller one
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

Status StreamObject::require_any_call() const {
  ALEXNET_REQUIRE(!rehearsing_, ALEXNET_WRONG_STATE, "the stream is in a rehearsal, which takes operations only");
  return require_no_pair();
}

Status StreamObject::require_no_pair() const {
  ALEXNET_REQUIRE(pair_ == nullptr, ALEXNET_WRONG_STATE, "the stream is in a pair, which takes operations only");
  return {};
}

Status StreamObject::make_turn() {
  if (turn_ != nullptr) return {};
  void* event = nullptr;
  ALEXNET_TRY(device().create_event(&event));
  turn_ = std::make_shared<EventObject>(shared_device(), event);
  return {};
}

Status StreamObject::require_immediate() const {
  ALEXNET_TRY(require_any_call());
  ALEXNET_REQUIRE(recording_ == nullptr, ALEXNET_WRONG_STATE,
                  "the stream is being recorded, which takes operations, copies between buffers, fills and events");
  return {};
}

Status StreamObject::require_own_recording() const {
  ALEXNET_REQUIRE(recording_ == nullptr || recording_->is_recorder(), ALEXNET_WRONG_STATE,
                  "the stream is being recorded by another thread");
  return {};
}

Status StreamObject::blame(Status status) const {
  const std::string launches = log_.text();
  if (status.code() != ALEXNET_DEVICE_LOST || launches.empty()) return status;
  return {ALEXNET_DEVICE_LOST, status.text() + "; the last launches on stream " + std::to_string(number_) + " of " +
                                   device().name() + ", the latest first: " + launches};
}

}  // namespace alexnet
