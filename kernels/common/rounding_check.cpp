// Rounding of factors and of what is stored as bf16, against the nearest value by arithmetic, and at the ends of what
// floats can be.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/bf16.h"
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
  for (const float x : {1.f, 1.f + 2 * last, 2.f - 2 * last, 1.f + std::ldexp(1.f, -12) + 2 * last}) {
    if (parts(x) != x || parts(-x) != -x) return format_text("%.9g becomes %.9g", double(x), double(parts(x)));
  }
  const float lost = 1.f + std::ldexp(1.f, -12) + last;  // the second part begins at 2^-12: half of its last bit
  if (parts(lost) != lost + last) return format_text("%.9g becomes %.9g", double(lost), double(parts(lost)));
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

// The nearest m * 2^e with whole m, |m| <= 2^8, e >= -133; of two equally near ones that with an even m. Infinite from
// 2^128 on.
double nearest_bf16(double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  const int unit = std::max(exponent - 8, -133);
  const double nearest = std::ldexp(std::nearbyint(std::ldexp(x, -unit)), unit);  // nearbyint takes the even one
  return std::abs(nearest) < std::ldexp(1, 128) ? nearest : std::copysign(std::numeric_limits<double>::infinity(), x);
}

// All that bf16 can store, and floats above it: beside the next one, half-way and beside that.
std::string bf16_is_the_nearest_to_even() {
  for (uint32_t high = 0; high < 1u << 16; ++high) {
    for (const uint32_t low : {0u, 1u, 0x7fffu, 0x8000u, 0x8001u, 0xffffu}) {
      const uint32_t bits = high << 16 | low;
      float x;
      std::memcpy(&x, &bits, sizeof x);
      const float got = float(Bf16(x));
      if (std::isnan(x)) {
        if (!std::isnan(got)) return format_text("NaN %08x becomes a number", bits);
        continue;
      }
      const double want = std::isinf(x) ? double(x) : nearest_bf16(double(x));
      if (double(got) == want && std::signbit(got) == std::signbit(x)) continue;
      return format_text("%08x, %.9g, becomes %.9g, not %.9g", bits, double(x), double(got), want);
    }
  }
  return "";
}

std::string bf16_at_the_ends() {
  const float infinity = std::numeric_limits<float>::infinity(), largest = std::ldexp(255.f, 120);
  const struct {
    float from, to;
  } cases[] = {{largest, largest},
               {std::ldexp(511.f, 119), infinity},  // half-way to 2^128: to even
               {std::nextafter(std::ldexp(511.f, 119), 0.f), largest},
               {std::numeric_limits<float>::max(), infinity},
               {std::ldexp(1.f, -134), 0.f},  // half of the smallest: to even
               {std::ldexp(1.f, -134) + std::ldexp(1.f, -149), std::ldexp(1.f, -133)},
               {std::ldexp(3.f, -134), std::ldexp(1.f, -132)}};
  for (const float sign : {1.f, -1.f}) {
    for (const auto& c : cases) {
      const float got = float(Bf16(sign * c.from));
      if (got == sign * c.to && std::signbit(got) == (sign < 0)) continue;
      return format_text("%.9g becomes %.9g, not %.9g", double(sign * c.from), double(got), double(sign * c.to));
    }
  }
  return Bf16(-0.f).bits == 0x8000 ? "" : "-0 does not stay";
}

ALEXNET_UNIT_TEST("rounding", bf16_is_the_nearest_to_even)
ALEXNET_UNIT_TEST("rounding", bf16_at_the_ends)
ALEXNET_UNIT_TEST("rounding", tf32_ties_go_away_from_zero)
ALEXNET_UNIT_TEST("rounding", tf32_keeps_what_is_no_number)
ALEXNET_UNIT_TEST("rounding", parts_of_3xtf32_keep_22_bits)
ALEXNET_UNIT_TEST("rounding", fp32_stays)

}  // namespace
}  // namespace alexnet::check
