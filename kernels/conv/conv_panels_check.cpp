// conv on the CPU in each precision: the bits of float32's panels, given factors that were rounded or widened before.
#include <cstring>

#include "common/bf16.h"
#include "common/rounding.h"
#include "common/unit.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;
using Floats = std::vector<float>;

constexpr Precision kPrecisions[] = {Precision::kTf32, Precision::kTf32x3, Precision::kBf16};

// As a precision stores it, in memory for float32.
Floats stored(Precision precision, const Floats& values) {
  if (precision != Precision::kBf16) return values;
  Floats memory(values.size());
  for (size_t i = 0; i < values.size(); ++i) as_bf16(memory.data())[i] = Bf16(values[i]);
  return memory;
}

// A tensor of random values as a pass reads it, and the factors that it has.
struct Tensor {
  Floats memory, factors;

  Tensor(Precision precision, int64_t count, unsigned seed) {
    for (const double v : random_values(count, seed)) factors.push_back(float(v));
    memory = stored(precision, factors);
    for (float& v : factors) v = precision == Precision::kBf16 ? float(Bf16(v)) : rounded(precision, v);
  }
};

// Launches for memory and for factors, with results of `count` values.
template <class Pass, class Launch>
std::string same_as_of_factors(Precision precision, const ConvShape& s, int64_t count, bool is_stored,
                               const Launch& launch) {
  for (const std::string width : {"panels", "panels_avx512"}) {
    const std::string name = width + "_" + precision_name(precision);
    const Variant<Pass>*own = nullptr, *exact = nullptr;
    for (const Variant<Pass>& variant : variants<Pass>()) {
      if (variant.kind == Kind::kCpu && variant.name == name) own = &variant;
      if (variant.kind == Kind::kCpu && variant.name == width) exact = &variant;
    }
    if (exact == nullptr && width != "panels") continue;  // not every processor has AVX-512
    if (exact == nullptr || own == nullptr) return "there is no " + name;
    if (own->workspace(s) != 0) return name + " copies a factor as a whole";
    Floats got(size_t(count), 1.f), want(size_t(count), 1.f);
    if (!launch(*own, true, got.data()).ok() || !launch(*exact, false, want.data()).ok()) return name + " did not run";
    if (is_stored) want = stored(precision, want);
    const size_t bytes = size_t(count) * (is_stored && precision == Precision::kBf16 ? sizeof(Bf16) : sizeof(float));
    if (std::memcmp(got.data(), want.data(), bytes) != 0) {
      return format_text("%s %s %s has other bits than %s of its factors, where C=%d and K=%d", Pass::family,
                         Pass::pass, name.c_str(), width.c_str(), s.C, s.K);
    }
  }
  return "";
}

// One image and several; channels below, at and above a tile of either width, and what no vector divides; strides, groups.
std::string conv_panels_multiply_the_factors_of_a_precision() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const std::vector<ConvShape> shapes = {{1, 3, 31, 29, 48, 11, 11, 4, 0, 1},
                                         {5, 48, 9, 7, 50, 5, 5, 1, 2, 1},
                                         {2, 34, 6, 6, 130, 3, 3, 1, 1, 2},
                                         {17, 5, 5, 4, 17, 3, 3, 2, 1, 1}};
  for (const Precision precision : kPrecisions) {
    for (const ConvShape& s : shapes) {
      const Tensor x(precision, conv_x_count(s), 1), dy(precision, conv_y_count(s), 2),
          w(precision, conv_w_count(s), 3);
      const auto of = [](const Tensor& t, bool own) { return own ? t.memory.data() : t.factors.data(); };
      Floats bias;
      for (const double v : random_values(s.K, 4)) bias.push_back(float(v));
      std::string wrong = same_as_of_factors<ConvFprop>(
          precision, s, conv_y_count(s), true, [&](const Variant<ConvFprop>& v, bool own, float* y) {
            return v.launch(s, of(x, own), of(w, own), y, Epilogue{bias.data(), false, true}, stream);
          });
      if (!wrong.empty()) return wrong;
      wrong = same_as_of_factors<ConvDgrad>(precision, s, conv_x_count(s), true,
                                            [&](const Variant<ConvDgrad>& v, bool own, float* dx) {
                                              return v.launch(s, of(dy, own), of(w, own), of(x, own), dx, stream);
                                            });
      if (!wrong.empty()) return wrong;
      wrong = same_as_of_factors<ConvWgrad>(precision, s, conv_w_count(s), false,
                                            [&](const Variant<ConvWgrad>& v, bool own, float* dw) {
                                              return v.launch(s, of(x, own), of(dy, own), dw, nullptr, stream);
                                            });
      if (!wrong.empty()) return wrong;
    }
  }
  return "";
}

// In bf16 a layer of two planes keeps float32 sums of the first, and rounds those of both once; they stay there, too.
std::string conv_panels_round_the_sum_of_planes_once() {
  const Stream stream = {{Kind::kCpu}, nullptr, {2}};
  const ConvShape s = {3, 20, 6, 5, 50, 3, 3, 1, 1, 2};
  const Tensor x(Precision::kBf16, conv_x_count(s), 1), w(Precision::kBf16, conv_w_count(s), 2);
  Floats bias;
  for (const double v : random_values(s.K, 3)) bias.push_back(float(v));
  Floats sums(size_t(conv_y_count(s)));
  const std::string wrong = same_as_of_factors<ConvFprop>(
      Precision::kBf16, s, conv_y_count(s), true, [&](const Variant<ConvFprop>& v, bool own, float* y) -> Status {
        const float *a = own ? x.memory.data() : x.factors.data(), *b = own ? w.memory.data() : w.factors.data();
        Epilogue first, second = {bias.data(), true, true};
        if (own) first.sums = second.sums = sums.data();
        ALEXNET_TRY(v.launch(s, a, b, own ? nullptr : y, first, stream));
        ALEXNET_TRY(v.launch(s, a, b, y, second, stream));
        if (own) return {};
        ALEXNET_REQUIRE(std::memcmp(sums.data(), y, sums.size() * sizeof(float)) == 0, ALEXNET_INTERNAL, "other sums");
        return {};
      });
  return wrong;
}

ALEXNET_UNIT_TEST("conv", conv_panels_multiply_the_factors_of_a_precision)
ALEXNET_UNIT_TEST("conv", conv_panels_round_the_sum_of_planes_once)

}  // namespace
}  // namespace alexnet
