// Cases of relu. Every variant gives the reference's bits: the tolerance is zero.
#include "relu/relu.h"

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

// conv1 of one tower with N images.
ReluShape paper_shape(int32_t N) { return {int64_t(N) * 55 * 55 * 48}; }

Check<ReluFprop> fprop() {
  Check<ReluFprop> check;
  check.stored = {"x", "y"};
  check.run = [](ReluFprop::Launch launch, const ReluShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const ReluShape& s, Doubles& t) { relu_fprop_reference<double>(s, t["x"], t["y"]); };
  check.layers = [](int32_t N) {
    const ReluShape s = paper_shape(N);
    return std::vector<Case<ReluFprop>>{
        {"conv1", "paper, one tower", s, {in("x", {s.count}), out("y", {s.count})}, {}}};
  };
  const auto add = [&](const char* name, const char* why, int64_t count, bool in_place = false) {
    check.cases.push_back(
        {name, why, {count}, {in("x", {count}), in_place ? out_in_place("y", {count}, "x") : out("y", {count})}, {}});
  };
  add("one", "the smallest", 1);
  add("below-block", "one below a block of 256, and no multiple of a vector", 255);
  add("at-block", "exactly a block of 256", 256);
  add("above-block", "one element in a second block", 257);
  add("conv1", "paper, one image of one tower", 55 * 55 * 48);
  add("in-place", "y may be x", 1000, true);
  check.cases.push_back({"zeros",
                         "+0, -0, the smallest and the largest magnitudes",
                         {6},
                         {in_values("x", {6}, {0.0, -0.0, 1e-45, -1e-45, 3e38, -3e38}), out("y", {6})},
                         {}});
  check.cases.push_back({"not-a-number",
                         "NaN is passed on, infinities as their sign says",
                         {4},
                         {in_values("x", {4}, {NAN, 1, INFINITY, -INFINITY}), out("y", {4})},
                         {}});
  return check;
}

Check<ReluBprop> bprop() {
  Check<ReluBprop> check;
  check.stored = {"y", "dy", "dx"};
  check.run = [](ReluBprop::Launch launch, const ReluShape& s, Floats& t, Stream stream) {
    return launch(s, t["y"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const ReluShape& s, Doubles& t) { relu_bprop_reference<double>(s, t["y"], t["dy"], t["dx"]); };
  check.layers = [](int32_t N) {
    const ReluShape s = paper_shape(N);
    return std::vector<Case<ReluBprop>>{
        {"conv1", "paper, one tower", s, {in("y", {s.count}), in("dy", {s.count}), out("dx", {s.count})}, {}}};
  };
  // The cases' y has both signs: it stands for x, whose sign decides as that of y = relu(x) does.
  check.loss = [](const ReluShape& s, Doubles& t) {
    std::vector<double> y(size_t(s.count));
    relu_fprop_reference<double>(s, t["y"], y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "y", 1e-7, 1e-6}};
  const auto add = [&](const char* name, const char* why, int64_t count, const char* alias = "") {
    check.cases.push_back(
        {name,
         why,
         {count},
         {in("y", {count}), in("dy", {count}), *alias ? out_in_place("dx", {count}, alias) : out("dx", {count})},
         {},
         {},
         true,
         count < 500 && !*alias});
  };
  add("one", "the smallest", 1);
  add("below-block", "one below a block of 256, and no multiple of a vector", 255);
  add("above-block", "one element in a second block", 257);
  add("conv1", "paper, one image of one tower", 55 * 55 * 48);
  add("in-place", "dx may be dy", 1000, "dy");
  check.cases.push_back({"zeros",
                         "no gradient at +0 and -0",
                         {4},
                         {in_values("y", {4}, {0.0, -0.0, 1e-45, -1e-45}), in("dy", {4}), out("dx", {4})},
                         {},
                         {},
                         true,
                         false});
  return check;
}

std::string relu_refuses() {
  std::string wrong = expect_refusal(validate_relu({0}), ALEXNET_BAD_SHAPE, "relu: count is 0; it must be from 1");
  if (wrong.empty()) wrong = expect_refusal(validate_relu({int64_t(1) << 37}), ALEXNET_BAD_SHAPE, "relu: count is");
  return wrong;
}

std::string relu_passes_nan() {
  const float x[2] = {NAN, -NAN};
  float y[2] = {0, 0};
  relu_fprop_reference<float>({2}, x, y);
  return std::isnan(y[0]) && std::isnan(y[1]) ? "" : "a NaN was hidden";
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("relu", relu_refuses)
ALEXNET_UNIT_TEST("relu", relu_passes_nan)

}  // namespace
}  // namespace alexnet
