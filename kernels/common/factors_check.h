// What the checks of products on the CPU share: a precision's panels have the bits of float32's, given factors that
// were rounded or widened before.
#ifndef ALEXNET_FACTORS_CHECK_H
#define ALEXNET_FACTORS_CHECK_H

#include <cstring>

#include "common/bf16.h"
#include "common/epilogue.h"
#include "common/rounding.h"
#include "common/unit.h"
#include "common/variant.h"

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
  // What a precision's own variant is given, and what float32's.
  const float* of(bool own) const { return own ? memory.data() : factors.data(); }
};

// "" if the variant of emu's tensor cores in bf16, given two planes one after the other, rounds their sum once: to y,
// which the first launch does not have, from `sums`, which both have. launch(variant, y, epilogue, stream) takes the
// planes.
template <class Pass, class Launch>
std::string tensor_cores_round_once(const typename Pass::Shape& s, int64_t count, const Launch& launch) {
  for (const Variant<Pass>& variant : variants<Pass>()) {
    if (variant.kind != Kind::kEmu || variant.name != std::string("mma_bf16")) continue;
    Floats sums(size_t(count), 1.f), y(size_t(count), 1.f), workspace(size_t(variant.workspace(s)) / sizeof(float) + 1);
    const Stream stream = {{Kind::kEmu, 0, Precision::kBf16}, nullptr, {1}, workspace.data(), variant.workspace(s)};
    Epilogue first, second = {nullptr, true, true};
    first.sums = second.sums = sums.data();
    if (!launch(variant, nullptr, first, stream).ok() || !launch(variant, y.data(), second, stream).ok()) {
      return "mma_bf16 did not run";
    }
    const Floats want = stored(Precision::kBf16, sums);
    return std::memcmp(y.data(), want.data(), size_t(count) * sizeof(Bf16)) == 0 ? "" : "y is not the rounded sum";
  }
  return "there is no mma_bf16";
}

// Launches for memory and for factors, with results of `count` values.
template <class Pass, class Launch>
std::string same_as_of_factors(Precision precision, const typename Pass::Shape& s, int64_t count, bool is_stored,
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

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_FACTORS_CHECK_H
