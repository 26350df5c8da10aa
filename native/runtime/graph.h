// GraphObject: what was queued on some streams, recorded once and repeated by one call.
//
// On cuda it is one CUDA graph captured from all the streams, which may belong to several devices: every stream joins
// the first one's capture by an event and is joined back at its end, so that dependencies between devices are edges of
// the graph. (Event waits between graphs that are launched one by one would have no such pairing.) On emu and cpu it is
// the list of calls, repeated in the order in which they were recorded.
//
// Values that a call was given are part of the recording; what changes from step to step lies in the device's memory.
#ifndef ALEXNET_RUNTIME_GRAPH_H
#define ALEXNET_RUNTIME_GRAPH_H

#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/device.h"

namespace alexnet {

// For the call that claims it; while it is recorded, also for calls of the recording thread on its streams.
class GraphObject : public Object {
 public:
  // Starts to record `streams`, all of one kind and claimed; the first one launches the graph later.
  static Status record(std::vector<std::shared_ptr<StreamObject>> streams, std::shared_ptr<GraphObject>* graph);
  ~GraphObject() override;
  const char* type_name() const override { return "graph"; }

  // Each claims the streams that it uses. A recording ends in the thread that began it.
  Status finish();
  Status launch();
  // Throws a recording away, if there is one.
  Status abandon();

  // Whether the calling thread began the recording.
  bool is_recorder() const { return recorder_ == std::this_thread::get_id(); }

  // While recording: a call to be repeated (on cuda the capture does that by itself), what must outlive the graph, and
  // an event's mark, which is all that a recorded stream may wait for.
  void add(std::function<Status()> call) { calls_.push_back(std::move(call)); }
  void keep(std::shared_ptr<Object> object) { kept_.push_back(std::move(object)); }
  void mark(const std::shared_ptr<EventObject>& event);
  bool has_mark(const EventObject& event) const;
  void count_launch() { ++step_.launches; }

 private:
  explicit GraphObject(std::vector<std::shared_ptr<StreamObject>> streams) : streams_(std::move(streams)) {}
  Status fork();
  Status join();
  void leave_streams();
  Status claim_streams(size_t count, std::vector<Claim<StreamObject>>* claims) const;
  Device& device() const { return streams_[0]->device(); }

  const std::vector<std::shared_ptr<StreamObject>> streams_;
  const std::thread::id recorder_ = std::this_thread::get_id();
  std::vector<std::shared_ptr<EventObject>> ends_;  // of each stream, to join it; the first is also the start of all
  std::vector<std::function<Status()>> calls_;
  std::vector<std::shared_ptr<Object>> kept_;
  std::vector<const EventObject*> marks_;
  RecordedStep step_ = {0};
  void* executable_ = nullptr;
  enum class State { kNew, kRecording, kReady, kFailed } state_ = State::kNew;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_GRAPH_H
