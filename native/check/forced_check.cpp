#include "check/forced_check.h"

#include <cstdlib>
#include <string>

#include "add/add.h"
#include "alexnet.h"
#include "check/expect.h"

namespace alexnet::check {

namespace {

// A kernel of this program, whose sums show that it was it. It is chosen for this count alone.
constexpr int64_t kOwnCount = 103, kOther = 7;
Status launch_thrice(const AddShape& s, const float* a, const float* b, const float*, float* y, Stream) {
  for (int64_t i = 0; i < s.count; ++i) y[i] = 3 * (a[i] + b[i]);
  return {};
}
int prefer_thrice(const AddShape& s, const Target&) { return s.count == kOwnCount ? 9 : 0; }
ALEXNET_VARIANT(AddFprop, "thrice", prefer_thrice, launch_thrice)

struct Streams {
  Streams() {
    EXPECT_CALL(alexnet_device_open(ALEXNET_EMU, 0, &device));
    EXPECT_CALL(alexnet_stream_create(device, &one));
    EXPECT_CALL(alexnet_stream_create(device, &two));
    EXPECT_CALL(alexnet_arena_create(device, ALEXNET_MEMORY_DEVICE, 2048, &arena));
    EXPECT_CALL(alexnet_buffer_create(arena, 0, 1024, &a));
    EXPECT_CALL(alexnet_buffer_create(arena, 1024, 1024, &b));
    EXPECT_CALL(alexnet_fill(one, a, 0, 256, 1));
  }
  ~Streams() {
    EXPECT_CALL(alexnet_buffer_close(a));
    EXPECT_CALL(alexnet_buffer_close(b));
    EXPECT_CALL(alexnet_arena_close(arena));
    EXPECT_CALL(alexnet_stream_close(one));
    EXPECT_CALL(alexnet_stream_close(two));
    EXPECT_CALL(alexnet_device_close(device));
  }
  alexnet_status add(alexnet_stream* stream, int64_t count) const {
    return alexnet_add(stream, count, a, a, nullptr, b);
  }
  // The last of `count` sums of 1 and 1.
  float sum(alexnet_stream* stream, int64_t count) const {
    float value = -1;
    EXPECT_CALL(add(stream, count));
    EXPECT_CALL(alexnet_copy_out(stream, &value, b, 4 * (count - 1), 4));
    EXPECT_CALL(alexnet_stream_synchronize(stream));
    return value;
  }

