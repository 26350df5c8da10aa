// Cases of fc: the layers of the paper, then edges. The tolerance is derived in conv_check.cpp.
#include "fc/fc.h"

#include <algorithm>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Layer {
  const char* name;
  const char* why;
  FcShape shape;  // N, C, K
  bool small = true;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"fc6-plane", "paper, one of the two planes a tower reads", {2, 4608, 2048}, false},
      {"fc7-plane", "paper, one of the two planes a tower reads", {2, 2048, 2048}, false},
      {"fc8-plane", "paper, one of the two planes of the output layer", {2, 2048, 1000}, false},
      {"one", "every extent 1", {1, 1, 1}},
      {"one-image", "a single row", {1, 37, 21}},
      {"one-output", "a single filter", {5, 12, 1}},
      {"one-input", "a sum of a single product", {3, 1, 7}},
      {"below-32", "one below a warp", {31, 31, 31}},
      {"at-32", "exactly a warp", {32, 32, 32}},
      {"above-32", "one above a warp", {33, 33, 33}},
      {"around-64", "below, at and above a tile of 64", {63, 64, 65}},
      {"around-128", "above, below and at a tile of 128", {129, 127, 128}},
  };
  return all;
}

bool few(const FcShape& s) { return int64_t(s.C) * (s.N + s.K) < 2500; }

Tolerance tolerance_of(int64_t terms) { return {4 * kFloatEpsilon, double(terms + 8) * kFloatEpsilon}; }

// The sum of dy * fc(x, w), of which dgrad and wgrad are the gradients.
double loss(const FcShape& s, Doubles& t) {
  std::vector<double> y(size_t(s.N) * size_t(s.K));
  fc_fprop_reference<double>(s, t["x"], t["w"], nullptr, y.data(), false, false);
  return dot(t["dy"], y);
}

// For --bench: the layers of the paper with N images.
std::vector<Layer> paper_layers(int32_t N) {
  std::vector<Layer> paper;
  for (Layer layer : layers()) {
    layer.shape.N = N;
    if (!layer.small) paper.push_back(layer);
  }
  return paper;
}

double flop(const FcShape& s) { return 2.0 * s.N * s.C * s.K; }

template <class Pass>
Case<Pass> paper_case(const Layer& layer, int64_t terms, std::vector<TensorSpec> tensors) {
  return {layer.name, layer.why, layer.shape, std::move(tensors), tolerance_of(terms), {}, false, false};
}

std::vector<Case<FcFprop>> fprop_layers(int32_t N) {
  std::vector<Case<FcFprop>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const FcShape& s = layer.shape;
    cases.push_back(paper_case<FcFprop>(
        layer, s.C, {in("x", {s.N, s.C}), in("w", {s.K, s.C}), in("bias", {s.K}), out("y", {s.N, s.K})}));
    cases.back().options = {{"relu", 1}};
  }
  return cases;
}

std::vector<Case<FcDgrad>> dgrad_layers(int32_t N) {
  std::vector<Case<FcDgrad>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const FcShape& s = layer.shape;
    cases.push_back(
        paper_case<FcDgrad>(layer, s.K, {in("dy", {s.N, s.K}), in("w", {s.K, s.C}), out("dx", {s.N, s.C})}));
  }
  return cases;
}

std::vector<Case<FcWgrad>> wgrad_layers(int32_t N) {
  std::vector<Case<FcWgrad>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const FcShape& s = layer.shape;
    cases.push_back(
        paper_case<FcWgrad>(layer, s.N, {in("x", {s.N, s.C}), in("dy", {s.N, s.K}), out("dw", {s.K, s.C})}));
  }
  return cases;
}

// The sum of `terms` products a[i*a_step] * b[i*b_step].
double products(const double* a, int64_t a_step, const double* b, int64_t b_step, int64_t terms) {
  double sum = 0;
  for (int64_t i = 0; i < terms; ++i) sum += a[i * a_step] * b[i * b_step];
  return sum;
}

