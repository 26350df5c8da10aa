// bias: gradient of a bias that was added to every row. (Adding it is part of conv's and fc's Epilogue.)
//
// Shapes   dy: [rows,K], db: [K]; rows is N for fc and N*P*Q for conv. In bf16 dy is bf16, db float32.
// grad     db[k] = sum over rows of dy[row,k]
//
// Aliasing: none. Rounding: the order of the sum is each variant's own, but fixed; see conv.h for the tolerance.
#ifndef ALEXNET_BIAS_H
#define ALEXNET_BIAS_H

#include "common/require.h"
#include "common/variant.h"

namespace alexnet {

struct BiasShape {
  int64_t rows;
  int32_t K;
};

struct BiasGrad {
  static constexpr const char* family = "bias";
  static constexpr const char* pass = "grad";
  static constexpr bool has_activations = true;
  using Shape = BiasShape;
  using Launch = Status (*)(const BiasShape&, const float* dy, float* db, Stream);
};

inline Status validate_bias(const BiasShape& s) { return require_tensor("bias", "dy", {s.rows, s.K}); }

// Reference: plain loops, sums in double, for Real = float and double.
template <class Real>
void bias_grad_reference(const BiasShape& s, const Real* dy, Real* db);

}  // namespace alexnet

#endif  // ALEXNET_BIAS_H
