#include "runtime/graph.h"

#include <algorithm>

namespace alexnet {

Status GraphObject::record(std::vector<std::shared_ptr<StreamObject>> streams, std::shared_ptr<GraphObject>* graph) {
  ALEXNET_REQUIRE(!streams.empty(), ALEXNET_BAD_ARGUMENT, "there are no streams");
  for (size_t i = 0; i < streams.size(); ++i) {
    const StreamObject& stream = *streams[i];
    ALEXNET_TRY(stream.require_immediate());
    ALEXNET_REQUIRE(stream.device().kind() == streams[0]->device().kind(), ALEXNET_BAD_ARGUMENT,
                    "one stream is of %s, another of %s", streams[0]->device().name().c_str(),
                    stream.device().name().c_str());
  }
  std::shared_ptr<GraphObject> made(new GraphObject(std::move(streams)));
  for (const std::shared_ptr<StreamObject>& stream : made->streams_) {
    void* event = nullptr;
    ALEXNET_TRY(stream->device().create_event(&event));
    ALEXNET_TRY(stream->make_turn());  // for pairs, as nothing is created in a recording
    made->ends_.push_back(std::make_shared<EventObject>(stream->shared_device(), event));
  }
  ALEXNET_TRY(made->device().begin_capture(made->streams_[0]->handle));
  made->state_ = State::kRecording;
  for (const std::shared_ptr<StreamObject>& stream : made->streams_) {
    stream->recording_ = made.get();
    ++stream->graphs;
  }
  ALEXNET_TRY(made->fork());
  *graph = std::move(made);
  return {};
}

// The other streams start behind the first one.
Status GraphObject::fork() {
  const std::shared_ptr<EventObject>& start = ends_[0];
  if (streams_.size() == 1) return {};
  ALEXNET_TRY(streams_[0]->record(*start));
  for (size_t i = 1; i < streams_.size(); ++i) ALEXNET_TRY(streams_[i]->wait(*start));
  return {};
}

// The first stream ends behind all others.
Status GraphObject::join() {
  for (size_t i = 1; i < streams_.size(); ++i) {
    ALEXNET_TRY(streams_[i]->record(*ends_[i]));
    ALEXNET_TRY(streams_[0]->wait(*ends_[i]));
  }
  return {};
}

Status GraphObject::finish() {
  ALEXNET_REQUIRE(state_ == State::kRecording, ALEXNET_WRONG_STATE, "the graph is not being recorded");
  ALEXNET_REQUIRE(is_recorder(), ALEXNET_WRONG_STATE, "the graph is being recorded by another thread");
  std::vector<Claim<StreamObject>> claims;
  ALEXNET_TRY(claim_streams(streams_.size(), &claims));
  for (const Claim<StreamObject>& stream : claims) ALEXNET_TRY(stream->require_no_pair());
  Status status = join();
  if (status.ok()) status = device().end_capture(streams_[0]->handle, &executable_);
  leave_streams();
  if (status.ok()) state_ = State::kReady;
  return status;
}

Status GraphObject::abandon() {
  if (state_ != State::kRecording) return {};
  ALEXNET_REQUIRE(is_recorder() || device().kind() != Kind::kCuda, ALEXNET_WRONG_STATE,
                  "the graph is being recorded by another thread, which alone can end that on cuda");
  std::vector<Claim<StreamObject>> claims;
  ALEXNET_TRY(claim_streams(streams_.size(), &claims));
  leave_streams();
  return {};
}

// The first `count` streams.
Status GraphObject::claim_streams(size_t count, std::vector<Claim<StreamObject>>* claims) const {
  claims->resize(count);
  for (size_t i = 0; i < count; ++i) ALEXNET_TRY((*claims)[i].of("a stream of the graph", streams_[i]));
  return {};
}

Status GraphObject::launch() {
  ALEXNET_REQUIRE(state_ == State::kReady, ALEXNET_WRONG_STATE, "the recording of the graph has not ended well");
  // A host device walks the calls on all streams now, cuda queues one object on the first.
  std::vector<Claim<StreamObject>> claims;
  ALEXNET_TRY(claim_streams(device().kind() == Kind::kCuda ? 1 : streams_.size(), &claims));
  StreamObject& first = *streams_[0];
  ALEXNET_TRY(first.require_immediate());
  for (const Claim<StreamObject>& stream : claims) ALEXNET_TRY(stream->require_no_pair());
  ALEXNET_TRY(device().make_current());
  ALEXNET_TRY(first.declare("graph", "launch", {}));
  for (const std::function<Status()>& call : calls_) ALEXNET_TRY(call());
  if (executable_ == nullptr) return {};
  first.note(LaunchRecord::of("recorded", "step", "graph", step_));
  return first.blame(device().launch_executable(executable_, first.handle));
}

void GraphObject::mark(const std::shared_ptr<EventObject>& event) {
  marks_.push_back(event.get());
  keep(event);
}

bool GraphObject::has_mark(const EventObject& event) const {
  return std::find(marks_.begin(), marks_.end(), &event) != marks_.end();
}

// Gives the streams, all claimed, back; a capture that has not ended well is thrown away.
void GraphObject::leave_streams() {
  for (const std::shared_ptr<StreamObject>& stream : streams_) {
    stream->recording_ = nullptr;
    stream->pair_ = nullptr;
  }
  device().abandon_capture(streams_[0]->handle);
  state_ = State::kFailed;
}

GraphObject::~GraphObject() {
  if (state_ == State::kNew) return;
  if (state_ == State::kRecording) leave_streams();  // record() failed, and its caller still has the claims
  if (executable_ != nullptr) device().destroy_executable(executable_);
  for (const std::shared_ptr<StreamObject>& stream : streams_) --stream->graphs;
}

}  // namespace alexnet
