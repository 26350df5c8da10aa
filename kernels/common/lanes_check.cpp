// The width of the vectors decides about no bit: what is compiled for AVX2 and for AVX-512 gives the same results. And
// lanes store and load bf16 as bf16.h does, and round factors as rounding.h.
#include <cstring>

#include "common/bf16.h"
#include "common/rounding.h"
#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"

#pragma GCC push_options
#pragma GCC target("avx2,fma")
#include "common/factors_cpu.h"

namespace alexnet {
namespace {

// Of kLanes values.
void store_whole(const float* from, Bf16* to) { WholeLanes().store(to, vector_load(from)); }
void load_whole(const Bf16* from, float* to) { vector_store(to, WholeLanes().load(from)); }
// Of those in [first, last).
void store_some(const float* from, int first, int last, Bf16* to) {
  SomeLanes(first, last).store(to, vector_load(from));
}
void load_some(const Bf16* from, int first, int last, float* to) {
  vector_store(to, SomeLanes(first, last).load(from));
}
template <Precision precision>
void round_whole(const float* from, float* to) {
  vector_store(to, rounded_lanes<precision>(vector_load(from)));
}

}  // namespace
}  // namespace alexnet
#pragma GCC pop_options

namespace alexnet {
namespace {

using namespace check;
using Floats = std::vector<float>;

template <class Pass>
const Variant<Pass>* cpu_variant(const char* name) {
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind == Kind::kCpu && std::strcmp(variant.name, name) == 0) return &variant;
  }
  return nullptr;
}

Floats random_floats(int64_t count, unsigned seed) {
  Floats values;
  for (const double v : random_values(count, seed)) values.push_back(float(v));
  return values;
}

// "" if both widths of a pass give the same `count` floats, or this machine has only one. run(variant, out).
template <class Pass, class Run>
std::string same_bits(const typename Pass::Shape& s, int64_t count, const Run& run) {
  const Variant<Pass>*narrow = cpu_variant<Pass>("panels"), *wide = cpu_variant<Pass>("panels_avx512");
  if (narrow == nullptr || wide == nullptr || narrow->preference(s, {Kind::kCpu}) == 0) return "";
  Floats a(size_t(count), 0.f), b(size_t(count), 1.f);
  if (!run(*narrow, a.data()).ok() || !run(*wide, b.data()).ok()) return format_text("%s: did not run", Pass::pass);
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::memcmp(&a[i], &b[i], sizeof(float)) == 0) continue;
    return format_text("%s %s [%zu] is %.9g with 8 lanes, %.9g with 16", Pass::family, Pass::pass, i, double(a[i]),
                       double(b[i]));
  }
  return "";
}