  alexnet_device* device = nullptr;
  alexnet_stream *one = nullptr, *two = nullptr;
  alexnet_arena* arena = nullptr;
  alexnet_buffer *a = nullptr, *b = nullptr;
};

// Of two streams of a device each has its own variant, whatever the environment says.
void check_own_variants() {
  const Streams s;
  const auto force = [&](const char* variant) { return alexnet_stream_force_variant(s.one, "add", "fprop", variant); };
  EXPECT(s.sum(s.one, kOwnCount) == 6);
  EXPECT_CALL(force("vector"));
  EXPECT(s.sum(s.one, kOwnCount) == 2 && s.sum(s.two, kOwnCount) == 6 && s.sum(s.one, kOwnCount) == 2);
  EXPECT(setenv("ALEXNET_ADD_FPROP", "sideways", 1) == 0);
  EXPECT(s.sum(s.one, kOwnCount) == 2 && s.add(s.two, kOwnCount) == ALEXNET_UNSUPPORTED);
  EXPECT(unsetenv("ALEXNET_ADD_FPROP") == 0);

  EXPECT_CALL(force("thrice"));
  EXPECT(s.sum(s.one, kOwnCount) == 6 && s.sum(s.two, kOther) == 2);
  EXPECT(s.add(s.one, kOther) == ALEXNET_UNSUPPORTED);
  EXPECT_TEXT(alexnet_last_error(), "'thrice', which the stream forces, does not take this shape; those that do: ");
  EXPECT_CALL(force(""));
  EXPECT(s.sum(s.one, kOther) == 2 && s.sum(s.one, kOwnCount) == 6);
}

void check_refused_variants() {
  const Streams s;
  const auto refused = [&](const char* family, const char* pass, const char* variant, const char* text) {
    EXPECT(alexnet_stream_force_variant(s.one, family, pass, variant) == ALEXNET_BAD_ARGUMENT);
    EXPECT_TEXT(alexnet_last_error(), "alexnet_stream_force_variant: ", text);
  };
  refused("sub", "fprop", "vector", "no family is named 'sub'; there are: add, bias, cast, channels, conv, ");
  refused("conv", "grad", "direct", "conv has no pass 'grad'; there are: dgrad, fprop, wgrad");
  refused("conv", "fprop", "panels", "conv fprop on emu has no variant 'panels'; there are: depth_mma_bf16, direct");
  refused("conv", "fprop", "\x1b[31m", "no variant '\\x1b[31m'");
  refused("conv", "fprop", nullptr, "family, pass or variant is null");
}

// Variants are forced before a rehearsal, which notes what was forced in vain.
void check_rehearsed_variants() {
  const Streams s;
  int64_t bytes = -1;
  char text[512] = "";
  EXPECT_CALL(alexnet_stream_force_variant(s.one, "add", "fprop", "vector"));
  EXPECT_CALL(alexnet_stream_force_variant(s.one, "relu", "fprop", "direct"));
  EXPECT_CALL(alexnet_stream_rehearse_begin(s.one));
  EXPECT(alexnet_stream_force_variant(s.one, "add", "fprop", "direct") == ALEXNET_WRONG_STATE);
  EXPECT_CALL(s.add(s.one, kOther));
  EXPECT_CALL(alexnet_stream_rehearse_end(s.one, &bytes));
  EXPECT_CALL(alexnet_stream_notes(s.one, text, sizeof text));
  EXPECT(text == std::string("relu fprop: 'direct' is forced, but no operation is of this pass\n"));

  alexnet_graph* graph = nullptr;
  EXPECT_CALL(alexnet_graph_record(&s.one, 1, &graph));
  EXPECT(alexnet_stream_force_variant(s.one, "add", "fprop", "direct") == ALEXNET_WRONG_STATE);
  EXPECT_CALL(alexnet_graph_close(graph));
}

// y = x * w of one value each, where x is 1 + 2^-11: half between two numbers of tf32.
void check_own_precision() {
  const Streams s;
  const float x = 1 + 0x1p-11f;
  const alexnet_fc_shape one = {1, 1, 1};
  alexnet_buffer* y = nullptr;
  EXPECT_CALL(alexnet_buffer_create(s.arena, 1536, 512, &y));
  const auto product = [&](alexnet_stream* stream) {
    float value = -1;
    EXPECT_CALL(alexnet_stream_rehearse_begin(stream));
    int64_t bytes = 0;
    const auto fprop = [&] {
      return alexnet_fc_fprop(stream, &one, s.b, s.a, nullptr, y, nullptr, 0, 0, nullptr, nullptr, 0);
    };
    EXPECT_CALL(fprop());
    EXPECT(alexnet_stream_set_precision(stream, ALEXNET_PRECISION_TF32) == ALEXNET_WRONG_STATE);
    EXPECT_CALL(alexnet_stream_rehearse_end(stream, &bytes));
    EXPECT_CALL(fprop());
    EXPECT_CALL(alexnet_copy_out(stream, &value, y, 0, 4));
    EXPECT_CALL(alexnet_stream_synchronize(stream));
    return value;
  };
  EXPECT_CALL(alexnet_fill(s.one, s.b, 0, 1, x));
  EXPECT_CALL(alexnet_stream_set_precision(s.one, ALEXNET_PRECISION_TF32));
  EXPECT(product(s.one) == 1 + 0x1p-10f && product(s.two) == x);
  EXPECT_CALL(alexnet_stream_set_precision(s.one, ALEXNET_PRECISION_3XTF32));
  EXPECT(product(s.one) == x);  // 2^-11 is what remains
  EXPECT_CALL(alexnet_stream_set_precision(s.one, ALEXNET_PRECISION_FP32));
  EXPECT(product(s.one) == x);
  for (const int32_t other : {-1, 9}) {
    EXPECT(alexnet_stream_set_precision(s.one, other) == ALEXNET_BAD_ARGUMENT);
    EXPECT_TEXT(alexnet_last_error(), "precision is ", "allowed: 0 (fp32), 1 (tf32), 2 (bf16), 3 (3xtf32)");
  }
  EXPECT_CALL(alexnet_buffer_close(y));
}

// Winograd is of cpu in fp32; whichever of algorithm and precision comes second is refused and changes nothing.
void check_own_algorithm() {
  const Streams s;  // of emu
  EXPECT_CALL(alexnet_stream_set_algorithm(s.one, ALEXNET_ALGORITHM_DIRECT));
  EXPECT(alexnet_stream_set_algorithm(nullptr, ALEXNET_ALGORITHM_DIRECT) == ALEXNET_BAD_ARGUMENT);
  EXPECT(alexnet_stream_set_algorithm(s.one, ALEXNET_ALGORITHM_WINOGRAD2) == ALEXNET_UNSUPPORTED);
  EXPECT_TEXT(alexnet_last_error(), "algorithm winograd2 has kernels on cpu in precision fp32 alone",
              "would be emu in fp32");
  for (const int32_t other : {-1, 3}) {
    EXPECT(alexnet_stream_set_algorithm(s.one, other) == ALEXNET_BAD_ARGUMENT);
    EXPECT_TEXT(alexnet_last_error(), "algorithm is ", "allowed: 0 (direct), 1 (winograd2), 2 (winograd4)");
  }
  alexnet_device* device = nullptr;
  alexnet_stream* stream = nullptr;
  int64_t bytes = 0;
  EXPECT_CALL(alexnet_device_open(ALEXNET_CPU, 0, &device));
  EXPECT_CALL(alexnet_stream_create(device, &stream));
  EXPECT_CALL(alexnet_stream_set_algorithm(stream, ALEXNET_ALGORITHM_WINOGRAD4));
  EXPECT(alexnet_stream_set_precision(stream, ALEXNET_PRECISION_TF32) == ALEXNET_UNSUPPORTED);
  EXPECT_TEXT(alexnet_last_error(), "algorithm winograd4 has kernels on cpu", "would be cpu in tf32");
  EXPECT_CALL(alexnet_stream_set_precision(stream, ALEXNET_PRECISION_FP32));
  EXPECT_CALL(alexnet_stream_set_algorithm(stream, ALEXNET_ALGORITHM_DIRECT));
  EXPECT_CALL(alexnet_stream_set_precision(stream, ALEXNET_PRECISION_TF32));
  EXPECT(alexnet_stream_set_algorithm(stream, ALEXNET_ALGORITHM_WINOGRAD4) == ALEXNET_UNSUPPORTED);
  EXPECT_CALL(alexnet_stream_rehearse_begin(stream));
  EXPECT(alexnet_stream_set_algorithm(stream, ALEXNET_ALGORITHM_DIRECT) == ALEXNET_WRONG_STATE);
  EXPECT_CALL(alexnet_stream_rehearse_end(stream, &bytes));
  EXPECT_CALL(alexnet_stream_close(stream));
  EXPECT_CALL(alexnet_device_close(device));
}

}  // namespace

void check_forced() {
  check_own_variants();
  check_refused_variants();
  check_own_precision();
  check_own_algorithm();
  check_rehearsed_variants();
}

}  // namespace alexnet::check
