// runtime_check: the C ABI apart from its operations' results. Handles, sizes, states, copies, events, texts of errors.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "add/add.h"
#include "alexnet.h"
#include "check/cores_check.h"
#include "check/expect.h"
#include "check/forced_check.h"
#include "check/limits_check.h"
#include "check/pairs_check.h"
#include "check/races_check.h"
#include "check/threads_check.h"
#include "runtime/cuda/sticky_errors.h"
#include "runtime/printable.h"

namespace {

// A kernel of this program: adds by way of a workspace of 8 bytes per element, and is chosen for this count alone.
constexpr int64_t kWorkspaceCount = 100, kWorkspaceBytes = 8 * kWorkspaceCount;
alexnet::Status launch_by_workspace(const alexnet::AddShape& s, const float* a, const float* b, const float*, float* y,
                                    alexnet::Stream stream) {
  float* const work = static_cast<float*>(stream.workspace);
  for (int64_t i = 0; i < s.count; ++i) work[2 * i] = a[i], work[2 * i + 1] = b[i];
  for (int64_t i = 0; i < s.count; ++i) y[i] = work[2 * i] + work[2 * i + 1];
  return {};
}
int prefer_workspace(const alexnet::AddShape& s, const alexnet::Target&) { return s.count == kWorkspaceCount ? 9 : 0; }
int64_t workspace_bytes(const alexnet::AddShape& s) { return 8 * s.count; }
ALEXNET_VARIANT_WORKSPACE(alexnet::AddFprop, "workspace", prefer_workspace, workspace_bytes, launch_by_workspace)

// Another, for one element more: what its prepare step wrote is the factor that the launch multiplies with.
constexpr int64_t kPreparedCount = kWorkspaceCount + 1;
int prepared_times = 0;
alexnet::Status prepare_factor(const alexnet::AddShape&, const float*, const float*, const float*, float*,
                               alexnet::Stream stream) {
  *static_cast<float*>(stream.prepared) = float(++prepared_times);
  return {};
}
alexnet::Status launch_prepared(const alexnet::AddShape& s, const float* a, const float* b, const float*, float* y,
                                alexnet::Stream stream) {
  const float factor = *static_cast<const float*>(stream.prepared);
  for (int64_t i = 0; i < s.count; ++i) y[i] = factor * (a[i] + b[i]);
  return {};
}
int prefer_prepared(const alexnet::AddShape& s, const alexnet::Target&) { return s.count == kPreparedCount ? 9 : 0; }
ALEXNET_VARIANT_PREPARED(alexnet::AddFprop, "prepared", prefer_prepared, alexnet::no_workspace<alexnet::AddShape>,
                         launch_prepared, alexnet::Precision::kFp32, prepare_factor, sizeof(float))

alexnet_device* open(int32_t kind, int32_t index) {
  alexnet_device* device = nullptr;
  EXPECT(alexnet_device_open(kind, index, &device) == ALEXNET_OK);
  return device;
}

// A device with a stream, an arena and two buffers of `bytes`.
struct Fixture {
  Fixture(int32_t kind, int32_t index, int64_t bytes) : device(open(kind, index)) {
    EXPECT(alexnet_stream_create(device, &stream) == ALEXNET_OK);
    const int64_t second = (bytes + 255) / 256 * 256;
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, second + bytes, &arena) == ALEXNET_OK);
    EXPECT(alexnet_buffer_create(arena, 0, bytes, &a) == ALEXNET_OK);
    EXPECT(alexnet_buffer_create(arena, second, bytes, &b) == ALEXNET_OK);
  }
  void close() {
    EXPECT(alexnet_buffer_close(a) == ALEXNET_OK);
    EXPECT(alexnet_buffer_close(b) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(stream) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }
  std::vector<float> read(alexnet_buffer* from, int64_t count) {
    std::vector<float> values(static_cast<size_t>(count));
    EXPECT(alexnet_copy_out(stream, values.data(), from, 0, count * 4) == ALEXNET_OK);
    EXPECT(alexnet_stream_synchronize(stream) == ALEXNET_OK);
    return values;
  }

  alexnet_device* device;
  alexnet_stream* stream = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer* a = nullptr;
  alexnet_buffer* b = nullptr;
};

