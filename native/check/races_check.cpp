#include "check/races_check.h"

#include <cstdlib>
#include <thread>

#include "alexnet.h"
#include "check/expect.h"

namespace alexnet::check {

namespace {

constexpr int64_t kBytes = 1024;

// One device with two streams, four buffers of kBytes and an event.
struct TwoStreams {
  explicit TwoStreams(int32_t index = 0) {
    EXPECT(alexnet_device_open(ALEXNET_EMU, index, &device) == ALEXNET_OK);
    EXPECT(alexnet_stream_create(device, &first) == ALEXNET_OK);
    EXPECT(alexnet_stream_create(device, &second) == ALEXNET_OK);
    EXPECT(alexnet_event_create(device, &event) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 4 * kBytes, &arena) == ALEXNET_OK);
    for (int i = 0; i < 4; ++i) EXPECT(alexnet_buffer_create(arena, i * kBytes, kBytes, &buffers[i]) == ALEXNET_OK);
  }
  ~TwoStreams() {
    for (alexnet_buffer* buffer : buffers) EXPECT(alexnet_buffer_close(buffer) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_event_close(event) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(first) == ALEXNET_OK && alexnet_stream_close(second) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }
  alexnet_status fill(alexnet_stream* stream, int buffer) {
    return alexnet_fill(stream, buffers[buffer], 0, kBytes / 4, 1.f);
  }
  alexnet_status copy(alexnet_stream* stream, int to, int from) {
    return alexnet_copy(stream, buffers[to], 0, buffers[from], 0, kBytes);
  }
  // The second stream goes on behind what the first one has now.
  void join() {
    EXPECT(alexnet_event_record(event, first) == ALEXNET_OK);
    EXPECT(alexnet_stream_wait(second, event) == ALEXNET_OK);
  }

  alexnet_device* device = nullptr;
  alexnet_stream *first = nullptr, *second = nullptr;
  alexnet_event* event = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer* buffers[4] = {};
};

void check_order_of_events() {
  TwoStreams t;
  EXPECT(t.fill(t.first, 0) == ALEXNET_OK);
  EXPECT(t.copy(t.second, 1, 0) == ALEXNET_INTERNAL);  // no event
  EXPECT_TEXT(alexnet_last_error(), "race: copy/buffers reads from while fill/floats writes to",
              "no event orders them");
  t.join();
  EXPECT(t.copy(t.second, 1, 0) == ALEXNET_OK);
  EXPECT(t.copy(t.first, 2, 0) == ALEXNET_OK);     // two may read
  EXPECT(t.fill(t.first, 0) == ALEXNET_INTERNAL);  // the second stream may still be reading
  EXPECT(t.fill(t.first, 3) == ALEXNET_OK);        // other bytes
  EXPECT(alexnet_add(t.second, kBytes / 4, t.buffers[1], t.buffers[3], nullptr, t.buffers[1]) == ALEXNET_INTERNAL);
  EXPECT_TEXT(alexnet_last_error(), "add/fprop reads b");
  // An event says what was queued before it, not after.
  EXPECT(alexnet_event_record(t.event, t.first) == ALEXNET_OK);
  EXPECT(t.fill(t.first, 3) == ALEXNET_OK);
  EXPECT(alexnet_stream_wait(t.second, t.event) == ALEXNET_OK);
  EXPECT(t.copy(t.second, 1, 3) == ALEXNET_INTERNAL);
}

void check_host_threads() {
  TwoStreams t;
  EXPECT(t.fill(t.first, 0) == ALEXNET_OK);
  EXPECT(alexnet_stream_synchronize(t.first) == ALEXNET_OK);
  // Another thread knows nothing of that wait; this one does.
  std::thread([&] { EXPECT(t.copy(t.second, 1, 0) == ALEXNET_INTERNAL); }).join();
  EXPECT(t.copy(t.second, 1, 0) == ALEXNET_OK);
  std::thread([&] {
    EXPECT(alexnet_stream_synchronize(t.second) == ALEXNET_OK);
    EXPECT(t.fill(t.first, 0) == ALEXNET_OK);
  }).join();
}

// What a thread reads or writes by itself it must have waited for.
void check_host_accesses() {
  TwoStreams t;
  EXPECT(alexnet_buffer_touch(t.buffers[0], 1) == ALEXNET_OK);
  EXPECT(t.copy(t.first, 1, 0) == ALEXNET_OK);
  EXPECT(alexnet_buffer_touch(t.buffers[0], 0) == ALEXNET_OK);  // two may read
  EXPECT(alexnet_buffer_touch(t.buffers[0], 1) == ALEXNET_INTERNAL);
  EXPECT_TEXT(alexnet_last_error(), "race: the host writes buffer while copy/buffers reads from");
  EXPECT(alexnet_buffer_touch(t.buffers[1], 0) == ALEXNET_INTERNAL);
  EXPECT(alexnet_event_record(t.event, t.first) == ALEXNET_OK);
  EXPECT(alexnet_event_synchronize(t.event) == ALEXNET_OK);
  EXPECT(alexnet_buffer_touch(t.buffers[0], 1) == ALEXNET_OK);
  EXPECT(alexnet_buffer_touch(t.buffers[1], 0) == ALEXNET_OK);
  std::thread([&] { EXPECT(alexnet_buffer_touch(t.buffers[0], 1) == ALEXNET_INTERNAL); }).join();
  EXPECT(alexnet_buffer_touch(nullptr, 0) == ALEXNET_BAD_ARGUMENT);
}

// The wait that is missing when a graph is recorded is missing at each launch.
void check_recorded() {
  TwoStreams t;
  alexnet_stream* const streams[] = {t.first, t.second};
  for (const bool ordered : {false, true}) {
    alexnet_graph* graph = nullptr;
    EXPECT(alexnet_graph_record(streams, 2, &graph) == ALEXNET_OK);
    EXPECT(t.fill(t.first, 0) == ALEXNET_OK);
    if (ordered) t.join();
    EXPECT(t.copy(t.second, 1, 0) == (ordered ? ALEXNET_OK : ALEXNET_INTERNAL));
    EXPECT(alexnet_graph_close(graph) == ALEXNET_OK);
    EXPECT(alexnet_stream_synchronize(t.first) == ALEXNET_OK && alexnet_stream_synchronize(t.second) == ALEXNET_OK);
  }
}

}  // namespace

void check_races() {
  EXPECT(alexnet_races(1) == ALEXNET_OK);
  check_order_of_events();
  check_host_threads();
  check_host_accesses();
  check_recorded();
  check_order_of_events();  // memory and streams that were given back have no past
  EXPECT(alexnet_races(0) == ALEXNET_OK);
  TwoStreams t;
  EXPECT(t.fill(t.first, 0) == ALEXNET_OK);
  EXPECT(t.copy(t.second, 1, 0) == ALEXNET_OK);  // nobody looks
}

void check_faults() {
  for (const char* text : {"", "device_lost", "failed:conv/fprop", "failed:conv/fprop:1 ", "out_of_memory:emu:1"}) {
    EXPECT(alexnet_fault(text) == ALEXNET_BAD_ARGUMENT);
  }
  EXPECT_TEXT(alexnet_last_error(), "fault is 'out_of_memory:emu:1'", "fault.h");
  EXPECT(setenv("ALEXNET_FAULT", "device_lots:add/fprop:2", 1) == 0);
  alexnet_device* none = nullptr;
  EXPECT(alexnet_device_open(ALEXNET_EMU, 7, &none) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "ALEXNET_FAULT is 'device_lots:add/fprop:2'");
  EXPECT(unsetenv("ALEXNET_FAULT") == 0);

  TwoStreams t(0), peer(1);
  int32_t reaches = 0;
  EXPECT(alexnet_device_reaches(t.device, peer.device, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_device_reaches(t.device, peer.device, &reaches) == ALEXNET_OK && reaches == 1);
  EXPECT(alexnet_fault("peer_refused") == ALEXNET_OK);
  EXPECT(alexnet_device_reaches(t.device, peer.device, &reaches) == ALEXNET_OK && reaches == 0);
  EXPECT(alexnet_device_reaches(t.device, t.device, &reaches) == ALEXNET_OK && reaches == 1);

  // The third launch of emu:1 alone, and the device stays.
  const auto add = [](TwoStreams& on) {
    return alexnet_add(on.first, 4, on.buffers[0], on.buffers[1], nullptr, on.buffers[2]);
  };
  EXPECT(alexnet_fault("failed:add/fprop@emu:1:2") == ALEXNET_OK);
  EXPECT(add(peer) == ALEXNET_OK && add(t) == ALEXNET_OK && add(t) == ALEXNET_OK);
  EXPECT(add(peer) == ALEXNET_BACKEND);
  EXPECT(add(peer) == ALEXNET_OK);

  EXPECT(alexnet_fault("out_of_memory:emu:1:2") == ALEXNET_OK);
  alexnet_arena *one = nullptr, *two = nullptr;
  EXPECT(alexnet_arena_create(peer.device, 0, 64, &one) == ALEXNET_OK);
  EXPECT(alexnet_arena_create(peer.device, 0, 64, &two) == ALEXNET_OUT_OF_MEMORY);
  EXPECT(alexnet_arena_create(peer.device, 0, 64, &two) == ALEXNET_OUT_OF_MEMORY);
  EXPECT(alexnet_arena_create(t.device, 0, 64, &two) == ALEXNET_OK);
  EXPECT(alexnet_arena_close(one) == ALEXNET_OK && alexnet_arena_close(two) == ALEXNET_OK);
  EXPECT(alexnet_fault(nullptr) == ALEXNET_OK);
  EXPECT(alexnet_delays(1, -1) == ALEXNET_BAD_ARGUMENT && alexnet_delays(1, 1000001) == ALEXNET_BAD_ARGUMENT);
}

}  // namespace alexnet::check