Check<FcFprop> fprop() {
  Check<FcFprop> check;
  check.run = [](FcFprop::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["w"], t["y"], {t["bias"], t.option("accumulate") != 0, t.option("relu") != 0}, stream);
  };
  check.reference = [](const FcShape& s, Doubles& t) {
    fc_fprop_reference<double>(s, t["x"], t["w"], t["bias"], t["y"], t.option("accumulate") != 0,
                               t.option("relu") != 0);
  };
  check.layers = fprop_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    const double sum = products(t["x"] + i / s.K * s.C, 1, t["w"] + i % s.K * s.C, 1, s.C) + t["bias"][i % s.K];
    return std::max(0.0, sum);
  };
  for (const Layer& layer : layers()) {
    const FcShape& s = layer.shape;
    const Tolerance tolerance = tolerance_of(s.C);
    check.cases.push_back({layer.name, layer.why, s,
                           {in("x", {s.N, s.C}), in("w", {s.K, s.C}), in("bias", {s.K}), out("y", {s.N, s.K})},
                           tolerance, {{"relu", 1}}, layer.small});
    if (!layer.small) continue;
    const std::string name = layer.name;
    check.cases.push_back({name + "-bare", "no bias, no ReLU", s,
                           {in("x", {s.N, s.C}), in("w", {s.K, s.C}), out("y", {s.N, s.K})}, tolerance});
    check.cases.push_back({name + "-second", "second input plane: accumulate, then bias, then ReLU", s,
                           {in("x", {s.N, s.C}), in("w", {s.K, s.C}), in("bias", {s.K}), inout("y", {s.N, s.K})},
                           tolerance, {{"accumulate", 1}, {"relu", 1}}});
  }
  return check;
}

Check<FcDgrad> dgrad() {
  Check<FcDgrad> check;
  check.run = [](FcDgrad::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["w"], t["dx"], stream);
  };
  check.reference = [](const FcShape& s, Doubles& t) { fc_dgrad_reference<double>(s, t["dy"], t["w"], t["dx"]); };
  check.layers = dgrad_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    return products(t["dy"] + i / s.C * s.K, 1, t["w"] + i % s.C, s.C, s.K);
  };
  check.loss = loss;
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : layers()) {
    const FcShape& s = layer.shape;
    Case<FcDgrad> one = {layer.name, layer.why, s,
                         {in("dy", {s.N, s.K}), in("w", {s.K, s.C}), out("dx", {s.N, s.C})},
                         tolerance_of(s.K), {}, layer.small, few(s)};
    if (one.grad) one.tensors.push_back(in("x", {s.N, s.C}));
    check.cases.push_back(one);
  }
  return check;
}

Check<FcWgrad> wgrad() {
  Check<FcWgrad> check;
  check.run = [](FcWgrad::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dw"], stream);
  };
  check.reference = [](const FcShape& s, Doubles& t) { fc_wgrad_reference<double>(s, t["x"], t["dy"], t["dw"]); };
  check.layers = wgrad_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    return products(t["dy"] + i / s.C, s.K, t["x"] + i % s.C, s.C, s.N);
  };
  check.loss = loss;
  check.gradients = {{"dw", "w", 0.5, 1e-9}};  // the loss is linear in w: any step is exact
  for (const Layer& layer : layers()) {
    const FcShape& s = layer.shape;
    Case<FcWgrad> one = {layer.name, layer.why, s,
                         {in("x", {s.N, s.C}), in("dy", {s.N, s.K}), out("dw", {s.K, s.C})},
                         tolerance_of(s.N), {}, layer.small, few(s)};
    if (one.grad) one.tensors.push_back(in("w", {s.K, s.C}));
    check.cases.push_back(one);
  }
  return check;
}

// Worked by hand.
std::string fc_golden() {
  const FcShape s = {2, 3, 2};
  const std::vector<double> x = {1, 2, 3, 4, 5, 6}, w = {1, 0, -1, 2, 1, 0}, bias = {1, -30}, dy = {1, 10, 100, 1000};
  std::vector<double> y(4), dx(6), dw(6);
  fc_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, false);
  std::string wrong = expect_close("y", y, {-1, -26, -1, -17}, 0);
  fc_dgrad_reference<double>(s, dy.data(), w.data(), dx.data());
  if (wrong.empty()) wrong = expect_close("dx", dx, {21, 10, -1, 2100, 1000, -100}, 0);
  fc_wgrad_reference<double>(s, x.data(), dy.data(), dw.data());
  if (wrong.empty()) wrong = expect_close("dw", dw, {401, 502, 603, 4010, 5020, 6030}, 0);
  return wrong;
}

std::string fc_refuses() {
  std::string wrong = expect_refusal(validate_fc({0, 3, 2}), ALEXNET_BAD_SHAPE, "fc: x[0,3] has the extent 0");
  if (wrong.empty()) wrong = expect_refusal(validate_fc({2, 3, -1}), ALEXNET_BAD_SHAPE, "fc: w[-1,3]");
  if (wrong.empty()) wrong = expect_refusal(validate_fc({1 << 20, 1 << 20, 1}), ALEXNET_BAD_SHAPE, "2^36 elements");
  if (wrong.empty() && !validate_fc({1, 1, 1}).ok()) wrong = "the smallest shape was refused";
  return wrong;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(dgrad())
ALEXNET_CHECK(wgrad())
ALEXNET_UNIT_TEST("fc", fc_golden)
ALEXNET_UNIT_TEST("fc", fc_refuses)

}  // namespace
}  // namespace alexnet