void check_devices() {
  int32_t count = -1;
  EXPECT(alexnet_abi_version() == 1);
  EXPECT(alexnet_device_count(ALEXNET_EMU, &count) == ALEXNET_OK && count == 64);
  EXPECT(alexnet_device_count(ALEXNET_CPU, &count) == ALEXNET_OK && count == 64);
  EXPECT(alexnet_device_count(ALEXNET_CUDA, &count) == ALEXNET_OK && count >= 0);
  EXPECT(alexnet_device_count(3, &count) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_device_count(ALEXNET_EMU, nullptr) == ALEXNET_BAD_ARGUMENT);

  alexnet_device* device = nullptr;
  EXPECT(alexnet_device_open(ALEXNET_EMU, 64, &device) == ALEXNET_NO_DEVICE && device == nullptr);
  EXPECT_TEXT(alexnet_last_error(), "alexnet_device_open", "emu:64", "emu:63");
  EXPECT(alexnet_device_open(ALEXNET_CPU, -1, &device) == ALEXNET_NO_DEVICE);
  EXPECT(alexnet_device_open(ALEXNET_CUDA, count, &device) == ALEXNET_NO_DEVICE);
  EXPECT_TEXT(alexnet_last_error(), "cuda:");
  EXPECT(alexnet_device_open(ALEXNET_EMU, 0, nullptr) == ALEXNET_BAD_ARGUMENT);

  device = open(ALEXNET_CPU, 2);
  char text[512] = "";
  EXPECT(alexnet_device_describe(device, text, sizeof text) == ALEXNET_OK);
  EXPECT_TEXT(text, "\"device\":\"cpu:2\"", "\"threads\":1");
  EXPECT(alexnet_device_describe(device, text, 3) == ALEXNET_BAD_ARGUMENT);
  int64_t free_bytes = 0, total_bytes = 0;
  EXPECT(alexnet_device_memory(device, &free_bytes, &total_bytes) == ALEXNET_OK);
  EXPECT(free_bytes > 0 && free_bytes <= total_bytes);
  EXPECT(alexnet_device_threads(device, 2) == ALEXNET_OK);
  EXPECT(alexnet_device_threads(device, 0) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_openmp_threads(0) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_openmp_threads(1) == ALEXNET_UNSUPPORTED);  // this program has no OpenMP
  EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  device = open(ALEXNET_EMU, 0);
  EXPECT(alexnet_device_threads(device, 2) == ALEXNET_OK && alexnet_device_threads(device, 0) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_device_describe(device, text, sizeof text) == ALEXNET_OK);
  EXPECT_TEXT(text, "\"device\":\"emu:0\"", "\"threads\":2");
  EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  EXPECT_TEXT(alexnet_build_info(), "\"kinds\":[\"emu\",\"cpu\"", "\"sanitizer\":");
}

