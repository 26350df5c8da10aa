#include "check/pairs_check.h"

#include <cmath>
#include <thread>
#include <vector>

#include "alexnet.h"
#include "check/expect.h"

namespace alexnet::check {

namespace {

// A fully-connected layer that `mma_tf32` splits into parts, so that it needs a workspace; w has kC * kC values.
constexpr alexnet_fc_shape kLayer = {16, 256, 256};
constexpr int64_t kC = 256, kRows = 16 * kC, kBytes = 4 * kC * kC;
constexpr alexnet_fc_shape kLonger = {200, 256, 256};  // in more tiles
constexpr int kBuffers = 12;

// A device with two streams that run `mma_tf32` where there is one, and buffers of kBytes.
struct Pair {
  explicit Pair(int32_t kind = ALEXNET_EMU, int32_t index = 0) {
    EXPECT(alexnet_device_open(kind, index, &device) == ALEXNET_OK);
    EXPECT(alexnet_event_create(device, &event) == ALEXNET_OK);
    EXPECT(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, kBuffers * kBytes, &arena) == ALEXNET_OK);
    for (int i = 0; i < kBuffers; ++i) {
      EXPECT(alexnet_buffer_create(arena, i * kBytes, kBytes, &buffers[i]) == ALEXNET_OK);
    }
    for (alexnet_stream** stream : {&first, &second}) {
      EXPECT(alexnet_stream_create(device, stream) == ALEXNET_OK);
      if (kind != ALEXNET_EMU) continue;
      EXPECT(alexnet_stream_set_precision(*stream, ALEXNET_PRECISION_TF32) == ALEXNET_OK);
      for (const char* pass : {"fprop", "dgrad"}) {
        EXPECT(alexnet_stream_force_variant(*stream, "fc", pass, "mma_tf32") == ALEXNET_OK);
      }
      int64_t bytes = 0;
      EXPECT(alexnet_stream_rehearse_begin(*stream) == ALEXNET_OK);
      EXPECT(product(*stream, 0, 1, 2) == ALEXNET_OK && product(*stream, 0, 1, 2, kLonger) == ALEXNET_OK);
      EXPECT(alexnet_stream_rehearse_end(*stream, &bytes) == ALEXNET_OK && bytes > 0);
    }
    for (int i = 0; i < kBuffers; ++i) fill(first, i, float(i + 1));
    EXPECT(alexnet_stream_synchronize(first) == ALEXNET_OK);
  }
  ~Pair() {
    for (alexnet_buffer* buffer : buffers) EXPECT(alexnet_buffer_close(buffer) == ALEXNET_OK);
    EXPECT(alexnet_arena_close(arena) == ALEXNET_OK);
    EXPECT(alexnet_event_close(event) == ALEXNET_OK);
    EXPECT(alexnet_stream_close(first) == ALEXNET_OK && alexnet_stream_close(second) == ALEXNET_OK);
    EXPECT(alexnet_device_close(device) == ALEXNET_OK);
  }
  alexnet_status begin() { return alexnet_stream_pair_begin(first, second); }
  alexnet_status end() { return alexnet_stream_pair_end(first, second); }
  alexnet_status fill(alexnet_stream* stream, int buffer, float value) {
    return alexnet_fill(stream, buffers[buffer], 0, kBytes / 4, value);
  }
  alexnet_status product(alexnet_stream* stream, int x, int w, int y, alexnet_fc_shape shape = kLayer) {
    return alexnet_fc_fprop(stream, &shape, buffers[x], buffers[w], nullptr, buffers[y], nullptr, 0, 0, nullptr,
                            nullptr, 0);
  }
  alexnet_status add(alexnet_stream* stream, int a, int b, int y) {
    return alexnet_add(stream, kRows, buffers[a], buffers[b], nullptr, buffers[y]);
  }
  // Whether each of a product's results is `value`.
  bool holds(int buffer, float value, int64_t count = kRows) {
    std::vector<float> values(size_t(count), NAN);
    EXPECT(alexnet_copy_out(first, values.data(), buffers[buffer], 0, 4 * count) == ALEXNET_OK);
    for (const float found : values) {
      if (!(found == value)) return false;
    }
    return true;
  }
  int64_t joined(alexnet_stream* stream) {
    int64_t launches = -1;
    EXPECT(alexnet_stream_pair_launches(stream, &launches) == ALEXNET_OK);
    return launches;
  }

