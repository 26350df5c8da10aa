// Reference of cast: the formula of cast.h as a plain loop.
#include <algorithm>
#include <cmath>

#include "cast/cast.h"

namespace alexnet {

void cast_fprop_reference(const CastShape& s, const double* x, double* y) {
  constexpr int kBits = 8, kSmallestExponent = -125;  // significant bits; of the smallest normal number as 0.1... * 2^e
  for (int64_t i = 0; i < s.count; ++i) {
    int exponent = 0;
    if (!std::isfinite(x[i]) || x[i] == 0) {
      y[i] = x[i];
      continue;
    }
    (void)std::frexp(x[i], &exponent);
    const int last = std::max(exponent, kSmallestExponent) - kBits;  // exponent of the last bit
    y[i] = std::ldexp(std::nearbyint(std::ldexp(x[i], -last)), last);
    if (std::abs(y[i]) >= std::ldexp(1, 128)) y[i] = std::copysign(INFINITY, x[i]);
  }
}

}  // namespace alexnet
