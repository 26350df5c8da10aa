// The width of the vectors decides about no bit: what is compiled for AVX2 and for AVX-512 gives the same results.
#include <cstring>

#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"

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

ALEXNET_UNIT_TEST("conv", conv_bits_of_both_widths)
ALEXNET_UNIT_TEST("fc", fc_bits_of_both_widths)

}  // namespace
}  // namespace alexnet