  alexnet_device* device = nullptr;
  alexnet_stream *first = nullptr, *second = nullptr;
  alexnet_event* event = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer* buffers[kBuffers] = {};
};

// Of rows of a and of b.
float product_of(int x, int w) { return float(x + 1) * float(w + 1) * float(kC); }

// Two products are one launch, and each finds its own operands and workspace.
void check_alike() {
  Pair t;
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(t.product(t.first, 0, 1, 4) == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT(t.joined(t.first) == 0 && t.joined(t.second) == 0);  // nothing was launched yet
  EXPECT_CALL(t.end());
  EXPECT(t.joined(t.first) == 1 && t.joined(t.second) == 0);
  EXPECT(t.holds(4, product_of(0, 1)) && t.holds(5, product_of(2, 3)));
}

// Others are launched one after the other: of another extent, of kernels that are for one alone, of one stream alone.
void check_unlike() {
  Pair t;
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(t.product(t.first, 0, 1, 4) == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 5, kLonger) == ALEXNET_OK);
  EXPECT_CALL(t.end());
  EXPECT(t.holds(4, product_of(0, 1)) && t.holds(5, product_of(2, 3), kLonger.N * kC));
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(t.add(t.first, 0, 1, 4) == ALEXNET_OK && t.add(t.first, 4, 4, 6) == ALEXNET_OK);
  EXPECT(t.add(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT_CALL(t.end());
  EXPECT(t.holds(4, 3) && t.holds(6, 6) && t.holds(5, 7));
  EXPECT(t.begin() == ALEXNET_OK && t.product(t.second, 0, 1, 5) == ALEXNET_OK && t.end() == ALEXNET_OK);
  EXPECT(t.begin() == ALEXNET_OK && t.end() == ALEXNET_OK);
  EXPECT(t.holds(5, product_of(0, 1)) && t.joined(t.first) == 0);
}

// Kernels of cpu run at once.
void check_cpu() {
  Pair t(ALEXNET_CPU);
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(t.add(t.first, 0, 1, 4) == ALEXNET_OK && t.add(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT_CALL(t.end());
  EXPECT(t.holds(4, 3) && t.holds(5, 7) && t.joined(t.first) == 0);
}

void check_states() {
  Pair t, other(ALEXNET_EMU, 1);
  alexnet_stream* third = nullptr;
  EXPECT(alexnet_stream_create(t.device, &third) == ALEXNET_OK);
  EXPECT(alexnet_stream_pair_begin(t.first, t.first) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "first and second are one stream");
  EXPECT(alexnet_stream_pair_begin(t.first, other.first) == ALEXNET_BAD_ARGUMENT);
  EXPECT_TEXT(alexnet_last_error(), "first lives on emu:0, second on emu:1");
  EXPECT(alexnet_stream_pair_begin(nullptr, t.first) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_stream_pair_begin(t.first, nullptr) == ALEXNET_BAD_ARGUMENT);
  EXPECT(t.end() == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_stream_pair_launches(t.first, nullptr) == ALEXNET_BAD_ARGUMENT);
  for (alexnet_stream* rehearsing : {t.first, t.second}) {
    int64_t bytes = 0;
    EXPECT(alexnet_stream_rehearse_begin(rehearsing) == ALEXNET_OK && t.begin() == ALEXNET_WRONG_STATE);
    EXPECT_TEXT(alexnet_last_error(), "rehearsal");
    EXPECT(alexnet_stream_rehearse_end(rehearsing, &bytes) == ALEXNET_OK);
  }

  EXPECT(t.begin() == ALEXNET_OK);
  for (alexnet_stream* stream : {t.first, t.second}) {
    float host = 0;
    alexnet_graph* graph = nullptr;
    EXPECT(t.fill(stream, 4, 1) == ALEXNET_WRONG_STATE);
    EXPECT_TEXT(alexnet_last_error(), "the stream is in a pair, which takes operations only");
    EXPECT(alexnet_clear(stream, t.buffers[4], 0, 4) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_copy(stream, t.buffers[4], 0, t.buffers[0], 0, 4) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_copy_in(stream, t.buffers[4], 0, &host, 4) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_copy_out(stream, &host, t.buffers[4], 0, 4) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_event_record(t.event, stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_event_mark(t.event, stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_wait(stream, t.event) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_synchronize(stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_rehearse_begin(stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_set_precision(stream, ALEXNET_PRECISION_FP32) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_graph_record(&stream, 1, &graph) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_close(stream) == ALEXNET_WRONG_STATE);
    EXPECT_TEXT(alexnet_last_error(), "the stream is in a pair");
    EXPECT(alexnet_stream_pair_begin(stream, third) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_pair_begin(third, stream) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_pair_end(stream, third) == ALEXNET_WRONG_STATE);
    EXPECT(alexnet_stream_pair_end(third, stream) == ALEXNET_WRONG_STATE);
  }
  EXPECT(alexnet_stream_pair_end(t.second, t.first) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "first and second are not a pair, in this order");
  EXPECT(t.product(t.first, 0, 1, 4) == ALEXNET_OK);  // all that changed nothing
  EXPECT_CALL(t.end());
  EXPECT(t.holds(4, product_of(0, 1)) && alexnet_stream_close(third) == ALEXNET_OK);
}

// An operation that fails leaves the others; a launch that fails ends the pair all the same.
void check_errors() {
  Pair t;
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(t.product(t.first, 0, 1, 1) == ALEXNET_BAD_ARGUMENT);
  EXPECT(t.product(t.first, 0, 1, 4) == ALEXNET_OK);
  // What one stream writes is not for the other, and what one reads the other does not write.
  for (const auto& [x, y] : std::vector<std::pair<int, int>>{{4, 5}, {2, 4}, {2, 0}}) {
    EXPECT(t.product(t.second, x, 3, y) == ALEXNET_BAD_ARGUMENT);
    EXPECT_TEXT(alexnet_last_error(), "fc/fprop of the pair's other stream has");
  }
  EXPECT(t.product(t.first, 4, 1, 6) == ALEXNET_OK);  // but for its own
  EXPECT(alexnet_fault("failed:fc/fprop:2") == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 7) == ALEXNET_BACKEND);
  EXPECT(alexnet_fault(nullptr) == ALEXNET_OK);
  EXPECT_CALL(t.product(t.first, 0, 1, 7));  // as the one that failed has not written it
  EXPECT_CALL(t.end());
  EXPECT(t.holds(4, product_of(0, 1)) && t.holds(5, product_of(2, 3)) && t.joined(t.first) == 1);
  EXPECT(t.holds(7, product_of(0, 1)));
  EXPECT(t.holds(6, product_of(0, 1) * 2 * float(kC)));
  EXPECT(t.fill(t.second, 5, 1) == ALEXNET_OK && t.holds(5, 1));
}

// A device that is lost between begin and end.
void check_lost() {
  Pair t(ALEXNET_EMU, 2);
  EXPECT(t.begin() == ALEXNET_OK && t.product(t.first, 0, 1, 4) == ALEXNET_OK);
  EXPECT(alexnet_fault("device_lost:fc/fprop:2") == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT(t.product(t.second, 2, 3, 6) == ALEXNET_DEVICE_LOST);
  EXPECT(alexnet_fault(nullptr) == ALEXNET_OK);
  EXPECT(t.end() == ALEXNET_DEVICE_LOST);
  EXPECT_TEXT(alexnet_last_error(), "stream 1 of emu:2", "fc/fprop/mma_tf32", "stream 2 of emu:2");
  EXPECT(t.end() == ALEXNET_WRONG_STATE);  // it has ended
}

// Both directions of waiting, and that operations of both are at home on the first stream.
void check_order() {
  EXPECT(alexnet_races(1) == ALEXNET_OK);
  {
    Pair t;
    EXPECT(t.fill(t.second, 0, 1) == ALEXNET_OK);  // begin: the first waits for it
    EXPECT(t.begin() == ALEXNET_OK);
    EXPECT_CALL(t.product(t.second, 0, 1, 4));
    EXPECT_CALL(t.product(t.first, 0, 2, 5));
    EXPECT(t.end() == ALEXNET_OK);
    EXPECT_CALL(t.fill(t.second, 4, 1));  // end: the second waits for both
    EXPECT_CALL(t.fill(t.second, 5, 1));
    EXPECT(t.fill(t.first, 4, 1) == ALEXNET_INTERNAL);  // the first does not wait for what came later
    EXPECT_TEXT(alexnet_last_error(), "race: fill/floats writes to");
  }
  {
    Pair t;
    EXPECT(t.begin() == ALEXNET_OK && t.product(t.second, 0, 1, 4) == ALEXNET_OK && t.end() == ALEXNET_OK);
    EXPECT_CALL(t.fill(t.first, 4, 1));  // the first stream did it
  }
  EXPECT(alexnet_races(0) == ALEXNET_OK);
}

// A graph does the same at each launch.
void check_recorded(int32_t kind) {
  Pair t(kind);
  alexnet_stream* const streams[] = {t.first, t.second};
  alexnet_graph* graph = nullptr;
  EXPECT(alexnet_graph_record(streams, 1, &graph) == ALEXNET_OK);
  EXPECT(t.begin() == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "one stream is recorded");
  EXPECT(alexnet_stream_pair_begin(t.second, t.first) == ALEXNET_WRONG_STATE);
  EXPECT(alexnet_graph_close(graph) == ALEXNET_OK);

  const bool products = kind == ALEXNET_EMU;
  const auto work = [&](alexnet_stream* stream, int x, int w, int y) {
    return products ? t.product(stream, x, w, y) : t.add(stream, x, w, y);
  };
  const auto value = [&](int x, int w) { return products ? product_of(x, w) : float(x + w + 2); };
  EXPECT(alexnet_graph_record(streams, 2, &graph) == ALEXNET_OK);
  EXPECT_CALL(t.begin());
  EXPECT(work(t.first, 0, 1, 4) == ALEXNET_OK && t.add(t.first, 7, 0, 7) == ALEXNET_OK);
  EXPECT(work(t.second, 2, 3, 5) == ALEXNET_OK);
  EXPECT(alexnet_graph_finish(graph) == ALEXNET_WRONG_STATE);
  EXPECT_TEXT(alexnet_last_error(), "the stream is in a pair");
  EXPECT(t.begin() == ALEXNET_WRONG_STATE);
  std::thread([&] { EXPECT(t.end() == ALEXNET_WRONG_STATE); }).join();  // of another thread
  EXPECT_CALL(t.end());
  EXPECT(t.add(t.second, 4, 5, 6) == ALEXNET_OK);
  EXPECT_CALL(alexnet_graph_finish(graph));
  EXPECT(t.joined(t.first) == 0);
  for (int64_t launch = 1; launch <= 2; ++launch) {
    for (const int result : {4, 5, 6, 7}) EXPECT(t.fill(t.first, result, -1) == ALEXNET_OK);
    EXPECT_CALL(alexnet_graph_launch(graph));
    EXPECT(t.holds(7, 0));
    EXPECT(t.holds(4, value(0, 1)) && t.holds(5, value(2, 3)) && t.holds(6, value(0, 1) + value(2, 3)));
    EXPECT(t.joined(t.first) == (products ? launch : 0));
  }
  // One that fails in the middle leaves nothing to the next.
  EXPECT(alexnet_fault(products ? "failed:fc/fprop:2" : "failed:add/fprop:3") == ALEXNET_OK);
  EXPECT(alexnet_graph_launch(graph) == ALEXNET_BACKEND);
  EXPECT(alexnet_fault(nullptr) == ALEXNET_OK);
  const int64_t before = t.joined(t.first);
  EXPECT(t.fill(t.first, 7, -1) == ALEXNET_OK);
  EXPECT_CALL(alexnet_graph_launch(graph));
  EXPECT(t.holds(7, 0) && t.joined(t.first) == before + (products ? 1 : 0));
  EXPECT(t.begin() == ALEXNET_OK);
  EXPECT(alexnet_graph_launch(graph) == ALEXNET_WRONG_STATE);
  EXPECT_CALL(t.end());
  EXPECT(alexnet_graph_close(graph) == ALEXNET_OK);

  // A recording that is thrown away ends the pair.
  EXPECT(alexnet_graph_record(streams, 2, &graph) == ALEXNET_OK && t.begin() == ALEXNET_OK);
  EXPECT(alexnet_graph_close(graph) == ALEXNET_OK && t.end() == ALEXNET_WRONG_STATE);
  EXPECT_CALL(t.begin());
  EXPECT_CALL(t.end());
}

}  // namespace

void check_pairs() {
  check_alike();
  check_unlike();
  check_cpu();
  check_states();
  check_errors();
  check_lost();
  check_order();
  check_recorded(ALEXNET_EMU);
  check_recorded(ALEXNET_CPU);
}

}  // namespace alexnet::check
