// bf16: a float32 without its lower 16 bits: 8 significant bits, the range of float32. It is how precision bf16 stores
// activations, their gradients and the copy of the weights that products read.
//
// A kernel that reads or writes such a tensor is a template over what is stored, float or Bf16: float(x[i]) reads a
// value, y[i] = T(value) rounds it. Launchers have one signature for all precisions: a variant for bf16 takes the
// pointers to what is stored as pointers to Bf16 (as_bf16). Which tensors those are, each family's header says.
#ifndef ALEXNET_BF16_H
#define ALEXNET_BF16_H

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "common/shapes.h"
#include "common/target.h"

#if defined(__CUDACC__)
#define ALEXNET_BF16_FN __host__ __device__ __forceinline__
#else
#define ALEXNET_BF16_FN inline
#endif

namespace alexnet {

// The bits of the nearest bf16, of two equally near ones that with an even last bit, of the bits of a float32. Beyond
// the largest it is infinite; a NaN stays one.
ALEXNET_SHAPE_FN uint16_t bf16_bits(uint32_t bits) {
  const bool is_nan = (bits & 0x7fffffffu) > 0x7f800000u;
  const uint32_t nearest = bits + 0x7fffu + (bits >> 16 & 1u);
  return uint16_t((is_nan ? bits | 0x400000u : nearest) >> 16);
}

struct Bf16 {
  uint16_t bits;

  Bf16() = default;
  ALEXNET_BF16_FN static Bf16 of(uint16_t bits) {
    Bf16 value;
    value.bits = bits;
    return value;
  }
  ALEXNET_BF16_FN explicit Bf16(float value) {
    uint32_t whole;
    memcpy(&whole, &value, sizeof whole);
    bits = bf16_bits(whole);
  }
  ALEXNET_BF16_FN operator float() const {
    const uint32_t whole = uint32_t(bits) << 16;
    float value;
    memcpy(&value, &whole, sizeof value);
    return value;
  }
};
static_assert(sizeof(Bf16) == 2, "two values are as large as a float");

// What a tensor is stored as.
template <Precision kPrecision>
using Stored = std::conditional_t<kPrecision == Precision::kBf16, Bf16, float>;

inline const Bf16* as_bf16(const float* stored) { return reinterpret_cast<const Bf16*>(stored); }
inline Bf16* as_bf16(float* stored) { return reinterpret_cast<Bf16*>(stored); }

// The same of a launcher that is a template over precisions.
template <Precision kPrecision>
const Stored<kPrecision>* as_stored(const float* stored) {
  return reinterpret_cast<const Stored<kPrecision>*>(stored);
}
template <Precision kPrecision>
Stored<kPrecision>* as_stored(float* stored) {
  return reinterpret_cast<Stored<kPrecision>*>(stored);
}

}  // namespace alexnet

#endif  // ALEXNET_BF16_H
