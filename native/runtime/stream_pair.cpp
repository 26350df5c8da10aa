#include "runtime/stream_pair.h"

#include "runtime/graph.h"

namespace alexnet {

namespace {

// Makes what is queued on `behind` from now on come after what was queued on `before`.
Status follow(StreamObject& behind, StreamObject& before, EventObject& event) {
  ALEXNET_TRY(before.record(event));
  return behind.wait(event);
}

// Whether two operations would differ if they ran in another order: the operand of the first that says so, or null.
const Access* conflict(const std::vector<Access>& mine, const std::vector<Access>& others) {
  for (const Access& one : mine) {
    for (const Access& other : others) {
      const bool meet = one.begin < other.end && other.begin < one.end;
      if (meet && (one.writes || other.writes)) return &one;
    }
  }
  return nullptr;
}

}  // namespace

Status StreamPair::begin(StreamObject& first, StreamObject& second) {
  ALEXNET_REQUIRE(&first.device() == &second.device(), ALEXNET_BAD_ARGUMENT, "first lives on %s, second on %s",
                  first.device().name().c_str(), second.device().name().c_str());
  ALEXNET_TRY(first.require_any_call());
  ALEXNET_TRY(second.require_any_call());
  ALEXNET_REQUIRE(first.recording() == second.recording(), ALEXNET_WRONG_STATE,
                  "one stream is recorded by a graph, and the other is not part of that recording");
  ALEXNET_TRY(first.make_turn());
  ALEXNET_TRY(second.make_turn());
  auto pair = std::make_shared<StreamPair>(first, second);
  ALEXNET_TRY(follow(first, second, *second.turn_));
  GraphObject* const graph = first.recording();
  // A launch of the graph that failed may have left some.
  if (graph != nullptr && first.device().kind() != Kind::kCuda) {
    graph->add([pair]() -> Status {
      pair->forget_launches();
      return {};
    });
  }
  first.pair_ = pair;
  second.pair_ = std::move(pair);
  return {};
}

Status StreamPair::end(StreamObject& first, StreamObject& second) {
  const std::shared_ptr<StreamPair> pair = first.pair_;
  ALEXNET_REQUIRE(pair != nullptr && pair == second.pair_ && &pair->first_ == &first && &first != &second,
                  ALEXNET_WRONG_STATE, "first and second are not a pair, in this order");
  first.pair_ = nullptr;
  second.pair_ = nullptr;
  GraphObject* const graph = first.recording();
  Status status;
  if (graph != nullptr && first.device().kind() != Kind::kCuda) {
    graph->add([pair] { return pair->start(); });
  } else {
    try {
      status = pair->start();
    } catch (...) {
      (void)follow(second, first, *first.turn_);  // behind what was started
      throw;
    }
  }
  const Status followed = follow(second, first, *first.turn_);
  return status.ok() ? followed : status;
}

Status StreamPair::admit(const StreamObject& stream, const char* family, const char* pass,
                         const std::vector<Access>& accesses) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Side& mine = side_of(stream);
  const Side& others = &mine == &sides_[0] ? sides_[1] : sides_[0];
  for (const Side::Operation& other : others.operations) {
    const Access* const found = conflict(accesses, other.accesses);
    ALEXNET_REQUIRE(found == nullptr, ALEXNET_BAD_ARGUMENT,
                    "%s/%s of the pair's other stream has %s too, and one of them writes it", other.family, other.pass,
                    found->operand);
  }
  mine.operations.push_back({family, pass, accesses, mine.launches.size()});
  return {};
}

void StreamPair::withdraw(const StreamObject& stream) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Side& mine = side_of(stream);
  mine.launches.resize(mine.operations.back().first_launch);
  mine.operations.pop_back();
}

Stream StreamPair::launch_stream(const StreamObject& stream) {
  Stream to = stream.launch_stream();
  to.handle = first_.handle;
  to.collected = &side_of(stream).launches;
  return to;
}

void StreamPair::forget_launches() {
  for (Side& side : sides_) side.launches.clear();
}

Status StreamPair::start() {
  Device& device = first_.device();
  Status status = device.make_current();
  if (status.ok()) {
    status = start_together(sides_[0].launches, sides_[1].launches, first_.launch_stream(), &first_.joined_launches_);
  }
  forget_launches();
  if (status.code() == ALEXNET_DEVICE_LOST) device.lose();
  return second_.blame(first_.blame(std::move(status)));
}

}  // namespace alexnet
