// Cases of dropout. Every variant gives the reference's bits: the tolerance is zero.
#include "dropout/dropout.h"

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Layer {
  const char* name;
  const char* why;
  DropoutShape shape;  // count, first, seed, purpose, keep
  int64_t step;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"fc6", "paper, one tower, eight images", {8 * 2048, 0, 2012, 6, .5f}, 17},
      {"fc6-b", "tower b goes on where tower a's mask ends", {8 * 2048, 8 * 2048, 2012, 6, .5f}, 17},
      {"one", "the smallest", {1, 0, 0, 0, .5f}, 0},
      {"unaligned", "first is no multiple of the four words of a counter", {259, 3, 7, 1, .5f}, 1},
      {"below-block", "one below a block of 256", {255, 0, 7, 1, .3f}, 1},
      {"above-block", "one element in a second block", {257, 1, 7, 1, .7f}, 1},
      {"far",
       "the counter's high word, the largest step, a seed of 64 bits",
       {100, (int64_t(1) << 34) - 50, 0xfedcba9876543210u, 0xffffffffu, .5f},
       int64_t(UINT32_MAX)},
      {"threshold", "the first element's uniform equals keep: dropped", {4, 0, 0, 0, float(0x6627e8) / 16777216.f}, 0},
      {"keep-all", "keep 1: nothing is dropped", {100, 0, 5, 2, 1.f}, 3},
      {"keep-none", "keep 0: everything is dropped", {100, 0, 5, 2, 0.f}, 3},
  };
  return all;
}

// fc6 of one tower with N images.
DropoutShape paper_shape(int32_t N) { return {int64_t(N) * 2048, 0, 2012, 6, .5f}; }

TensorSpec at_step(int64_t step) { return in_settings("settings", {step, 0.f, 0.f, 0.f, 0}); }

Check<DropoutFprop> fprop() {
  Check<DropoutFprop> check;
  check.stored = {"x", "y"};
  check.run = [](DropoutFprop::Launch launch, const DropoutShape& s, Floats& t, Stream stream) {
    return launch(s, t.settings("settings"), t["x"], t["y"], t.option("training") != 0, stream);
  };
  check.reference = [](const DropoutShape& s, Doubles& t) {
    dropout_fprop_reference<double>(s, t.settings("settings")->step, t["x"], t["y"], t.option("training") != 0);
  };
  check.layers = [](int32_t N) {
    const DropoutShape s = paper_shape(N);
    return std::vector<Case<DropoutFprop>>{
        {"fc6", "paper, one tower", s, {at_step(17), in("x", {s.count}), out("y", {s.count})}, {}, {{"training", 1}}}};
  };
  for (const Layer& layer : layers()) {
    const DropoutShape& s = layer.shape;
    const std::string name = layer.name;
    const std::vector<TensorSpec> tensors = {at_step(layer.step), in("x", {s.count}), out("y", {s.count})};
    check.cases.push_back({name, layer.why, s, tensors, {}, {{"training", 1}}});
    check.cases.push_back({name + "-test", "test pass: keep * x", s, tensors, {}});
  }
  const DropoutShape s = {1000, 0, 2, 3, .5f};
  check.cases.push_back({"in-place",
                         "y may be x",
                         s,
                         {at_step(1), in("x", {s.count}), out_in_place("y", {s.count}, "x")},
                         {},
                         {{"training", 1}}});
  return check;
}

