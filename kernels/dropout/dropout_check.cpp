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
  DropoutShape shape;  // count, first, step, seed, purpose, keep
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"fc6", "paper, one tower, eight images", {8 * 2048, 0, 17, 2012, 6, .5f}},
      {"fc6-b", "tower b goes on where tower a's mask ends", {8 * 2048, 8 * 2048, 17, 2012, 6, .5f}},
      {"one", "the smallest", {1, 0, 0, 0, 0, .5f}},
      {"unaligned", "first is no multiple of the four words of a counter", {259, 3, 1, 7, 1, .5f}},
      {"below-block", "one below a block of 256", {255, 0, 1, 7, 1, .3f}},
      {"above-block", "one element in a second block", {257, 1, 1, 7, 1, .7f}},
      {"far", "the counter's high word, the largest step, a seed of 64 bits",
       {100, (int64_t(1) << 34) - 50, int64_t(UINT32_MAX), 0xfedcba9876543210u, 0xffffffffu, .5f}},
      {"threshold", "the first element's uniform equals keep: dropped", {4, 0, 0, 0, 0, float(0x6627e8) / 16777216.f}},
      {"keep-all", "keep 1: nothing is dropped", {100, 0, 3, 5, 2, 1.f}},
      {"keep-none", "keep 0: everything is dropped", {100, 0, 3, 5, 2, 0.f}},
  };
  return all;
}

// fc6 of one tower with N images.
DropoutShape paper_shape(int32_t N) { return {int64_t(N) * 2048, 0, 17, 2012, 6, .5f}; }

Check<DropoutFprop> fprop() {
  Check<DropoutFprop> check;
  check.run = [](DropoutFprop::Launch launch, const DropoutShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], t.option("training") != 0, stream);
  };
  check.reference = [](const DropoutShape& s, Doubles& t) {
    dropout_fprop_reference<double>(s, t["x"], t["y"], t.option("training") != 0);
  };
  check.layers = [](int32_t N) {
    const DropoutShape s = paper_shape(N);
    return std::vector<Case<DropoutFprop>>{
        {"fc6", "paper, one tower", s, {in("x", {s.count}), out("y", {s.count})}, {}, {{"training", 1}}}};
  };
  for (const Layer& layer : layers()) {
    const DropoutShape& s = layer.shape;
    const std::string name = layer.name;
    check.cases.push_back({name, layer.why, s, {in("x", {s.count}), out("y", {s.count})}, {}, {{"training", 1}}});
    check.cases.push_back({name + "-test", "test pass: keep * x", s, {in("x", {s.count}), out("y", {s.count})}, {}});
  }
  const DropoutShape s = {1000, 0, 1, 2, 3, .5f};
  check.cases.push_back({"in-place", "y may be x", s, {in("x", {s.count}), out_in_place("y", {s.count}, "x")}, {},
                         {{"training", 1}}});
  return check;
}

Check<DropoutBprop> bprop() {
  Check<DropoutBprop> check;
  check.run = [](DropoutBprop::Launch launch, const DropoutShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["dx"], stream);
  };
  check.reference = [](const DropoutShape& s, Doubles& t) { dropout_bprop_reference<double>(s, t["dy"], t["dx"]); };
  check.layers = [](int32_t N) {
    const DropoutShape s = paper_shape(N);
    return std::vector<Case<DropoutBprop>>{
        {"fc6", "paper, one tower", s, {in("dy", {s.count}), out("dx", {s.count})}, {}}};
  };
  check.loss = [](const DropoutShape& s, Doubles& t) {
    std::vector<double> y(size_t(s.count));
    dropout_fprop_reference<double>(s, t["x"], y.data(), true);
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : layers()) {
    const DropoutShape& s = layer.shape;
    Case<DropoutBprop> one = {layer.name, layer.why, s, {in("dy", {s.count}), out("dx", {s.count})},
                              {}, {}, true, s.count < 1000};
    if (one.grad) one.tensors.push_back(in("x", {s.count}));
    check.cases.push_back(one);
  }
  const DropoutShape s = {1000, 0, 1, 2, 3, .5f};
  check.cases.push_back({"in-place", "dx may be dy", s, {in("dy", {s.count}), out_in_place("dx", {s.count}, "dy")},
                         {}, {}, true, false});
  return check;
}

// Philox's published answer to counter 0 and key 0 decides elements 0 to 3 of seed 0, purpose 0, step 0: uniforms
// .3990, .8805, .7357, .6055. It holds the reference's own generator to it, as philox_check.cpp does the kernels'.
std::string dropout_threshold() {
  const double uniform[4] = {0x6627e8 / 16777216.0, 0xe169c5 / 16777216.0, 0xbc57ac / 16777216.0,
                             0x9b00db / 16777216.0};
  for (int i = 0; i < 4; ++i) {
    const DropoutShape at = {4, 0, 0, 0, 0, float(uniform[i])};  // 24 bits: exact in float
    const DropoutShape above = {4, 0, 0, 0, 0, float(uniform[i] + 1 / 16777216.0)};
    if (dropout_kept_reference(at, i)) return "an element whose uniform equals keep was kept";
    if (!dropout_kept_reference(above, i)) return "an element whose uniform is just below keep was dropped";
  }
  return "";
}

// Half are kept: the share of a million fair bits lies within 5 standard deviations, 0.0025, of one half.
std::string dropout_share() {
  const int64_t count = 1000000;
  for (uint32_t purpose : {6u, 7u}) {
    int64_t kept = 0;
    for (int64_t i = 0; i < count; ++i) kept += dropout_kept_reference({count, 0, 5, 2012, purpose, .5f}, i);
    if (std::abs(double(kept) / double(count) - .5) > .0025) return std::to_string(kept) + " of 1000000 were kept";
  }
  return "";
}

// The mask of (first + i) does not depend on how the elements are divided among calls or towers.
std::string dropout_is_placeless() {
  for (int64_t i = 0; i < 100; ++i)
    if (dropout_kept_reference({200, 0, 5, 2012, 6, .5f}, 100 + i) !=
        dropout_kept_reference({100, 100, 5, 2012, 6, .5f}, i))
      return "tower b's mask is not the second half of the whole mask";
  return "";
}

std::string dropout_refuses() {
  const DropoutShape good = {10, 0, 0, 1, 1, .5f};
  if (!validate_dropout(good).ok()) return "the good shape was refused: " + validate_dropout(good).text();
  DropoutShape bad = good;
  bad.count = 0;
  std::string wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_SHAPE, "dropout: count is 0");
  bad = good, bad.keep = 1.5f;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "keep is 1.5; it must be");
  bad = good, bad.keep = NAN;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "keep is nan");
  bad = good, bad.step = -1;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "step is -1");
  bad = good, bad.step = int64_t(1) << 32;
  if (wrong.empty()) wrong = expect_refusal(validate_dropout(bad), ALEXNET_BAD_ARGUMENT, "step is 4294967296");
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
