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

// Two parts of 11 bits and a sign between them: at most one bit of 24 is lost, and mostly none.
std::string parts_of_3xtf32_keep_22_bits() {
  const auto parts = [](float x) { return rounded(Precision::kTf32x3, x); };
  const float last = std::ldexp(1.f, -23);
  for (const float x : {1.f, 1.f + 2 * last, 2.f - 2 * last, 1.f + std::ldexp(1.f, -12) + last}) {
    if (parts(x) != x || parts(-x) != -x) return format_text("%.9g becomes %.9g", double(x), double(parts(x)));
  }
  for (float x = 1; x < 2; x += 0x1.234p-15f) {
    if (std::fabs(parts(x) - x) > last) return format_text("%.9g becomes %.9g", double(x), double(parts(x)));
  }
  const float infinity = std::numeric_limits<float>::infinity();
  if (parts(infinity) != infinity || parts(-infinity) != -infinity) return "infinity does not stay";
  if (parts(kInfiniteInTf32) != infinity || !(parts(std::nextafter(kInfiniteInTf32, 0.f)) < infinity)) {
    return "infinite is not what tf32 makes infinite";
  }
  return std::isnan(parts(NAN)) ? "" : "NaN becomes a number";
}

std::string fp32_stays() {
  const float x = 1.f + std::ldexp(1.f, -23);
  return rounded(Precision::kFp32, x) == x ? "" : "float32 is rounded";
}

ALEXNET_UNIT_TEST("rounding", tf32_ties_go_away_from_zero)
ALEXNET_UNIT_TEST("rounding", tf32_keeps_what_is_no_number)
ALEXNET_UNIT_TEST("rounding", parts_of_3xtf32_keep_22_bits)
ALEXNET_UNIT_TEST("rounding", fp32_stays)

}  // namespace
}  // namespace alexnet::check
