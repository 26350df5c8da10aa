#include "nccl/communicator.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

namespace alexnet::nccl {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kSpins = 200;
constexpr auto kPause = std::chrono::microseconds(20);
constexpr auto kLook = std::chrono::milliseconds(20);
constexpr auto kLongestEnd = std::chrono::seconds(5);

struct Job {
  Move move;
  std::shared_ptr<EventObject> ready, done;  // what is sent is there; the move is complete
  double time_us = 0;
};

Status make_event(const std::shared_ptr<Device>& device, std::shared_ptr<EventObject>* event) {
  void* handle = nullptr;
  ALEXNET_TRY(device->create_event(&handle));
  *event = std::make_shared<EventObject>(device, handle);
  return {};
}

}  // namespace

Move allgather(const std::shared_ptr<Buffer>& buffer, const Pieces& pieces, int rank) {
  const size_t ranks = pieces.first.size(), own = size_t(rank);
  Move move{"allgather", buffer, buffer, {}, pieces, pieces.bytes[0]};
  move.sent.first.assign(ranks, pieces.first[own]);
  move.sent.bytes.assign(ranks, pieces.bytes[own]);
  move.sent.bytes[own] = move.received.bytes[own] = 0;  // is there
  for (size_t r = 0; r < ranks; ++r) {
    const bool next = pieces.first[r] == pieces.first[0] + int64_t(r) * pieces.bytes[0];
    if (pieces.bytes[r] != pieces.bytes[0] || !next) move.gathered = 0;
  }
  return move;
}

// What the communicator and its thread share.
struct Communicator::Work {
  const Library* library = nullptr;
  std::shared_ptr<Device> device;
  std::shared_ptr<StreamObject> stream;  // of all moves
  Id id;
  int rank = 0, ranks = 0;
  Clock::duration patience;

  std::mutex mutex;  // for all that follows
  std::condition_variable changed;
  std::deque<int64_t> waiting;
  std::map<int64_t, std::shared_ptr<Job>> jobs;  // posted and not yet joined
  int64_t posted = 0;                            // 0: joining the others
  int64_t complete = -1;
  Clock::time_point since = Clock::now();  // the move under way waits for others since then
  Status failure;                          // the first one
  Comm* comm = nullptr;
  bool ended = false, thread_gone = false;

  std::string place() const {
    return library->name + ", rank " + std::to_string(rank) + " of " + std::to_string(ranks);
  }

  // Ends all moves, with a cause that is told unless there was one before.
  void give_up(const Status& cause) {
    Comm* aborted = nullptr;
    {
      const std::lock_guard lock(mutex);
      if (failure.ok()) failure = cause;
      std::swap(aborted, comm);
    }
    changed.notify_all();
    if (aborted != nullptr) (void)library->comm_abort(aborted);
  }

  Status wait_for(std::unique_lock<std::mutex>& lock, int64_t ticket, const char* what) {
    while (complete < ticket) {
      ALEXNET_TRY(failure);
      if (Clock::now() - since > patience) {
        const Status late = {
            ALEXNET_BACKEND,
            format_text("%s by %s: no answer of other ranks for %lld s (ALEXNET_PATIENCE)", what, place().c_str(),
                        static_cast<long long>(std::chrono::duration_cast<std::chrono::seconds>(patience).count()))};
        lock.unlock();
        give_up(late);
        lock.lock();
        return failure;
      }
      changed.wait_for(lock, kLook);
    }
    return {};
  }

  // ---- the thread's ----

  Status connect() {
    ALEXNET_TRY(device->make_current());
    Comm* made = nullptr;
    ALEXNET_TRY(said(*library, library->comm_init_rank(&made, ranks, id, rank), "ncclCommInitRank"));
    const std::lock_guard lock(mutex);
    comm = made;  // also if somebody has given up meanwhile: it is aborted at the end
    return failure;
  }