void check_handles() {
  const int64_t before = alexnet_live_handles();
  Fixture f(ALEXNET_EMU, 0, 1024);
  EXPECT(alexnet_live_handles() == before + 5);
  EXPECT(alexnet_device_close(f.device) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_arena_close(f.arena) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "2 buffers");
  EXPECT(alexnet_stream_synchronize(nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "stream is null");
  EXPECT(alexnet_stream_synchronize(reinterpret_cast<alexnet_stream*>(f.arena)) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "another type: arena");
  int invented = 0;
  EXPECT(alexnet_stream_synchronize(reinterpret_cast<alexnet_stream*>(&invented)) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "not a handle");
  alexnet_stream* closed = f.stream;
  f.close();
  EXPECT(alexnet_live_handles() == before);
  EXPECT(alexnet_stream_close(closed) == ALEXNET_BAD_ARGUMENT);
  Fixture again(ALEXNET_EMU, 0, 1024);  // takes no old handle's number
  EXPECT(alexnet_stream_synchronize(closed) == ALEXNET_BAD_ARGUMENT);
  again.close();

  // The last error is each thread's own.
  EXPECT(alexnet_stream_close(nullptr) == ALEXNET_BAD_ARGUMENT);
  std::string other = "none";
  std::thread([&] { other = alexnet_last_error(); }).join();
  EXPECT(other.empty());
  EXPECT_TEXT(alexnet_last_error(), "alexnet_stream_close");
}

void check_memory() {
  Fixture f(ALEXNET_EMU, 0, 1000);
  alexnet_buffer* buffer = nullptr;
  alexnet_arena* arena = nullptr;
  EXPECT(alexnet_arena_create(f.device, 2, 10, &arena) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_arena_create(f.device, 0, 0, &arena) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_arena_create(f.device, 0, int64_t(1) << 43, &arena) == ALEXNET_OUT_OF_MEMORY);
  EXPECT(alexnet_buffer_create(f.arena, 128, 8, &buffer) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_buffer_create(f.arena, -256, 8, &buffer) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_buffer_create(f.arena, 1024, 1001, &buffer) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_buffer_create(f.arena, 0, 0, &buffer) == ALEXNET_BAD_ARGUMENT);
  EXPECT(std::isnan(f.read(f.a, 1)[0]));  // emu: nobody has written yet

  EXPECT(alexnet_fill(f.stream, f.a, 0, 250, 1.5f) == ALEXNET_OK);
  EXPECT(alexnet_fill(f.stream, f.a, 249, 1, -2.f) == ALEXNET_OK);
  EXPECT(alexnet_fill(f.stream, f.a, 1, 250, 0.f) == ALEXNET_BAD_SHAPE);
  EXPECT(alexnet_fill(f.stream, f.a, -1, 1, 0.f) == ALEXNET_BAD_SHAPE);
  const std::vector<float> filled = f.read(f.a, 250);
  EXPECT(filled[0] == 1.5f && filled[248] == 1.5f && filled[249] == -2.f);
  EXPECT(alexnet_clear(f.stream, f.a, 0, 3) == ALEXNET_OK);
  EXPECT(alexnet_clear(f.stream, f.a, 998, 3) == ALEXNET_BAD_SHAPE);
  EXPECT(alexnet_clear(f.stream, f.a, -1, 1) == ALEXNET_BAD_SHAPE);
  const std::vector<float> cleared = f.read(f.a, 2);
  EXPECT(cleared[0] == .5f && cleared[1] == 1.5f);
  EXPECT(alexnet_fill(f.stream, f.a, 0, 2, 1.5f) == ALEXNET_OK);

  const float two[2] = {3.f, 4.f};
  EXPECT(alexnet_copy_in(f.stream, f.b, 8, two, 8) == ALEXNET_OK);
  EXPECT(alexnet_copy(f.stream, f.a, 0, f.b, 8, 8) == ALEXNET_OK);
  EXPECT(f.read(f.a, 2)[1] == 4.f);
  EXPECT(alexnet_copy_in(f.stream, f.b, 996, two, 8) == ALEXNET_BAD_SHAPE);
  EXPECT(alexnet_copy_in(f.stream, f.b, 0, nullptr, 8) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_copy(f.stream, f.a, 0, f.b, INT64_MAX, 8) == ALEXNET_BAD_SHAPE);
  float out[2];
  EXPECT(alexnet_copy_out(f.stream, out, f.a, 0, -8) == ALEXNET_BAD_SHAPE);

  void* host = nullptr;
  EXPECT(alexnet_buffer_host(f.a, &host) == ALEXNET_OK && *static_cast<float*>(host) == 3.f);
  void* address = nullptr;
  EXPECT(alexnet_buffer_address(f.a, &address) == ALEXNET_OK && address == host);
  EXPECT(alexnet_buffer_address(f.a, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_stream_native(f.stream, &address) == ALEXNET_OK);
  EXPECT(alexnet_stream_native(nullptr, &address) == ALEXNET_BAD_ARGUMENT);
  f.close();
}

void check_guard_words() {
  Fixture f(ALEXNET_EMU, 0, 256);
  void* host = nullptr;
  EXPECT(alexnet_buffer_host(f.b, &host) == ALEXNET_OK);
  static_cast<char*>(host)[256] = 0;  // one byte after the arena
  EXPECT(alexnet_buffer_close(f.a) == ALEXNET_OK && alexnet_buffer_close(f.b) == ALEXNET_OK);
  EXPECT(alexnet_arena_close(f.arena) == ALEXNET_INTERNAL);
  EXPECT_TEXT(alexnet_last_error(), "emu:0", "after an arena");
  EXPECT(alexnet_stream_close(f.stream) == ALEXNET_OK && alexnet_device_close(f.device) == ALEXNET_OK);
}

void check_two_devices(int32_t kind_a, int32_t kind_b) {
  Fixture a(kind_a, 0, 64), b(kind_b, 1, 64);
  EXPECT(alexnet_fill(a.stream, a.a, 0, 16, 7.f) == ALEXNET_OK);
  EXPECT(alexnet_copy(b.stream, b.a, 0, a.a, 0, 64) == ALEXNET_OK);
  EXPECT(b.read(b.a, 16)[15] == 7.f);
  EXPECT(alexnet_copy(a.stream, b.a, 0, a.a, 0, 64) == ALEXNET_BAD_ARGUMENT);  // the source's stream
  EXPECT_TEXT(alexnet_last_error(), ":0", ":1");
  EXPECT(alexnet_fill(a.stream, b.a, 0, 1, 0.f) == ALEXNET_BAD_ARGUMENT);
  a.close();
  b.close();
}

void check_events() {
  Fixture f(ALEXNET_CPU, 0, 64), other(ALEXNET_EMU, 0, 64);
  alexnet_event *begin = nullptr, *end = nullptr, *foreign = nullptr;
  EXPECT(alexnet_event_create(f.device, &begin) == ALEXNET_OK);
  EXPECT(alexnet_event_create(f.device, &end) == ALEXNET_OK);
  EXPECT(alexnet_event_create(other.device, &foreign) == ALEXNET_OK);
  double time_us = -1;
  EXPECT(alexnet_event_synchronize(begin) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_stream_wait(f.stream, begin) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_event_elapsed(begin, end, &time_us) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_event_record(foreign, f.stream) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_event_record(begin, f.stream) == ALEXNET_OK);
  EXPECT(alexnet_event_record(end, f.stream) == ALEXNET_OK);
  EXPECT(alexnet_event_elapsed(begin, end, &time_us) == ALEXNET_OK && time_us >= 0);
  EXPECT(alexnet_event_elapsed(begin, foreign, &time_us) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_stream_wait(other.stream, end) == ALEXNET_OK);  // across devices
  EXPECT(alexnet_event_synchronize(end) == ALEXNET_OK);
  EXPECT(alexnet_event_close(begin) == ALEXNET_OK && alexnet_event_close(end) == ALEXNET_OK);
  EXPECT(alexnet_event_close(foreign) == ALEXNET_OK);
  f.close();
  other.close();
}

void check_operation(int32_t kind) {
  Fixture f(kind, 0, 4000), other(kind, 1, 4000);
  for (alexnet_buffer* buffer : {f.a, f.b}) EXPECT(alexnet_fill(f.stream, buffer, 0, 1000, 2.f) == ALEXNET_OK);
  EXPECT(alexnet_add(f.stream, 1000, f.a, f.b, nullptr, f.b) == ALEXNET_OK);
  EXPECT(f.read(f.b, 1000)[999] == 4.f);
  EXPECT(alexnet_add(f.stream, 1001, f.a, f.b, nullptr, f.b) == ALEXNET_BAD_SHAPE);
  EXPECT_TEXT(alexnet_last_error(), "alexnet_add", "a needs 1001", "4000 bytes");
  EXPECT(alexnet_add(f.stream, 0, f.a, f.b, nullptr, f.b) == ALEXNET_BAD_SHAPE);
  EXPECT(alexnet_add(f.stream, 10, f.a, other.b, nullptr, f.b) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "b lives on", ":1", ":0");
  EXPECT(alexnet_add(f.stream, 10, f.a, nullptr, nullptr, f.b) == ALEXNET_BAD_ARGUMENT);
  alexnet_buffer *whole = nullptr, *shifted = nullptr;
  EXPECT(alexnet_buffer_create(f.arena, 0, 4096, &whole) == ALEXNET_OK);
  EXPECT(alexnet_buffer_create(f.arena, 256, 4000, &shifted) == ALEXNET_OK);
  EXPECT(alexnet_add(f.stream, 1000, whole, f.b, nullptr, shifted) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "y overlaps a");
  EXPECT(alexnet_buffer_close(whole) == ALEXNET_OK && alexnet_buffer_close(shifted) == ALEXNET_OK);

  EXPECT(setenv("ALEXNET_ADD_FPROP", "sideways", 1) == 0);
  EXPECT(alexnet_add(f.stream, 10, f.a, f.b, nullptr, f.b) == ALEXNET_UNSUPPORTED);
  EXPECT_TEXT(alexnet_last_error(), "add fprop on ");
  EXPECT_TEXT(alexnet_last_error(), "no variant is named 'sideways', which the environment forces; there are: ");
  EXPECT_TEXT(alexnet_last_error(), "vector");
  EXPECT_TEXT(alexnet_last_error(), "{count 10}");
  EXPECT(unsetenv("ALEXNET_ADD_FPROP") == 0);
  f.close();
  other.close();
}

void check_kernel_list() {
  int32_t count = 0;
  EXPECT(alexnet_kernel_count(&count) == ALEXNET_OK && count >= 1);
  char text[512] = "";
  EXPECT(alexnet_kernel_describe(0, text, sizeof text) == ALEXNET_OK);
  EXPECT_TEXT(text, "\"family\":\"add\"", "\"file\":\"kernels/add/");
  EXPECT_TEXT(text, "\"precision\":\"fp32\",\"algorithm\":\"direct\",\"needs\":");
  EXPECT(alexnet_kernel_describe(count, text, sizeof text) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_kernel_describe(-1, text, sizeof text) == ALEXNET_BAD_ARGUMENT);
}

void check_rehearsal() {
  Fixture f(ALEXNET_EMU, 0, 4 * kWorkspaceCount);
  const auto add = [&](int64_t count) { return alexnet_add(f.stream, count, f.a, f.a, nullptr, f.b); };
  int64_t bytes = -1;
  EXPECT(alexnet_fill(f.stream, f.a, 0, kWorkspaceCount, 1.5f) == ALEXNET_OK);
  EXPECT(alexnet_stream_rehearse_end(f.stream, &bytes) == ALEXNET_WRONG_STATE);
  EXPECT(add(kWorkspaceCount) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "alexnet_add", "needs a workspace of 800 bytes, the stream has 0", "rehearse");

  EXPECT(alexnet_stream_rehearse_begin(f.stream) == ALEXNET_OK);
  EXPECT(alexnet_stream_rehearse_begin(f.stream) == ALEXNET_WRONG_STATE);
  EXPECT(add(kWorkspaceCount) == ALEXNET_OK && add(7) == ALEXNET_OK);
  EXPECT(add(kWorkspaceCount + 1) == ALEXNET_BAD_SHAPE);  // checked as always
  EXPECT(alexnet_fill(f.stream, f.b, 0, 1, 0) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "the stream is in a rehearsal");
  EXPECT(alexnet_stream_rehearse_end(f.stream, &bytes) == ALEXNET_OK && bytes == kWorkspaceBytes);
  for (const float value : f.read(f.b, kWorkspaceCount)) EXPECT(std::isnan(value));  // nothing was launched

  EXPECT(add(kWorkspaceCount) == ALEXNET_OK);
  for (const float value : f.read(f.b, kWorkspaceCount)) EXPECT(value == 3.f);
  EXPECT(alexnet_stream_rehearse_begin(f.stream) == ALEXNET_OK);
  EXPECT(add(7) == ALEXNET_OK);
  EXPECT(alexnet_stream_rehearse_end(f.stream, &bytes) == ALEXNET_OK && bytes == kWorkspaceBytes);  // none shrinks
  f.close();
}

// A rehearsal prepares each operation once, whatever it is called with later; a launch that was not rehearsed prepares
// for itself.
void check_prepared() {
  Fixture f(ALEXNET_EMU, 0, 4 * kPreparedCount);
  prepared_times = 0;
  const auto add = [&](alexnet_buffer* b) { return alexnet_add(f.stream, kPreparedCount, f.a, b, nullptr, f.b); };
  const auto value = [&] { return f.read(f.b, kPreparedCount)[kPreparedCount - 1]; };
  EXPECT(alexnet_fill(f.stream, f.a, 0, kPreparedCount, 1) == ALEXNET_OK);
  EXPECT(alexnet_fill(f.stream, f.b, 0, kPreparedCount, 3) == ALEXNET_OK);
  EXPECT(alexnet_stream_rehearse_begin(f.stream) == ALEXNET_OK);
  for (int i = 0; i < 2; ++i) EXPECT(add(f.a) == ALEXNET_OK && add(f.b) == ALEXNET_OK);
  int64_t bytes = -1;
  EXPECT(alexnet_stream_rehearse_end(f.stream, &bytes) == ALEXNET_OK);
  EXPECT(prepared_times == 2);
  EXPECT(add(f.b) == ALEXNET_OK && value() == 2 * (1 + 3));
  EXPECT(add(f.a) == ALEXNET_OK && value() == 1 * (1 + 1));
  EXPECT(add(f.b) == ALEXNET_OK && value() == 2 * (1 + 2));
  EXPECT(prepared_times == 2);

  alexnet_graph* graph = nullptr;
  EXPECT(alexnet_graph_record(&f.stream, 1, &graph) == ALEXNET_OK);
  EXPECT(add(f.a) == ALEXNET_OK && alexnet_graph_finish(graph) == ALEXNET_OK);
  EXPECT(alexnet_graph_launch(graph) == ALEXNET_OK && value() == 1 * (1 + 1));
  EXPECT(prepared_times == 2 && alexnet_graph_close(graph) == ALEXNET_OK);

  EXPECT(alexnet_add(f.stream, kPreparedCount, f.b, f.a, nullptr, f.b) == ALEXNET_OK && value() == 3 * (2 + 1));
  EXPECT(alexnet_add(f.stream, kPreparedCount, f.b, f.a, nullptr, f.b) == ALEXNET_OK && value() == 4 * (9 + 1));
  char text[8] = "x";
  EXPECT(alexnet_stream_notes(f.stream, text, sizeof text) == ALEXNET_OK && text[0] == '\0');
  f.close();
}

// A graph does when launched what was queued while it was recorded, and nothing before; values that lie in device
// memory are read at each launch.
void check_graph(int32_t kind) {
  constexpr int64_t kCount = 8;
  Fixture f(kind, 0, 4 * kCount), other(kind, 1, 4 * kCount);
  alexnet_event* done = nullptr;
  alexnet_event* foreign = nullptr;
  EXPECT(alexnet_event_create(f.device, &done) == ALEXNET_OK);
  EXPECT(alexnet_event_create(f.device, &foreign) == ALEXNET_OK);
  alexnet_stream* const streams[] = {f.stream, other.stream};
  alexnet_graph* graph = nullptr;
  EXPECT(alexnet_fill(f.stream, f.a, 0, kCount, 1) == ALEXNET_OK);
  EXPECT(alexnet_graph_record(streams, 0, &graph) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_graph_record(streams, 2, &graph) == ALEXNET_OK);

  EXPECT(alexnet_add(f.stream, kCount, f.a, f.a, nullptr, f.b) == ALEXNET_OK);
  EXPECT(alexnet_event_record(done, f.stream) == ALEXNET_OK);
  EXPECT(alexnet_stream_wait(other.stream, done) == ALEXNET_OK);
  EXPECT(alexnet_copy(other.stream, other.a, 0, f.b, 0, 4 * kCount) == ALEXNET_OK);
  EXPECT(alexnet_add(other.stream, kCount, other.a, other.a, nullptr, other.b) == ALEXNET_OK);
  EXPECT(alexnet_stream_wait(other.stream, foreign) != ALEXNET_OK);  // the planted missing record
  EXPECT(alexnet_stream_synchronize(f.stream) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "being recorded");
  EXPECT(alexnet_graph_launch(graph) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_graph_finish(graph) == ALEXNET_OK);
  for (const float value : f.read(f.b, kCount)) EXPECT(!(value == 2));  // nothing was done yet

  for (const float x : {1.f, 3.f}) {
    EXPECT(alexnet_fill(f.stream, f.a, 0, kCount, x) == ALEXNET_OK);
    EXPECT(alexnet_graph_launch(graph) == ALEXNET_OK);
    EXPECT(alexnet_stream_synchronize(f.stream) == ALEXNET_OK);
    for (const float value : other.read(other.b, kCount)) EXPECT(value == 4 * x);
  }
  EXPECT(alexnet_stream_close(f.stream) == ALEXNET_WRONG_STATE);  // the graph runs on it
  EXPECT(alexnet_graph_close(graph) == ALEXNET_OK);
  EXPECT(alexnet_graph_launch(graph) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_event_close(done) == ALEXNET_OK && alexnet_event_close(foreign) == ALEXNET_OK);
  f.close();
  other.close();
}

// The same device under two handles: buffers of one are at home on the other, and it closes with the last.
void check_shared_device() {
  Fixture f(ALEXNET_EMU, 0, 64);
  alexnet_device* const again = open(ALEXNET_EMU, 0);
  alexnet_stream* stream = nullptr;
  EXPECT(alexnet_stream_create(again, &stream) == ALEXNET_OK);
  EXPECT(alexnet_fill(stream, f.a, 0, 16, 2) == ALEXNET_OK);
  EXPECT(alexnet_add(stream, 16, f.a, f.a, nullptr, f.b) == ALEXNET_OK);
  EXPECT(f.read(f.b, 16)[15] == 4);
  EXPECT(alexnet_stream_close(stream) == ALEXNET_OK);
  EXPECT(alexnet_device_close(again) == ALEXNET_OK);
  EXPECT(alexnet_fill(f.stream, f.a, 0, 16, 5) == ALEXNET_OK);
  EXPECT(f.read(f.a, 16)[0] == 5);
  f.close();
}

// A device that is lost says what ran last, refuses everything from then on, and closes.
void check_lost_device() {
  EXPECT(setenv("ALEXNET_FAULT", "device_lost:add/fprop:2", 1) == 0);
  Fixture f(ALEXNET_EMU, 3, 64);
  EXPECT(alexnet_fill(f.stream, f.a, 0, 16, 1) == ALEXNET_OK);
  EXPECT(alexnet_add(f.stream, 16, f.a, f.a, nullptr, f.b) == ALEXNET_OK);
  EXPECT(alexnet_add(f.stream, 16, f.a, f.a, nullptr, f.b) == ALEXNET_DEVICE_LOST);
  EXPECT_TEXT(alexnet_last_error(), "stream 1 of emu:3", "add/fprop/", "16");
  EXPECT(alexnet_add(f.stream, 16, f.a, f.a, nullptr, f.b) == ALEXNET_DEVICE_LOST);
  EXPECT(alexnet_stream_synchronize(f.stream) == ALEXNET_DEVICE_LOST);
  EXPECT(unsetenv("ALEXNET_FAULT") == 0);
  f.close();
}

// After which CUDA errors a device is lost, by the numbers that the toolkit's documentation gives; the others pass.
void check_sticky_errors() {
  int sticky = 0;
  for (int error = 0; error <= 999; ++error) sticky += alexnet::is_sticky(error);
  EXPECT(sticky == 15);
  for (const int error : {214, 220, 226, 700, 702, 710, 714, 715, 716, 717, 718, 719, 721, 810, 911}) {
    EXPECT_THAT(alexnet::is_sticky(error), "CUDA error " + std::to_string(error) + " loses the device");
  }
}

// What comes from elsewhere is shown in printable characters, and cut.
void check_foreign_text() {
  alexnet_device* device = nullptr;
  EXPECT(setenv("ALEXNET_RACES", "\x1b[31m\n\xff", 1) == 0);
  EXPECT(alexnet_device_open(ALEXNET_EMU, 9, &device) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "'\\x1b[31m\\x0a\\xff'");
  EXPECT(setenv("ALEXNET_RACES", std::string(5000, 'a').c_str(), 1) == 0);
  EXPECT(alexnet_device_open(ALEXNET_EMU, 9, &device) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "aaa...(50");
  EXPECT(unsetenv("ALEXNET_RACES") == 0);
  EXPECT(alexnet::json_text("a\"b\\\x07") == "a\\\"b\\\\\\\\x07");
}

}  // namespace

int main() {
  check_devices();
  check_handles();
  check_memory();
  check_guard_words();
  check_two_devices(ALEXNET_EMU, ALEXNET_EMU);
  check_two_devices(ALEXNET_CPU, ALEXNET_EMU);
  check_events();
  check_operation(ALEXNET_EMU);
  check_operation(ALEXNET_CPU);
  check_kernel_list();
  check_rehearsal();
  check_prepared();
  check_graph(ALEXNET_EMU);
  check_graph(ALEXNET_CPU);
  check_shared_device();
  check_lost_device();
  check_sticky_errors();
  check_foreign_text();
  alexnet::check::check_races();
  alexnet::check::check_pairs();
  alexnet::check::check_faults();
  alexnet::check::check_forced();
  alexnet::check::check_limits();
  alexnet::check::check_threads();
  alexnet::check::check_cores();
  EXPECT(alexnet_live_handles() == 0);
  return alexnet::check::expectations().finish();
}
