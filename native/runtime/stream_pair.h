// StreamPair: from begin to end two streams of a device have one queue, the first one's. Launches wait until the end,
// where those that both streams have alike are one launch (launches.h). So the products of two towers fill a GPU
// together, where each alone leaves multiprocessors without a block.
//
// Each operation keeps its own stream's workspace, variants and checks. What an operation of one stream writes, none of
// the other's may touch.
#ifndef ALEXNET_RUNTIME_STREAM_PAIR_H
#define ALEXNET_RUNTIME_STREAM_PAIR_H

#include <mutex>
#include <vector>

#include "common/launches.h"
#include "runtime/device.h"

namespace alexnet {

// Begun, ended and started by calls that claim both streams. An operation claims its own stream, so that operations of
// both may come at once.
class StreamPair {
 public:
  // Both claimed. What is queued until the end comes after all that was queued on either stream.
  static Status begin(StreamObject& first, StreamObject& second);
  // Starts what was collected, and ends the pair even if that fails; what is queued later on either comes after it.
  static Status end(StreamObject& first, StreamObject& second);

  StreamPair(StreamObject& first, StreamObject& second) : first_(first), second_(second) {}

  // The stream on which both streams' operations run.
  const StreamObject& queue() const { return first_; }
  // BAD_ARGUMENT if an operation of one stream touches what one of the other writes, or writes what it reads.
  Status admit(const StreamObject& stream, const char* family, const char* pass, const std::vector<Access>& accesses);
  // Takes back the operation that was admitted last of a stream, and what it has launched.
  void withdraw(const StreamObject& stream);
  // What a launcher of one of the streams gets.
  Stream launch_stream(const StreamObject& stream);

 private:
  struct Side {
    struct Operation {
      const char* family;
      const char* pass;
      std::vector<Access> accesses;
      size_t first_launch;
    };
    Launches launches;
    std::vector<Operation> operations;
  };
  Side& side_of(const StreamObject& stream) { return &stream == &first_ ? sides_[0] : sides_[1]; }
  void forget_launches();
  Status start();

  StreamObject& first_;
  StreamObject& second_;
  std::mutex mutex_;  // of operations; launches belong to who claims their stream
  Side sides_[2];
};

}  // namespace alexnet

#endif  // ALEXNET_RUNTIME_STREAM_PAIR_H