  Status queue(const Move& move, Comm* on) {
    char* const to = move.to->address();
    const char* const from = move.from->address();
    void* const at = stream->handle;
    if (move.gathered > 0) {
      const char* const own = from + move.sent.first[size_t(rank)];
      return said(*library,
                  library->all_gather(own, to + move.received.first[0], size_t(move.gathered), kUint8, on, at),
                  "ncclAllGather");
    }
    ALEXNET_TRY(said(*library, library->group_start(), "ncclGroupStart"));
    Status status;  // a group that was begun ends, whatever happens in it
    for (int peer = 0; peer < ranks; ++peer) {
      const size_t r = size_t(peer);
      if (status.ok() && move.sent.bytes[r] > 0) {
        status =
            said(*library, library->send(from + move.sent.first[r], size_t(move.sent.bytes[r]), kUint8, peer, on, at),
                 "ncclSend");
      }
      if (status.ok() && move.received.bytes[r] > 0) {
        status =
            said(*library,
                 library->receive(to + move.received.first[r], size_t(move.received.bytes[r]), kUint8, peer, on, at),
                 "ncclRecv");
      }
    }
    const Status end = said(*library, library->group_end(), "ncclGroupEnd");
    return status.ok() ? end : status;
  }

  // Looks until an event is reached, and at what NCCL has to say meanwhile.
  Status watch(const EventObject& event) {
    for (int look = 0;; ++look) {
      {
        const std::lock_guard lock(mutex);
        ALEXNET_TRY(failure);
        Result error = kSuccess;
        ALEXNET_TRY(said(*library, library->comm_get_async_error(comm, &error), "ncclCommGetAsyncError"));
        if (error != kInProgress) ALEXNET_TRY(said(*library, error, "while moving"));
      }
      bool reached = false;
      ALEXNET_TRY(device->reached(event.handle, &reached));
      if (reached) return {};
      if (look < kSpins) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(kPause);
      }
    }
  }

  void wait_anew() {
    const std::lock_guard lock(mutex);
    since = Clock::now();
  }

  Status carry_out(Job& job) {
    Comm* on = nullptr;
    {
      const std::lock_guard lock(mutex);
      ALEXNET_TRY(failure);
      on = comm;
      since = Clock::now();
    }
    // What is sent was made by then on host devices; their wait was noted when the move was posted.
    if (device->kind() == Kind::kCuda) ALEXNET_TRY(device->wait(stream->handle, *job.ready));
    ALEXNET_TRY(queue(job.move, on));
    ALEXNET_TRY(device->record(job.done->handle, stream->handle));
    ALEXNET_TRY(watch(*job.ready));
    wait_anew();
    ALEXNET_TRY(watch(*job.done));
    return device->elapsed(job.ready->handle, job.done->handle, &job.time_us);
  }

  // Returns the next move, or null at the end.
  std::shared_ptr<Job> next() {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return ended || !failure.ok() || !waiting.empty(); });
    if (ended || !failure.ok()) return nullptr;
    const std::shared_ptr<Job> job = jobs[waiting.front()];
    waiting.pop_front();
    return job;
  }

  void finished(const Status& status, const char* what) {
    if (!status.ok()) {
      bool first;
      {
        const std::lock_guard lock(mutex);
        first = failure.ok();
      }
      give_up(first ? Status(status.code(), format_text("%s by %s: %s", what, place().c_str(), status.text().c_str()))
                    : status);
      return;
    }
    {
      const std::lock_guard lock(mutex);
      ++complete;
      since = Clock::now();
    }
    changed.notify_all();
  }

  void run() {
    finished(connect(), "joining");
    while (const std::shared_ptr<Job> job = next()) finished(carry_out(*job), job->move.name);
    Comm* left = nullptr;
    bool orderly;
    {
      const std::lock_guard lock(mutex);
      std::swap(left, comm);
      orderly = failure.ok();
    }
    if (left != nullptr) (void)(orderly ? library->comm_destroy(left) : library->comm_abort(left));
    {
      const std::lock_guard lock(mutex);
      thread_gone = true;
    }
    changed.notify_all();
  }
};

Communicator::Communicator(const std::shared_ptr<Device>& device, std::shared_ptr<Work> work)
    : Child(device), work_(std::move(work)) {}

Communicator::~Communicator() { close(); }

int Communicator::rank() const { return work_->rank; }
int Communicator::ranks() const { return work_->ranks; }

