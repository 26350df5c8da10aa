// Cases of sigmoid: the sizes of relu's, and where the function bends.
//
// Tolerance. sigmoid.h bounds y's error by 2^-21 * y + 2^-125. bprop gets y as it is: a difference and two products.
#include "sigmoid/sigmoid.h"

#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr double kSigmoid = 1.0 / 2097152;  // 2^-21
constexpr double kSmall = 2.4e-38;          // 2^-125, rounded up

struct Size {
  const char* name;
  const char* why;
  int64_t count;
};

const std::vector<Size>& sizes() {
  static const std::vector<Size> all = {
      {"one", "the smallest", 1},
      {"below-block", "one below a block of 256, and no multiple of a vector", 255},
      {"at-block", "exactly a block of 256", 256},
      {"above-block", "one element in a second block", 257},
      {"conv1", "paper, one image of one tower", 55 * 55 * 48},
  };
  return all;
}

// For --bench: conv1 of one tower with N images.
int64_t paper_count(int32_t N) { return int64_t(N) * 55 * 55 * 48; }

Case<SigmoidFprop> fprop_case(const Size& size) {
  return {size.name,
          size.why,
          {size.count},
          {in("x", {size.count}, uniform(-4, 4)), out("y", {size.count})},
          {kSigmoid, kSmall}};
}

// y is an input, so that the reference has it as it is stored; finite differences move x = log(y / (1 - y)) by `shift`.
Case<SigmoidBprop> bprop_case(const Size& size) {
  Case<SigmoidBprop> one = {size.name,
                            size.why,
                            {size.count},
                            {in("y", {size.count}, uniform(0, 1)), in("dy", {size.count}), out("dx", {size.count})},
                            {4 * kFloatEpsilon, 0},
                            {},
                            true,
                            size.count < 500};
  if (one.grad) one.tensors.push_back(in("shift", {size.count}, integers(0, 0)));
  return one;
}

Check<SigmoidFprop> fprop() {
  Check<SigmoidFprop> check;
  check.stored = {"x", "y"};
  check.run = [](SigmoidFprop::Launch launch, const SigmoidShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const SigmoidShape& s, Doubles& t) { sigmoid_fprop_reference<double>(s, t["x"], t["y"]); };
  check.layers = [](int32_t N) {
    return std::vector<Case<SigmoidFprop>>{fprop_case({"conv1", "paper, one tower", paper_count(N)})};
  };
  for (const Size& size : sizes()) check.cases.push_back(fprop_case(size));
  check.cases.push_back({"in-place",
                         "y may be x",
                         {1000},
                         {in("x", {1000}, uniform(-4, 4)), out_in_place("y", {1000}, "x")},
                         {kSigmoid, kSmall}});
  check.cases.push_back(
      {"small",
       "around 0: y = 1/2 + x/4",
       {9},
       {in_values("x", {9}, {0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-4, 1e-3, 1e-2, -0.1}), out("y", {9})},
       {kSigmoid, kSmall}});
  check.cases.push_back({"bends",
                         "where y has become 1, where exp(x) is denormal, and where exp(-x) would overflow",
                         {8},
                         {in_values("x", {8}, {16, 17, -17, 86.9, -86.9, -88, -104, -3e38}), out("y", {8})},
                         {kSigmoid, kSmall}});
  check.cases.push_back({"not-a-number",
                         "NaN is passed on, infinities become 1 and 0",
                         {4},
                         {in_values("x", {4}, {NAN, 1, INFINITY, -INFINITY}), out("y", {4})},
                         {kSigmoid, kSmall}});
  return check;
}

Check<SigmoidBprop> bprop() {
  Check<SigmoidBprop> check;
  check.stored = {"y", "dy", "dx"};
  check.run = [](SigmoidBprop::Launch launch, const SigmoidShape& s, Floats& t, Stream stream) {
    return launch(s, t["y"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const SigmoidShape& s, Doubles& t) {
    sigmoid_bprop_reference<double>(s, t["y"], t["dy"], t["dx"]);
  };
  check.loss = [](const SigmoidShape& s, Doubles& t) {
    std::vector<double> x(size_t(s.count)), y(size_t(s.count));
    for (size_t i = 0; i < x.size(); ++i) x[i] = std::log(t["y"][i] / (1 - t["y"][i])) + t["shift"][i];
    sigmoid_fprop_reference<double>(s, x.data(), y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "shift", 1e-5, 1e-6}};
  check.layers = [](int32_t N) {
    return std::vector<Case<SigmoidBprop>>{bprop_case({"conv1", "paper, one tower", paper_count(N)})};
  };
  for (const Size& size : sizes()) check.cases.push_back(bprop_case(size));
  check.cases.push_back({"in-place",
                         "dx may be dy",
                         {1000},
                         {in("y", {1000}, uniform(0, 1)), in("dy", {1000}), out_in_place("dx", {1000}, "dy")},
                         {4 * kFloatEpsilon, 0},
                         {},
                         true,
                         false});
  check.cases.push_back({"ends",
                         "nothing at 0 and 1",
                         {2},
                         {in_values("y", {2}, {0, 1}), in("dy", {2}), out("dx", {2})},
                         {},
                         {},
                         true,
                         false});
  return check;
}

std::string sigmoid_golden() {
  const double x[5] = {0, .5, -1, 2, 20}, dy[5] = {1, 1, 1, -2, 3};
  std::vector<double> y(5), dx(5);
  sigmoid_fprop_reference<double>({5}, x, y.data());
  sigmoid_bprop_reference<double>({5}, y.data(), dy, dx.data());
  std::string wrong = expect_close("y", y, {.5, .62245933120, .26894142137, .88079707798, .99999999794}, 1e-10);
  if (wrong.empty())
    wrong = expect_close("dx", dx, {.25, .23500371220, .19661193324, -.20998717080, 6.18346e-9}, 1e-10);
  return wrong;
}

std::string sigmoid_refuses() {
  return expect_refusal(validate_sigmoid({0}), ALEXNET_BAD_SHAPE, "sigmoid: count is 0; it must be from 1");
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("sigmoid", sigmoid_golden)
ALEXNET_UNIT_TEST("sigmoid", sigmoid_refuses)

}  // namespace
}  // namespace alexnet
