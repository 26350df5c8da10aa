// Devices and what lives on them. One interface, two implementations: HostDevice (emu and cpu: memory is the host's,
// and everything has finished when a call returns) and CudaDevice (runtime/cuda/).
#ifndef ALEXNET_RUNTIME_DEVICE_H
#define ALEXNET_RUNTIME_DEVICE_H

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/status.h"
#include "common/variant.h"
#include "runtime/handles.h"
#include "runtime/launch_log.h"
#include "runtime/prepared.h"
#include "runtime/races.h"

namespace alexnet {

class StreamObject;
class EventObject;
class GraphObject;
class StreamPair;

enum class MemoryKind : int32_t { kDevice = 0, kHost = 1 };

class Device : public Object {
 public:
  Device(Kind kind, int32_t index) : kind_(kind), index_(index) {}
  const char* type_name() const override { return "device"; }

  Kind kind() const { return kind_; }
  int32_t index() const { return index_; }
  // What variants are chosen for.
  virtual Target target() const { return {kind_, 0, Precision::kFp32}; }
  std::string name() const { return std::string(kind_name(kind_)) + ":" + std::to_string(index_); }

  virtual std::string describe() = 0;  // one JSON object
  virtual Status memory(int64_t* free_bytes, int64_t* total_bytes) = 0;
  // Makes this the device of the calling thread's launches; fails if the device is lost.
  virtual Status make_current() {
    ALEXNET_REQUIRE(!lost_, ALEXNET_DEVICE_LOST, "%s is lost since an earlier fault; close it and start again",
                    name().c_str());
    return {};
  }
  // From now on every call that computes or waits fails.
  void lose() { lost_ = true; }

  // What its operations may compute with on the host; UNSUPPORTED to change where they do not.
  virtual Cores cores() { return {}; }
  virtual Status use_threads(int32_t /*threads*/) {
    return {ALEXNET_UNSUPPORTED, name() + " has no thread count; emu and cpu devices have"};
  }

  virtual Status allocate(MemoryKind memory, int64_t bytes, void** address) = 0;
  // Frees, and says what was wrong with the memory: a guard word was overwritten.
  virtual Status release(MemoryKind memory, int64_t bytes, void* address) = 0;

  // Lets copies between this device and a peer of its kind go directly, and its kernels use the peer's memory, where
  // the hardware can.
  virtual void reach(const Device& /*peer*/) {}
  // Whether it can. Host devices share their memory.
  virtual bool reaches(const Device& peer) const;

  virtual Status create_stream(void** handle) = 0;
  virtual void destroy_stream(void* handle) = 0;
  virtual Status synchronize(void* stream) = 0;
  virtual Status create_event(void** handle) = 0;
  virtual void destroy_event(void* handle) = 0;
  virtual Status record(void* event, void* stream) = 0;
  // The same for its time alone; while capturing it is a node of its own, which every launch passes.
  virtual Status mark(void* event, void* stream) { return record(event, stream); }
  virtual Status wait(void* stream, const EventObject& event) = 0;  // event: of any device
  virtual Status synchronize_event(void* event) = 0;
  // Whether an event that was recorded has been reached; never waits.
  virtual Status reached(void* /*event*/, bool* is) {
    *is = true;
    return {};
  }
  virtual Status elapsed(void* from, void* to, double* time_us) = 0;

  // Any two addresses that this device can reach: host memory, its own, and another CUDA device's if this is one.
  virtual Status copy(void* stream, void* to, const void* from, int64_t bytes) = 0;
  virtual Status fill(void* stream, float* to, int64_t count, float value) = 0;
  virtual Status clear(void* stream, void* to, int64_t bytes) = 0;

  // Recording (graph.h). Where a device can capture, what is queued between begin and end becomes one executable
  // object, which a launch queues as a whole; elsewhere these do nothing and the object is null.
  virtual Status begin_capture(void* /*stream*/) { return {}; }
  virtual Status end_capture(void* /*stream*/, void** executable) {
    *executable = nullptr;
    return {};
  }
  virtual void abandon_capture(void* /*stream*/) {}
  virtual Status launch_executable(void* /*executable*/, void* /*stream*/) { return {}; }
  virtual void destroy_executable(void* /*executable*/) {}