// One image and several; channels below, at and above a tile of either width; strides, groups, padding; images that
// wgrad takes in several segments, and several at a time.
std::string conv_bits_of_both_widths() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const std::vector<ConvShape> shapes = {{1, 3, 31, 29, 48, 11, 11, 4, 0, 1},
                                         {5, 48, 9, 7, 50, 5, 5, 1, 2, 1},
                                         {2, 34, 6, 6, 130, 3, 3, 1, 1, 2},
                                         {17, 5, 5, 4, 17, 3, 3, 2, 1, 1},
                                         {2, 20, 40, 40, 20, 3, 3, 1, 1, 1}};
  for (const ConvShape& s : shapes) {
    const int64_t x_count = int64_t(s.N) * s.H * s.W * s.C, y_count = int64_t(s.N) * conv_P(s) * conv_Q(s) * s.K;
    const Floats x = random_floats(x_count, 1), dy = random_floats(y_count, 2), w = random_floats(conv_w_count(s), 3);
    std::string wrong = same_bits<ConvFprop>(s, y_count, [&](const Variant<ConvFprop>& v, float* y) {
      return v.launch(s, x.data(), w.data(), y, Epilogue{}, stream);
    });
    if (!wrong.empty()) return wrong;
    wrong = same_bits<ConvDgrad>(s, x_count, [&](const Variant<ConvDgrad>& v, float* dx) {
      return v.launch(s, dy.data(), w.data(), x.data(), dx, stream);
    });
    if (!wrong.empty()) return wrong;
    wrong = same_bits<ConvWgrad>(s, conv_w_count(s), [&](const Variant<ConvWgrad>& v, float* dw) {
      return v.launch(s, x.data(), dy.data(), dw, nullptr, stream);
    });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string fc_bits_of_both_widths() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  for (const FcShape& s : {FcShape{5, 37, 19}, FcShape{33, 64, 7}, FcShape{49, 1030, 65}, FcShape{96, 580, 300}}) {
    const int64_t x_count = int64_t(s.N) * s.C, y_count = int64_t(s.N) * s.K, w_count = int64_t(s.K) * s.C;
    const Floats x = random_floats(x_count, 1), dy = random_floats(y_count, 2), w = random_floats(w_count, 3);
    std::string wrong = same_bits<FcFprop>(s, y_count, [&](const Variant<FcFprop>& v, float* y) {
      return v.launch(s, x.data(), w.data(), y, Epilogue{}, stream);
    });
    if (!wrong.empty()) return wrong;
    wrong = same_bits<FcDgrad>(s, x_count, [&](const Variant<FcDgrad>& v, float* dx) {
      return v.launch(s, dy.data(), w.data(), x.data(), dx, stream);
    });
    if (!wrong.empty()) return wrong;
    wrong = same_bits<FcWgrad>(s, w_count, [&](const Variant<FcWgrad>& v, float* dw) {
      return v.launch(s, x.data(), dy.data(), dw, nullptr, stream);
    });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

uint32_t bits_of(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

float float_of(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

bool has_lanes() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }

// All that bf16 can store, and floats above it: beside the next one, half-way and beside that.
std::string lanes_round_and_widen_bf16() {
  if (!has_lanes()) return "";
  for (uint32_t high = 0; high < 1u << 16; high += kLanes) {
    float wide[kLanes];
    Bf16 stored[kLanes];
    for (const uint32_t low : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      for (int i = 0; i < kLanes; ++i) wide[i] = float_of((high + uint32_t(i)) << 16 | low);
      store_whole(wide, stored);
      for (int i = 0; i < kLanes; ++i) {
        if (stored[i].bits == bf16_bits(bits_of(wide[i]))) continue;
        return format_text("%08x is stored as %04x", bits_of(wide[i]), unsigned(stored[i].bits));
      }
    }
    for (int i = 0; i < kLanes; ++i) stored[i] = Bf16::of(uint16_t(high + uint32_t(i)));
    load_whole(stored, wide);
    for (int i = 0; i < kLanes; ++i) {
      if (bits_of(wide[i]) != uint32_t(stored[i].bits) << 16)
        return format_text("%04x is loaded wrong", stored[i].bits);
    }
  }
  return "";
}

// Of all signs, exponents and upper 7 bits of the fraction: what is beside a number of tf32, half-way and beside that;
// of 3xtf32 the same of what remains. A NaN may become another one.
template <Precision precision>
std::string lanes_round_to() {
  for (uint32_t high = 0; high < 1u << 16; high += kLanes) {
    for (const uint32_t low : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x1fffu, 0x2000u, 0xefffu, 0xf000u, 0xffffu}) {
      float from[kLanes], to[kLanes];
      for (int i = 0; i < kLanes; ++i) from[i] = float_of((high + uint32_t(i)) << 16 | low);
      round_whole<precision>(from, to);
      for (int i = 0; i < kLanes; ++i) {
        const float want = rounded(precision, from[i]);
        if (bits_of(to[i]) == bits_of(want) || (to[i] != to[i] && want != want)) continue;
        return format_text("%08x is rounded to %08x", bits_of(from[i]), bits_of(to[i]));
      }
    }
  }
  return "";
}
std::string lanes_round_factors() {
  if (!has_lanes()) return "";
  const std::string wrong = lanes_round_to<Precision::kTf32>();
  return wrong.empty() ? lanes_round_to<Precision::kTf32x3>() : wrong;
}

std::string some_lanes_of_bf16_leave_the_others() {
  if (!has_lanes()) return "";
  const uint16_t before = 0x4242;
  for (int first = 0; first <= kLanes; ++first) {
    for (int last = first; last <= kLanes; ++last) {
      float wide[kLanes];
      Bf16 memory[3 * kLanes];
      for (int i = 0; i < kLanes; ++i) wide[i] = float(i) + 1.3f;
      for (Bf16& value : memory) value.bits = before;
      store_some(wide, first, last, memory + kLanes);
      for (int i = 0; i < 3 * kLanes; ++i) {
        const int lane = i - kLanes;
        const uint16_t want = lane >= first && lane < last ? Bf16(wide[lane]).bits : before;
        if (memory[i].bits != want) return format_text("lanes %d to %d: lane %d is not as expected", first, last, lane);
      }
      load_some(memory + kLanes, first, last, wide);
      for (int i = 0; i < kLanes; ++i) {
        const float want = i >= first && i < last ? float(memory[kLanes + i]) : 0.f;
        if (bits_of(wide[i]) != bits_of(want))
          return format_text("lanes %d to %d: lane %d is loaded wrong", first, last, i);
      }
    }
  }
  return "";
}

ALEXNET_UNIT_TEST("lanes", lanes_round_and_widen_bf16)
ALEXNET_UNIT_TEST("lanes", lanes_round_factors)
ALEXNET_UNIT_TEST("lanes", some_lanes_of_bf16_leave_the_others)
ALEXNET_UNIT_TEST("conv", conv_bits_of_both_widths)
ALEXNET_UNIT_TEST("fc", fc_bits_of_both_widths)

}  // namespace
}  // namespace alexnet
