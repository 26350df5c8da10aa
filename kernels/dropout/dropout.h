// dropout: sets each value to zero with probability 1 - keep. Not inverted. Paper: section 4.2, keep 0.5.
//
// Shapes   x, y, dy, dx: flat arrays of `count` values. y may be x, dx may be dy. In bf16 all are bf16.
// mask     of element i, with j = first + i:
//            word = element j mod 4 of the four output words of Philox4x32-10 with
//              key     (seed low 32 bits, seed high 32 bits)
//              counter (j/4 low 32 bits, j/4 high 32 bits, step, purpose)         [philox_word of philox.cuh]
//            with the step of the step settings, which kernels read from the device's memory
//            uniform = (word >> 8) * 2^-24, in [0, 1);   kept = uniform < keep
//          keep 1 keeps everything, keep 0 nothing.
// fprop    training: y = kept ? x : +0      testing: y = keep * x
// bprop    dx = kept ? dy : +0              (training only; a test pass has no backward pass)
//
// `first` lets two towers draw one common mask: tower b's first is tower a's element count.
// Rounding: a single product at most; every variant gives the same bits.
#ifndef ALEXNET_DROPOUT_H
#define ALEXNET_DROPOUT_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct DropoutFprop {
  static constexpr const char* family = "dropout";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = DropoutShape;
  using Launch = Status (*)(const DropoutShape&, const StepSettings* settings, const float* x, float* y, bool training,
                            Stream);
};

struct DropoutBprop {
  static constexpr const char* family = "dropout";
  static constexpr const char* pass = "bprop";
  static constexpr bool has_activations = true;
  using Shape = DropoutShape;
  using Launch = Status (*)(const DropoutShape&, const StepSettings* settings, const float* dy, float* dx, Stream);
};

// BAD_SHAPE unless count is in range; BAD_ARGUMENT unless keep is in [0, 1] and first in [0, 2^62].
inline Status validate_dropout(const DropoutShape& s) {
  ALEXNET_TRY(require_count("dropout", s.count));
  ALEXNET_REQUIRE(s.keep >= 0.f && s.keep <= 1.f, ALEXNET_BAD_ARGUMENT,
                  "dropout: keep is %g; it must be a probability, from 0 to 1", static_cast<double>(s.keep));
  ALEXNET_REQUIRE(s.first >= 0 && s.first <= int64_t(1) << 62, ALEXNET_BAD_ARGUMENT,
                  "dropout: first is %lld; it must be from 0 to 2^62", static_cast<long long>(s.first));
  return {};
}

// Whether element i is kept: the host twin of the device code, written independently of it.
bool dropout_kept_reference(const DropoutShape& s, int64_t step, int64_t i);

template <class Real>
void dropout_fprop_reference(const DropoutShape& s, int64_t step, const Real* x, Real* y, bool training);
template <class Real>
void dropout_bprop_reference(const DropoutShape& s, int64_t step, const Real* dy, Real* dx);

}  // namespace alexnet

#endif  // ALEXNET_DROPOUT_H