  std::atomic<int64_t> children{0};  // streams, events and arenas not yet closed
  std::atomic<int64_t> streams{0};   // created so far: each has its number
  std::atomic<int64_t> handles{0};   // given out and not yet closed: a device that is opened twice is one device

 private:
  std::atomic<bool> lost_{false};
  const Kind kind_;
  const int32_t index_;
};

Status device_count(Kind kind, int32_t* count);
Status open_device(Kind kind, int32_t index, std::shared_ptr<Device>* device);

constexpr int32_t kHostDevices = 64;  // of each host kind
Status open_host_device(Kind kind, int32_t index, std::shared_ptr<Device>* device);
// Of runtime/cuda/; in a build without CUDA the count is 0 and opening says so.
Status cuda_device_count(int32_t* count);
Status open_cuda_device(int32_t index, std::shared_ptr<Device>* device);

// Something on a device: keeps it alive, and counts as its child.
class Child : public Object {
 public:
  explicit Child(std::shared_ptr<Device> device) : device_(std::move(device)) { ++device_->children; }
  ~Child() override { --device_->children; }
  Device& device() const { return *device_; }
  const std::shared_ptr<Device>& shared_device() const { return device_; }

 private:
  const std::shared_ptr<Device> device_;
};

// For the call that claims it (handles.h); its device, its native handle and the number of its graphs are anybody's.
class StreamObject : public Child {
 public:
  StreamObject(std::shared_ptr<Device> device, void* handle)
      : Child(std::move(device)), handle(handle), number_(++this->device().streams) {}
  ~StreamObject() override;
  const char* type_name() const override { return "stream"; }
  // What a launcher gets.
  Stream launch_stream() const { return {target(), handle, device().cores(), workspace_, workspace_bytes_}; }
  // What its operations are chosen for: its device, in its precision, by its algorithm.
  Target target() const {
    Target target = device().target();
    target.precision = precision_;
    target.algorithm = algorithm_;
    return target;
  }
  // UNSUPPORTED if no variant of the algorithm is of the precision here; nothing changes then.
  Status use_precision(Precision precision);
  Status use_algorithm(Algorithm algorithm);

  // A rehearsal: operations are checked and note the workspace that they need, and nothing is launched. Its end
  // provides the largest one, so that nothing is allocated later.
  Status begin_rehearsal();
  Status end_rehearsal();
  bool rehearsing() const { return rehearsing_; }
  // OK if an operation may be launched that needs a workspace of `bytes`; a rehearsal notes it.
  Status need_workspace(int64_t bytes);
  int64_t workspace_bytes() const { return workspace_bytes_; }
  // Notes in a rehearsal what a person should know of the choice of kernels; "" notes nothing.
  void note_choice(const std::string& text);
  // What was noted so far, a line for each; the same is noted once.
  const std::string& notes() const { return notes_; }
  // Forces a variant that require_variant found; an empty name leaves the pass to the environment again.
  void force(const char* family, const char* pass, const char* variant);
  // What is forced for a pass here, by the stream or by the environment.
  Forced forced(const char* family, const char* pass);
  // Gives the workspace back, and says what was wrong with the memory.
  Status release_workspace();
  // WRONG_STATE in a rehearsal or a pair, which take operations only.
  Status require_any_call() const;
  Status require_no_pair() const;
  // WRONG_STATE in a rehearsal, a pair or a recording: the call works at once, or with memory that a graph cannot keep.
  Status require_immediate() const;

  // Queues an event's mark, or the wait for one.
  Status record(EventObject& event);
  Status wait(const EventObject& event);
  // To be called before what is queued, and on host devices before what is done: races.h, delays.h.
  Status declare(const char* family, const char* pass, const std::vector<Access>& accesses) const {
    return races::work(order_, family, pass, accesses);
  }
  void hesitate();
  Status synchronize();