Status Communicator::create(const std::shared_ptr<Device>& device, const Id& id, int rank, int ranks,
                            int64_t patience_ms, std::shared_ptr<Communicator>* communicator) {
  const auto work = std::make_shared<Work>();
  ALEXNET_TRY(require_library(&work->library));
  const bool on_gpu = device->kind() == Kind::kCuda;
  ALEXNET_REQUIRE(on_gpu != work->library->is_stand_in, ALEXNET_UNSUPPORTED, "%s moves memory of %s, not of %s",
                  work->library->name.c_str(), on_gpu ? "the host" : "GPUs", device->name().c_str());
  void* stream = nullptr;
  ALEXNET_TRY(device->create_stream(&stream));
  work->device = device;
  work->stream = std::make_shared<StreamObject>(device, stream);
  work->id = id;
  work->rank = rank;
  work->ranks = ranks;
  work->patience = std::chrono::milliseconds(patience_ms);
  communicator->reset(new Communicator(device, work));
  // Detached, as it may be inside of NCCL for ever; `thread_gone` says when it is not.
  std::thread([work] { work->run(); }).detach();
  std::unique_lock lock(work->mutex);
  return work->wait_for(lock, 0, "joining");
}

Status Communicator::post(StreamObject& stream, Move move, int64_t* ticket) {
  Work& w = *work_;
  const auto job = std::make_shared<Job>();
  ALEXNET_TRY(make_event(w.device, &job->ready));
  ALEXNET_TRY(make_event(w.device, &job->done));
  ALEXNET_TRY(stream.record(*job->ready));
  const std::lock_guard lock(w.mutex);
  ALEXNET_TRY(w.failure);
  ALEXNET_REQUIRE(!w.ended, ALEXNET_WRONG_STATE, "the communicator is closed");
  if (w.device->kind() != Kind::kCuda) {
    // For the search for races, which knows the order in which moves are posted, not the thread that makes them.
    std::vector<Access> accesses;
    for (size_t r = 0; r < move.sent.first.size(); ++r) {
      const char* const from = move.from->address() + move.sent.first[r];
      const char* const to = move.to->address() + move.received.first[r];
      if (move.sent.bytes[r] > 0) accesses.push_back({"from", from, from + move.sent.bytes[r], false});
      if (move.received.bytes[r] > 0) accesses.push_back({"to", to, to + move.received.bytes[r], true});
    }
    ALEXNET_TRY(w.stream->wait(*job->ready));
    ALEXNET_TRY(w.stream->declare("nccl", move.name, accesses));
    ALEXNET_TRY(w.stream->record(*job->done));
  }
  if (w.posted == w.complete) w.since = Clock::now();
  job->move = std::move(move);
  *ticket = ++w.posted;
  w.jobs[*ticket] = job;
  w.waiting.push_back(*ticket);
  w.changed.notify_all();
  return {};
}

Status Communicator::await(int64_t ticket, double* time_us) {
  Work& w = *work_;
  std::unique_lock lock(w.mutex);
  const auto found = w.jobs.find(ticket);
  ALEXNET_REQUIRE(found != w.jobs.end(), ALEXNET_BAD_ARGUMENT, "no move has ticket %lld, or it was joined",
                  static_cast<long long>(ticket));
  const std::shared_ptr<Job> job = found->second;
  ALEXNET_TRY(w.wait_for(lock, ticket, job->move.name));
  *time_us = job->time_us;
  return {};
}

Status Communicator::join(int64_t ticket, StreamObject& stream) {
  Work& w = *work_;
  const std::lock_guard lock(w.mutex);
  const auto found = w.jobs.find(ticket);
  ALEXNET_REQUIRE(found != w.jobs.end() && ticket <= w.complete, ALEXNET_WRONG_STATE,
                  "the move with ticket %lld was not awaited, or was joined", static_cast<long long>(ticket));
  ALEXNET_TRY(stream.wait(*found->second->done));
  w.jobs.erase(found);
  return {};
}

void Communicator::close() {
  Work& w = *work_;
  std::unique_lock lock(w.mutex);
  if (w.ended) return;
  w.ended = true;
  const bool idle = w.complete == w.posted && w.failure.ok();
  w.changed.notify_all();
  if (idle) w.changed.wait_for(lock, std::min<Clock::duration>(kLongestEnd, w.patience), [&] { return w.thread_gone; });
  if (!w.thread_gone) {
    lock.unlock();
    w.give_up({ALEXNET_WRONG_STATE, "the communicator is closed"});
    lock.lock();
    w.changed.wait_for(lock, kLongestEnd, [&] { return w.thread_gone; });
  }
  w.jobs.clear();
  // So that the device can be closed. A thread that NCCL keeps while it joins others never comes to its stream.
  if (w.thread_gone || w.complete < 0) w.stream = nullptr;
}

}  // namespace alexnet::nccl