Check<DropoutBprop> bprop() {
  Check<DropoutBprop> check;
  check.stored = {"dy", "dx"};
  check.run = [](DropoutBprop::Launch launch, const DropoutShape& s, Floats& t, Stream stream) {
    return launch(s, t.settings("settings"), t["dy"], t["dx"], stream);
  };
  check.reference = [](const DropoutShape& s, Doubles& t) {
    dropout_bprop_reference<double>(s, t.settings("settings")->step, t["dy"], t["dx"]);
  };
  check.layers = [](int32_t N) {
    const DropoutShape s = paper_shape(N);
    return std::vector<Case<DropoutBprop>>{
        {"fc6", "paper, one tower", s, {at_step(17), in("dy", {s.count}), out("dx", {s.count})}, {}}};
  };
  check.loss = [](const DropoutShape& s, Doubles& t) {
    std::vector<double> y(size_t(s.count));
    dropout_fprop_reference<double>(s, t.settings("settings")->step, t["x"], y.data(), true);
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : layers()) {
    const DropoutShape& s = layer.shape;
    Case<DropoutBprop> one = {
        layer.name, layer.why, s,    {at_step(layer.step), in("dy", {s.count}), out("dx", {s.count})},
        {},         {},        true, s.count < 1000};
    if (one.grad) one.tensors.push_back(in("x", {s.count}));
    check.cases.push_back(one);
  }
  const DropoutShape s = {1000, 0, 2, 3, .5f};
  check.cases.push_back({"in-place",
                         "dx may be dy",
                         s,
                         {at_step(1), in("dy", {s.count}), out_in_place("dx", {s.count}, "dy")},
                         {},
                         {},
                         true,
                         false});
  return check;
}

// Philox's published answer to counter 0 and key 0 decides elements 0 to 3 of seed 0, purpose 0, step 0: uniforms
// .3990, .8805, .7357, .6055. It holds the reference's own generator to it, as philox_check.cpp does the kernels'.
std::string dropout_threshold() {
  const double uniform[4] = {0x6627e8 / 16777216.0, 0xe169c5 / 16777216.0, 0xbc57ac / 16777216.0,
                             0x9b00db / 16777216.0};
  for (int i = 0; i < 4; ++i) {
    const DropoutShape at = {4, 0, 0, 0, float(uniform[i])};  // 24 bits: exact in float
    const DropoutShape above = {4, 0, 0, 0, float(uniform[i] + 1 / 16777216.0)};
    if (dropout_kept_reference(at, 0, i)) return "an element whose uniform equals keep was kept";
    if (!dropout_kept_reference(above, 0, i)) return "an element whose uniform is just below keep was dropped";
  }
  return "";
}

// Half are kept: the share of a million fair bits lies within 5 standard deviations, 0.0025, of one half.
std::string dropout_share() {
  const int64_t count = 1000000;
  for (uint32_t purpose : {6u, 7u}) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i) kept += dropout_kept_reference({count, 0, 2012, purpose, .5f}, 5, i);
    if (std::abs(double(kept) / double(count) - .5) > .0025) return std::to_string(kept) + " of 1000000 were kept";
  }
  return "";
}

// The mask of (first + i) does not depend on how the elements are divided among calls or towers.
std::string dropout_is_placeless() {
  for (int64_t i = 0; i < 100; ++i)
    if (dropout_kept_reference({200, 0, 2012, 6, .5f}, 5, 100 + i) !=
        dropout_kept_reference({100, 100, 2012, 6, .5f}, 5, i))
      return "tower b's mask is not the second half of the whole mask";
  return "";
}

std::string dropout_refuses() {
  const DropoutShape good = {10, 0, 1, 1, .5f};
  if (!validate_dropout(good).ok()) return "the good shape was refused: " + validate_dropout(good).text();
  DropoutShape bad = good;
  bad.count = 0;
  std::string wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_SHAPE, "dropout: count is 0");
  bad = good, bad.keep = 1.5f;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "keep is 1.5; it must be");
  bad = good, bad.keep = NAN;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "keep is nan");
  bad = good, bad.first = -4;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "first is -4");
  return wrong;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("dropout", dropout_threshold)
ALEXNET_UNIT_TEST("dropout", dropout_share)
ALEXNET_UNIT_TEST("dropout", dropout_is_placeless)
ALEXNET_UNIT_TEST("dropout", dropout_refuses)

}  // namespace
}  // namespace alexnet