  // The graph that what is queued here goes into, or null.
  GraphObject* recording() const { return recording_; }
  // The pair that the stream is in, or null (stream_pair.h).
  const std::shared_ptr<StreamPair>& pair() const { return pair_; }
  // Launches on it so far that were of both streams of a pair.
  int64_t joined_launches() const { return joined_launches_; }
  // WRONG_STATE while another thread than the calling one records the stream.
  Status require_own_recording() const;
  // Notes a launch, for the text of a device that is lost later, and passes on `status` with that text.
  void note(const LaunchRecord& record) { log_.note(record); }
  Status blame(Status status) const;

  void* const handle;
  std::atomic<int64_t> graphs{0};  // that this stream is part of
  PreparedLaunches prepared;       // for the call that claims the stream

 private:
  friend class GraphObject;
  friend class StreamPair;
  // Creates the event by which a pair orders the stream, once.
  Status make_turn();

  const int64_t number_;
  const int32_t order_ = races::add_stream();  // its number among all streams, for the search for races
  uint64_t done_ = 0;
  GraphObject* recording_ = nullptr;
  std::shared_ptr<StreamPair> pair_;
  std::shared_ptr<EventObject> turn_;
  int64_t joined_launches_ = 0;
  LaunchLog log_;
  void* workspace_ = nullptr;
  int64_t workspace_bytes_ = 0;
  int64_t rehearsed_bytes_ = 0;
  bool rehearsing_ = false;
  Precision precision_ = Precision::kFp32;
  Algorithm algorithm_ = Algorithm::kDirect;
  std::string notes_;
  struct ForcedHere {
    std::string variant;
    bool asked = false;  // whether an operation asked for the pass
  };
  std::map<std::pair<std::string, std::string>, ForcedHere> forced_;  // by family and pass
};

// The right to use a stream for one call; WRONG_STATE while another thread uses or records it.
template <class Handle>
Status claim_stream(const char* name, Handle* handle, Claim<StreamObject>* stream) {
  ALEXNET_TRY(claim(name, handle, stream));
  return (*stream)->require_own_recording();
}

class EventObject : public Child {
 public:
  EventObject(std::shared_ptr<Device> device, void* handle) : Child(std::move(device)), handle(handle) {}
  ~EventObject() override { device().destroy_event(handle); }
  const char* type_name() const override { return "event"; }

  Status synchronize();

  void* const handle;
  std::atomic<bool> recorded{false};
  Clock clock;  // of the last record
};

class Arena : public Child {
 public:
  Arena(std::shared_ptr<Device> device, MemoryKind memory, int64_t bytes, void* address)
      : Child(std::move(device)), memory(memory), bytes(bytes), address_(address) {}
  ~Arena() override { (void)release(); }
  const char* type_name() const override { return "arena"; }
  Status release() {
    void* address = address_;
    address_ = nullptr;
    return address == nullptr ? Status() : device().release(memory, bytes, address);
  }
  char* address() const { return static_cast<char*>(address_); }

  const MemoryKind memory;
  const int64_t bytes;
  std::atomic<int64_t> buffers{0};

 private:
  void* address_;
};

class Buffer : public Object {
 public:
  Buffer(std::shared_ptr<Arena> arena, int64_t offset, int64_t bytes)
      : bytes(bytes), arena_(std::move(arena)), offset_(offset) {
    ++arena_->buffers;
  }
  ~Buffer() override { --arena_->buffers; }
  const char* type_name() const override { return "buffer"; }
  Arena& arena() const { return *arena_; }
  Device& device() const { return arena_->device(); }
  char* address() const { return arena_->address() + offset_; }
  bool on_host() const { return arena_->memory == MemoryKind::kHost || device().kind() != Kind::kCuda; }

  const int64_t bytes;

 private:
  const std::shared_ptr<Arena> arena_;
  const int64_t offset_;
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_DEVICE_H
