// Rounding of factors, against the nearest value by arithmetic, and at the ends of what floats can be.
#include <cmath>
#include <limits>

#include "common/rounding.h"
#include "common/unit.h"

namespace alexnet::check {
namespace {

float tf32(float x) { return rounded(Precision::kTf32, x); }

// 1 + i / 2^12 has two bits more than 11: rounded down, to even or not away from zero, and up.
std::string tf32_ties_go_away_from_zero() {
  const float step = std::ldexp(1.f, -10), half = std::ldexp(1.f, -11), quarter = std::ldexp(1.f, -12);
  const struct {
    float from, to;
  } cases[] = {{1.f, 1.f},
               {1.f + quarter, 1.f},
               {1.f + half, 1.f + step},
               {1.f + half - std::ldexp(1.f, -23), 1.f},
               {1.f + half + quarter, 1.f + step},
               {1.f + step + half, 1.f + 2 * step},
               {2.f - quarter, 2.f}};
  for (const float sign : {1.f, -1.f}) {
    for (const auto& c : cases) {
      if (tf32(sign * c.from) != sign * c.to) {
        return format_text("%.9g becomes %.9g, not %.9g", double(sign * c.from), double(tf32(sign * c.from)),
                           double(sign * c.to));
      }
    }
  }
  return "";
}

std::string tf32_keeps_what_is_no_number() {
  const float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
  if (tf32(infinity) != infinity || tf32(-infinity) != -infinity) return "infinity does not stay";
  if (tf32(largest) != infinity || tf32(-largest) != -infinity) return "the largest float is not rounded to infinity";
  for (const uint32_t nan : {0x7fc00000u, 0x7fffffffu, 0xffffffffu, 0x7f800001u}) {
    if ((tf32_bits(nan) & 0x7fffffffu) <= 0x7f800000u) return format_text("%08x becomes a number", nan);
  }
  if (tf32_bits(0x80000000u) != 0x80000000u) return "-0 does not stay";
  if (tf32_bits(0x00000fffu) != 0 || tf32_bits(0x00001000u) != 0x2000)
    return "numbers below the normal ones are not rounded";
  return "";
}

std::string fp32_stays() {
  const float x = 1.f + std::ldexp(1.f, -23);
  return rounded(Precision::kFp32, x) == x ? "" : "float32 is rounded";
}

ALEXNET_UNIT_TEST("rounding", tf32_ties_go_away_from_zero)
ALEXNET_UNIT_TEST("rounding", tf32_keeps_what_is_no_number)
ALEXNET_UNIT_TEST("rounding", fp32_stays)

}  // namespace
}  // namespace alexnet::check
