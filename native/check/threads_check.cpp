#include "check/threads_check.h"

#include <atomic>
#include <functional>
#include <future>
#include <thread>
#include <vector>

#include "add/add.h"
#include "alexnet.h"
#include "check/expect.h"

namespace alexnet::check {

namespace {

constexpr int kRounds = 1000;
constexpr int64_t kBytes = 4096;

// Threads that meet before each call, so that the calls happen at once.
class Together {
 public:
  explicit Together(int threads) : threads_(threads) {}
  void meet() {
    const int round = rounds_;
    if (++waiting_ == threads_) {
      waiting_ = 0;
      ++rounds_;
    } else {
      while (rounds_ == round) std::this_thread::yield();
    }
  }

 private:
  const int threads_;
  std::atomic<int> waiting_{0}, rounds_{0};
};

// Runs each call in a thread of its own, all at once, and returns their statuses.
std::vector<alexnet_status> at_once(const std::vector<std::function<alexnet_status()>>& calls) {
  Together together(int(calls.size()));
  std::vector<alexnet_status> results(calls.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < calls.size(); ++i) {
    threads.emplace_back([&, i] {
      together.meet();
      results[i] = calls[i]();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return results;
}

bool refused(alexnet_status status) { return status == ALEXNET_BAD_ARGUMENT || status == ALEXNET_WRONG_STATE; }

struct Handles {
  explicit Handles(int32_t kind) {
    EXPECT(alexnet_device_open(kind, 0, &device) == ALEXNET_OK);
    EXPECT(alexnet_stream_create(device, &stream) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, kBytes, &arena) == ALEXNET_OK);
  }
  void close() {
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(stream) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
};

// An arena is closed while another thread makes a buffer in it and uses that.
void check_arena_and_buffer(int32_t kind) {
  Handles h(kind);
  for (int i = 0; i < kRounds; ++i) {
    alexnet_arena* arena = nullptr;
    alexnet_buffer* buffer = nullptr;
    EXPECT(alexnet_arena_create(h.device, ALEXNET_MEMORY_DEVICE, kBytes, &arena) == ALEXNET_OK);
    const auto make = [&]() -> alexnet_status {
      const alexnet_status made = alexnet_buffer_create(arena, 0, kBytes, &buffer);
      return made == ALEXNET_OK ? alexnet_fill(h.stream, buffer, 0, kBytes / 4, 1.f) : made;
    };
    const std::vector<alexnet_status> got = at_once({make, [&] { return alexnet_arena_close(arena); }});
    // Either there is a buffer, and the arena lives, or there is none.
    EXPECT(got[0] == ALEXNET_OK ? got[1] == ALEXNET_WRONG_STATE
                                : got[0] == ALEXNET_BAD_ARGUMENT && got[1] == ALEXNET_OK);
    if (got[0] == ALEXNET_OK) {
      EXPECT(alexnet_buffer_close(buffer) == ALEXNET_OK && alexnet_arena_close(arena) == ALEXNET_OK);
    }
  }
  h.close();
}

// Everything is closed by two threads at once: one close succeeds, the other is refused.
void check_two_closes(int32_t kind) {
  const auto one_closes = [](const std::function<alexnet_status()>& close) {
    const std::vector<alexnet_status> got = at_once({close, close});
    EXPECT((got[0] == ALEXNET_OK && refused(got[1])) || (got[1] == ALEXNET_OK && refused(got[0])));
  };
  for (int i = 0; i < kRounds / 10; ++i) {
    Handles h(kind);
    alexnet_buffer* buffer = nullptr;
    alexnet_event* event = nullptr;
    alexnet_graph* graph = nullptr;
    EXPECT(alexnet_buffer_create(h.arena, 0, kBytes, &buffer) == ALEXNET_OK);
    EXPECT(alexnet_event_create(h.device, &event) == ALEXNET_OK);
    EXPECT(alexnet_graph_record(&h.stream, 1, &graph) == ALEXNET_OK && alexnet_graph_finish(graph) == ALEXNET_OK);
    one_closes([&] { return alexnet_graph_close(graph); });
    one_closes([&] { return alexnet_event_close(event); });
    one_closes([&] { return alexnet_buffer_close(buffer); });
    one_closes([&] { return alexnet_arena_close(h.arena); });
    one_closes([&] { return alexnet_stream_close(h.stream); });
    one_closes([&] { return alexnet_device_close(h.device); });
  }
}

// A recording is closed, and its stream, while the thread that records it queues.
void check_recording(int32_t kind) {
  Handles h(kind);
  alexnet_buffer* buffer = nullptr;
  EXPECT(alexnet_buffer_create(h.arena, 0, kBytes, &buffer) == ALEXNET_OK);
  for (int i = 0; i < kRounds / 4; ++i) {
    alexnet_graph* graph = nullptr;
    Together together(2);
    alexnet_status queued = ALEXNET_OK;
    std::thread recorder([&] {
      EXPECT(alexnet_graph_record(&h.stream, 1, &graph) == ALEXNET_OK);
      together.meet();
      for (int j = 0; j < 8 && queued == ALEXNET_OK; ++j) queued = alexnet_fill(h.stream, buffer, 0, kBytes / 4, 1.f);
    });
    together.meet();
    // Nobody else queues into it or ends it; whoever finds the stream free may throw it away.
    EXPECT(refused(alexnet_fill(h.stream, buffer, 0, 1, 2.f)));
    EXPECT(refused(alexnet_graph_finish(graph)) && refused(alexnet_stream_close(h.stream)));
    const alexnet_status closed = alexnet_graph_close(graph);
    recorder.join();
    EXPECT(closed == ALEXNET_OK || closed == ALEXNET_WRONG_STATE);
    EXPECT(queued == ALEXNET_OK || queued == ALEXNET_WRONG_STATE);
    if (closed != ALEXNET_OK) EXPECT(alexnet_graph_close(graph) == ALEXNET_OK);
  }
  EXPECT(alexnet_buffer_close(buffer) == ALEXNET_OK);
  h.close();
}

// What a kernel of this program, chosen for this count alone, waits for once it runs.
constexpr int64_t kHeldCount = 105;
std::promise<void>* running = nullptr;
std::future<void>* may_end = nullptr;

Status launch_held(const AddShape&, const float*, const float*, const float*, float*, Stream) {
  running->set_value();
  may_end->wait();
  return {};
}
int prefer_held(const AddShape& s, const Target&) { return s.count == kHeldCount ? 9 : 0; }
ALEXNET_VARIANT(AddFprop, "held", prefer_held, launch_held)

// A stream works for one call at a time, and is not closed meanwhile.
void check_stream_in_use() {
  Handles h(ALEXNET_EMU);
  alexnet_buffer *x = nullptr, *y = nullptr;
  EXPECT(alexnet_buffer_create(h.arena, 0, kHeldCount * 4, &x) == ALEXNET_OK);
  EXPECT(alexnet_buffer_create(h.arena, 1024, kHeldCount * 4, &y) == ALEXNET_OK);
  std::promise<void> runs, ends;
  std::future<void> end = ends.get_future();
  running = &runs;
  may_end = &end;
  std::thread holder([&] { EXPECT_CALL(alexnet_add(h.stream, kHeldCount, x, x, nullptr, y)); });
  runs.get_future().wait();
  EXPECT(alexnet_stream_synchronize(h.stream) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "stream is in use by another thread");
  EXPECT(alexnet_relu_fprop(h.stream, 16, x, y) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_stream_close(h.stream) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_buffer_close(x) == ALEXNET_OK && alexnet_buffer_close(y) == ALEXNET_OK);
  EXPECT(alexnet_arena_close(h.arena) == ALEXNET_WRONG_STATE);  // its memory is still being written
  ends.set_value();
  holder.join();
  h.close();
}

}  // namespace

void check_threads() {
  for (const int32_t kind : {ALEXNET_EMU, ALEXNET_CPU}) {
    check_arena_and_buffer(kind);
    check_two_closes(kind);
    check_recording(kind);
  }
  check_stream_in_use();
}

}  // namespace alexnet::check
