// Cases of tanh: the sizes of relu's, and where the function bends.
//
// Tolerance. A tanh of its own kind is off by 2^-21 (tanh.h). bprop gets y as it is: 1 - y^2 rounds twice, by at most
// 2^-24 of 1, and the product once.
#include "tanh/tanh.h"

#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr double kTanh = 1.0 / 2097152;  // 2^-21

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

Case<TanhFprop> fprop_case(const Size& size) {
  return {
      size.name, size.why, {size.count}, {in("x", {size.count}, uniform(-4, 4)), out("y", {size.count})}, {kTanh, 0}};
}

// y is an input, so that the reference has it as it is stored; finite differences move x = atanh(y) by `shift`.
Case<TanhBprop> bprop_case(const Size& size) {
  Case<TanhBprop> one = {size.name,
                         size.why,
                         {size.count},
                         {in("y", {size.count}), in("dy", {size.count}), out("dx", {size.count})},
                         {2 * kFloatEpsilon, 2 * kFloatEpsilon},
                         {},
                         true,
                         size.count < 500};
  if (one.grad) one.tensors.push_back(in("shift", {size.count}, integers(0, 0)));
  return one;
}

Check<TanhFprop> fprop() {
  Check<TanhFprop> check;
  check.stored = {"x", "y"};
  check.run = [](TanhFprop::Launch launch, const TanhShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const TanhShape& s, Doubles& t) { tanh_fprop_reference<double>(s, t["x"], t["y"]); };
  check.layers = [](int32_t N) {
    return std::vector<Case<TanhFprop>>{fprop_case({"conv1", "paper, one tower", paper_count(N)})};
  };
  for (const Size& size : sizes()) check.cases.push_back(fprop_case(size));
  check.cases.push_back({"in-place",
                         "y may be x",
                         {1000},
                         {in("x", {1000}, uniform(-4, 4)), out_in_place("y", {1000}, "x")},
                         {kTanh, 0}});
  check.cases.push_back(
      {"small",
       "the line through 0: y = x to the last bits",
       {9},
       {in_values("x", {9}, {0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-4, 1e-3, 1e-2, -0.1}), out("y", {9})},
       {kTanh, 0}});
  check.cases.push_back({"bends",
                         "where variants change their formula, and where tanh has become 1",
                         {8},
                         {in_values("x", {8}, {.59999, .6, -.60001, 8.9, -9.1, 10, 88, -3e38}), out("y", {8})},
                         {kTanh, 0}});
  check.cases.push_back({"not-a-number",
                         "NaN is passed on, infinities become 1 and -1",
                         {4},
                         {in_values("x", {4}, {NAN, 1, INFINITY, -INFINITY}), out("y", {4})},
                         {kTanh, 0}});
  return check;
}

Check<TanhBprop> bprop() {
  Check<TanhBprop> check;
  check.stored = {"y", "dy", "dx"};
  check.run = [](TanhBprop::Launch launch, const TanhShape& s, Floats& t, Stream stream) {
    return launch(s, t["y"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const TanhShape& s, Doubles& t) { tanh_bprop_reference<double>(s, t["y"], t["dy"], t["dx"]); };
  check.loss = [](const TanhShape& s, Doubles& t) {
    std::vector<double> x(size_t(s.count)), y(size_t(s.count));
    for (size_t i = 0; i < x.size(); ++i) x[i] = std::atanh(t["y"][i]) + t["shift"][i];
    tanh_fprop_reference<double>(s, x.data(), y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "shift", 1e-5, 1e-6}};
  check.layers = [](int32_t N) {
    return std::vector<Case<TanhBprop>>{bprop_case({"conv1", "paper, one tower", paper_count(N)})};
  };
  for (const Size& size : sizes()) check.cases.push_back(bprop_case(size));
  check.cases.push_back({"in-place",
                         "dx may be dy",
                         {1000},
                         {in("y", {1000}), in("dy", {1000}), out_in_place("dx", {1000}, "dy")},
                         {2 * kFloatEpsilon, 2 * kFloatEpsilon},
                         {},
                         true,
                         false});
  check.cases.push_back({"ends",
                         "all of dy at 0, nothing at 1 and -1",
                         {4},
                         {in_values("y", {4}, {0, -0.0, 1, -1}), in("dy", {4}), out("dx", {4})},
                         {},
                         {},
                         true,
                         false});
  return check;
}

std::string tanh_golden() {
  const double x[5] = {0, .5, -1, 2, 20}, dy[5] = {1, 1, 1, -2, 3};
  std::vector<double> y(5), dx(5);
  tanh_fprop_reference<double>({5}, x, y.data());
  tanh_bprop_reference<double>({5}, y.data(), dy, dx.data());
  std::string wrong = expect_close("y", y, {0, .46211715726, -.76159415596, .96402758008, 1}, 1e-10);
  if (wrong.empty()) wrong = expect_close("dx", dx, {1, .78644773297, .41997434161, -.14130164970, 0}, 1e-10);
  return wrong;
}

std::string tanh_refuses() {
  return expect_refusal(validate_tanh({0}), ALEXNET_BAD_SHAPE, "tanh: count is 0; it must be from 1");
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("tanh", tanh_golden)
ALEXNET_UNIT_TEST("tanh", tanh_refuses)

}  // namespace
}  // namespace alexnet
