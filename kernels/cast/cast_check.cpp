// Cases of cast.
#include <cmath>

#include "cast/cast.h"
#include "common/check.h"

namespace alexnet::check {
namespace {

TensorSpec bf16_out(int64_t count) {
  TensorSpec y = out("y", {count});
  y.type = Type::kBf16;
  return y;
}

Case<CastFprop> case_of(const char* name, const char* why, int64_t count) {
  return {name, why, {count}, {in("x", {count}), bf16_out(count)}, Tolerance{0, 0}};
}

// Neighbours of the values half way between two bf16 numbers, in several binades: rounding must look at every bit.
std::vector<double> around_halves() {
  std::vector<double> values;
  for (const double scale : {1.0, 0x1p-126, 0x1p-130, 0x1p127, 3.0, 0x1p-20}) {
    for (const int steps : {128, 129, 130, 255}) {
      const double half = scale * (steps + 0.5) / 128;
      for (const double value : {half, half * (1 + 0x1p-22), half * (1 - 0x1p-22), -half}) {
        values.push_back(double(float(value)));
      }
    }
  }
  return values;
}

Check<CastFprop> cast_fprop() {
  Check<CastFprop> check;
  check.run = [](CastFprop::Launch launch, const CastShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], as_bf16(t["y"]), stream);
  };
  check.reference = [](const CastShape& s, Doubles& t) { cast_fprop_reference(s, t["x"], t["y"]); };
  check.layers = [](int32_t) {
    return std::vector<Case<CastFprop>>{case_of("fc6-plane", "paper, the weights of a plane", 2048 * 4608)};
  };
  check.cases = {
      case_of("one", "the smallest", 1),
      case_of("block", "exactly one block of 256", 256),
      case_of("block+1", "one value in a second block", 257),
      case_of("1027", "three more than whole vectors of four in blocks of 256", 1027),
  };
  const std::vector<double> halves = around_halves();
  const auto count = int64_t(halves.size());
  check.cases.push_back({"halves",
                         "values around those half way between two",
                         {count},
                         {in_values("x", {count}, halves), bf16_out(count)},
                         Tolerance{0, 0}});
  check.cases.push_back(
      {"edges",
       "zeros, infinities, NaN, the largest, the smallest",
       {9},
       {in_values("x", {9}, {0.0, -0.0, INFINITY, -INFINITY, NAN, 3.4028234e38, -3.4e38, 1e-45, 1e-40}), bf16_out(9)},
       Tolerance{0, 0}});
  return check;
}

ALEXNET_CHECK(cast_fprop())

}  // namespace
}  // namespace alexnet::check
