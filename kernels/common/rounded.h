// rounded: a product's pass in a precision in which a kind has no kernels of its own. Both factors are rounded into the
// workspace, then the pass's variant for float32 runs: the exact products of rounded factors, with sums in float32.
// Those of 3xtf32 are rounded as the float32 variant rounds, and have the product of the low parts, which tensor cores
// leave out.
//
// A family's *_rounded.cu and *_rounded_cpu.cpp include rounding.cuh or rounding_cpu.h, which define round_factor for
// their kind, then the family's *_rounded.h, which has its passes, templates over the precision, and registers them.
#ifndef ALEXNET_ROUNDED_H
#define ALEXNET_ROUNDED_H

#include <string>

#include "bias/bias.h"
#include "common/variant.h"

namespace alexnet {
namespace {

constexpr int64_t kRoundedAlignment = 256;  // bytes, as a workspace has

// What an exact launch of this kind is chosen for. The capability is not known where a workspace is asked for; no
// preference of a float32 variant depends on it.
constexpr Target kExact{kCompiledKind, 0, Precision::kFp32};

template <class Pass>
const Variant<Pass>* exact_variant(const typename Pass::Shape& shape) {
  std::string why;
  return choose<Pass>(kExact, shape, Forced{}, &why);
}

template <class Pass>
int prefer_rounded(const typename Pass::Shape& shape, const Target&) {
  // On the emulator it is quicker than tensor cores, all of whose lanes meet at each product.
  constexpr int kPreference = kCompiledKind == Kind::kEmu ? 2 : 1;
  return exact_variant<Pass>(shape) == nullptr ? 0 : kPreference;
}

constexpr int64_t rounded_bytes(int64_t count) {
  return (count * int64_t(sizeof(float)) + kRoundedAlignment - 1) / kRoundedAlignment * kRoundedAlignment;
}

// Of a pass whose factors have so many values.
template <class Pass>
int64_t rounded_workspace(const typename Pass::Shape& shape, int64_t a_count, int64_t b_count) {
  const Variant<Pass>* const exact = exact_variant<Pass>(shape);
  return rounded_bytes(a_count) + rounded_bytes(b_count) + (exact == nullptr ? 0 : exact->workspace(shape));
}

// Calls launch(exact variant's launcher, a, b, stream) with rounded factors and a stream whose workspace is the rest.
template <class Pass, class Launch>
Status launch_rounded(Precision precision, const typename Pass::Shape& shape, const float* a, int64_t a_count,
                      const float* b, int64_t b_count, Stream stream, const Launch& launch) {
  const Variant<Pass>* const exact = exact_variant<Pass>(shape);
  ALEXNET_REQUIRE(exact != nullptr, ALEXNET_UNSUPPORTED, "%s %s: no float32 variant takes this shape", Pass::family,
                  Pass::pass);
  char* const memory = static_cast<char*>(stream.workspace);
  float* const a_rounded = reinterpret_cast<float*>(memory);
  float* const b_rounded = reinterpret_cast<float*>(memory + rounded_bytes(a_count));
  ALEXNET_TRY(round_factor(a_count, precision, a, a_rounded, stream));
  ALEXNET_TRY(round_factor(b_count, precision, b, b_rounded, stream));
  const int64_t used = rounded_bytes(a_count) + rounded_bytes(b_count);
  Stream rest = stream;
  rest.target.precision = Precision::kFp32;
  rest.workspace = memory + used;
  rest.workspace_bytes = stream.workspace_bytes - used;
  return launch(exact->launch, a_rounded, b_rounded, rest);
}

// The variants of a pass, one in each precision that has no kernels of its own everywhere.
#define ALEXNET_ROUNDED(Pass, workspace, launch)                                                      \
  ALEXNET_VARIANT_IN(kTf32, Pass, "rounded_tf32", ::alexnet::prefer_rounded<Pass>, workspace, launch) \
  ALEXNET_VARIANT_IN(kTf32x3, Pass, "rounded_3xtf32", ::alexnet::prefer_rounded<Pass>, workspace, launch)

// A gradient of weights sums that of the biases as well, of what was not rounded.
inline int64_t bias_workspace(const BiasShape& shape) {
  const Variant<BiasGrad>* const exact = exact_variant<BiasGrad>(shape);
  return exact == nullptr ? 0 : exact->workspace(shape);
}

// Nothing if db is null.
inline Status launch_bias(const BiasShape& shape, const float* dy, float* db, Stream stream) {
  if (db == nullptr) return {};
  const Variant<BiasGrad>* const exact = exact_variant<BiasGrad>(shape);
  ALEXNET_REQUIRE(exact != nullptr, ALEXNET_UNSUPPORTED, "bias grad: no variant takes this shape");
  return exact->launch(shape, dy, db, stream);
}

}  // namespace
}  // namespace alexnet

#endif  // ALEXNET_ROUNDED_H
