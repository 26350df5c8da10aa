// Cases of fc: the layers of the paper, then edges. The tolerance is derived in conv_check.cpp.
#include "fc/fc.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "dropout/dropout.h"
#include "sgd/sgd.h"

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
      {"around-16", "below and above a tile of 16 outputs, by 16 bytes", {33, 12, 20}},
      {"eight", "the least that bf16 copies by 16 bytes", {1, 8, 8}},
      {"eights", "above tiles and stages by 16 bytes of bf16, with odd images", {65, 72, 40}},
      {"parts", "sums in three parts, the last one shorter and not full", {3, 456, 456}},
      {"parts-bf16", "the same in stages of bf16", {3, 776, 776}},
      {"parts-odd", "the same by 4 bytes", {3, 457, 459}},
  };
  return all;
}

// For each pass small shapes to which the GEMM's plan gives one of its large tiles (gemm_plan_check holds it to that).
// The last tile of each direction and the last stage are not full.
enum class Pass { kFprop, kDgrad, kWgrad };

std::vector<Layer> with_tiles(Pass pass) {
  std::vector<Layer> all = layers();
  const auto add = [&](const char* name, const char* why, const FcShape& s) { all.push_back({name, why, s, true}); };
  switch (pass) {
    case Pass::kFprop:
      add("tile-96", "128 x 96", {380, 40, 3100});
      add("tile-64", "128 x 64 of four warps", {300, 40, 2540});
      add("tile-64-many", "128 x 64 of two warps", {51076, 8, 64});
      add("tile-48", "128 x 48", {257, 40, 1900});
      break;
    case Pass::kDgrad:
      add("tile-96", "128 x 96", {380, 3104, 40});
      add("tile-64", "128 x 64 of four warps", {300, 2536, 40});
      add("tile-64-many", "128 x 64 of two warps", {51076, 64, 8});
      add("tile-48", "128 x 48", {257, 1904, 40});
      break;
    case Pass::kWgrad:
      add("tile-96", "128 x 96", {40, 6088, 184});
      add("tile-64", "128 x 64 of four warps", {20, 6344, 120});
      add("tile-64-many", "128 x 64 of two warps", {4, 51080, 64});
      add("tile-48", "128 x 48", {20, 4896, 104});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {20, 4905, 99});
      break;
  }
  return all;
}

bool few(const FcShape& s) { return int64_t(s.C) * (s.N + s.K) < 2500; }

Tolerance tolerance_of(int64_t terms) { return {4 * kFloatEpsilon, double(terms + 8) * kFloatEpsilon}; }

// The sum of dy * (fc(x, w) + bias), of which dgrad and wgrad are the gradients.
double loss(const FcShape& s, Doubles& t) {
  std::vector<double> y(size_t(s.N) * size_t(s.K));
  fc_fprop_reference<double>(s, t["x"], t["w"], t["bias"], y.data(), false, false);
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

// As tolerance_of, and for the outliers among the many elements of a batch: on the way to a sum v far beyond sqrt(n)/3
// the partial sums grow as v*i/n, and their roundings add up to v * sqrt(n)/3 * 2^-24; again seven times that.
Tolerance paper_tolerance(int64_t terms) {
  const Tolerance usual = tolerance_of(terms);
  return {usual.relative + 7.0 / 3 * std::sqrt(double(terms)) * kFloatEpsilon, usual.absolute};
}

template <class Pass>
Case<Pass> paper_case(const Layer& layer, int64_t terms, std::vector<TensorSpec> tensors) {
  return {layer.name, layer.why, layer.shape, std::move(tensors), paper_tolerance(terms), {}, false, false};
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

TensorSpec at_step() { return in_settings("settings", {17, .5f, .25f, .9f, 0}); }

std::vector<Case<FcWgradUpdate>> update_layers(int32_t N) {
  std::vector<Case<FcWgradUpdate>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const FcShape& s = layer.shape;
    cases.push_back(paper_case<FcWgradUpdate>(
        layer, s.N,
        {at_step(), in("x", {s.N, s.C}), in("dy", {s.N, s.K}), inout("w", {s.K, s.C}), inout("v", {s.K, s.C})}));
  }
  return cases;
}

// The sum of `terms` products a[i*a_step] * b[i*b_step].
double products(const double* a, int64_t a_step, const double* b, int64_t b_step, int64_t terms) {
  double sum = 0;
  for (int64_t i = 0; i < terms; ++i) sum += a[i * a_step] * b[i * b_step];
  return sum;
}

// The epilogue of a case; tower b's mask goes on where tower a's ends.
Epilogue epilogue(const FcShape& s, const float* bias, double accumulate, double relu, double training, double testing,
                  const StepSettings* settings) {
  const int64_t count = int64_t(s.N) * s.K;
  return {bias,
          accumulate != 0,
          relu != 0,
          training != 0  ? EpilogueDropout::kTraining
          : testing != 0 ? EpilogueDropout::kTesting
                         : EpilogueDropout::kNone,
          {count, count + 3, 2012, 6, .5f},
          settings};
}

Check<FcFprop> fprop() {
  Check<FcFprop> check;
  check.run = [](FcFprop::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    Epilogue e = epilogue(s, t["bias"], t.option("accumulate"), t.option("relu"), t.option("training"),
                          t.option("testing"), t.settings("settings"));
    float* const y = product_output(t, stream, &e);
    return launch(s, t["x"], t["w"], y, e, stream);
  };
  check.factors = {"x", "w"};
  check.stored = {"x", "w", "y"};
  check.reference = [](const FcShape& s, Doubles& t) {
    fc_fprop_reference<double>(s, t["x"], t["w"], t["bias"], t["y"], t.option("accumulate") != 0,
                               t.option("relu") != 0);
    const Epilogue e = epilogue(s, nullptr, 0, 0, t.option("training"), t.option("testing"), t.settings("settings"));
    if (e.dropout == EpilogueDropout::kNone) return;
    dropout_fprop_reference<double>(e.dropout_shape, e.settings->step, t["y"], t["y"],
                                    e.dropout == EpilogueDropout::kTraining);
  };
  check.layers = fprop_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    const double sum = products(t["x"] + i / s.K * s.C, 1, t["w"] + i % s.K * s.C, 1, s.C) + t["bias"][i % s.K];
    return std::max(0.0, sum);
  };
  for (const Layer& layer : with_tiles(Pass::kFprop)) {
    const FcShape& s = layer.shape;
    const Tolerance tolerance = tolerance_of(s.C);
    const std::string name = layer.name;
    const std::vector<TensorSpec> first = {at_step(), in("x", {s.N, s.C}), in("w", {s.K, s.C}), in("bias", {s.K}),
                                           out("y", {s.N, s.K})};
    check.cases.push_back({name, layer.why, s, first, tolerance, {{"relu", 1}}, layer.small});
    if (is_of_tile(layer.name)) continue;
    check.cases.push_back({name + "-dropout",
                           "dropout after the ReLU, with the bits of the dropout family",
                           s,
                           first,
                           tolerance,
                           {{"relu", 1}, {"training", 1}},
                           layer.small});
    if (!layer.small) continue;
    check.cases.push_back(
        {name + "-test", "a test pass multiplies by keep", s, first, tolerance, {{"relu", 1}, {"testing", 1}}});
    check.cases.push_back({name + "-bare",
                           "no bias, no ReLU",
                           s,
                           {in("x", {s.N, s.C}), in("w", {s.K, s.C}), out("y", {s.N, s.K})},
                           tolerance});
    const std::vector<TensorSpec> second = {at_step(), in("x", {s.N, s.C}), in("w", {s.K, s.C}), in("bias", {s.K}),
                                            inout("y", {s.N, s.K})};
    check.cases.push_back({name + "-second",
                           "second input plane: accumulate, then bias, then ReLU",
                           s,
                           second,
                           tolerance,
                           {{"accumulate", 1}, {"relu", 1}}});
    check.cases.push_back({name + "-second-dropout",
                           "second input plane: dropout comes last",
                           s,
                           second,
                           tolerance,
                           {{"accumulate", 1}, {"relu", 1}, {"training", 1}}});
  }
  const double inf = INFINITY;
  check.cases.push_back(
      {"infinities",
       "an infinite factor with others that tf32 rounds up, down and not at all, with infinities and with 0",
       {4, 4, 5},
       {in_values("x", {4, 4}, {inf, .3, -.7, 1, -inf, .7, .1, -2, inf, -inf, 0, .9, .3, NAN, 1, 0}),
        in_values("w", {5, 4}, {2, .1, .9, -.4, .3, -.3, 4, .2, -.1, .3, inf, 1e-30, inf, .2, .7, 1e7, 0, 1, -inf, .6}),
        out("y", {4, 5})},
       tolerance_of(4)});
  check.cases.push_back({"relu-nan",
                         "a rectifier passes a NaN on",
                         {2, 4, 8},
                         {in_values("x", {2, 4}, {NAN, 1, -1, 2, .5, 1, -1, 3}), in("w", {8, 4}), out("y", {2, 8})},
                         tolerance_of(4),
                         {{"relu", 1}}});
  return check;
}

Check<FcDgrad> dgrad() {
  Check<FcDgrad> check;
  check.run = [](FcDgrad::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["w"], t["mask"], t["dx"], stream);
  };
  check.factors = {"dy", "w"};
  check.stored = {"dy", "w", "mask", "dx"};
  check.reference = [](const FcShape& s, Doubles& t) {
    fc_dgrad_reference<double>(s, t["dy"], t["w"], t["mask"], t["dx"]);
  };
  check.layers = dgrad_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    return products(t["dy"] + i / s.C * s.K, 1, t["w"] + i % s.C, s.C, s.K);
  };
  check.loss = loss;
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : with_tiles(Pass::kDgrad)) {
    const FcShape& s = layer.shape;
    Case<FcDgrad> one = {
        layer.name,        layer.why, s,           {in("dy", {s.N, s.K}), in("w", {s.K, s.C}), out("dx", {s.N, s.C})},
        tolerance_of(s.K), {},        layer.small, few(s)};
    if (one.grad) one.tensors.push_back(in("x", {s.N, s.C}));
    check.cases.push_back(one);
    if (is_of_tile(layer.name)) continue;
    one.name += "-masked", one.why = "dx is 0 where the mask is not positive", one.grad = false;
    one.tensors.push_back(in("mask", {s.N, s.C}, integers(-1, 1)));
    check.cases.push_back(one);
  }
  check.cases.push_back({"mask-edges",
                         "a mask of NaN, zeros of both signs, the smallest number and infinity",
                         {1, 5, 3},
                         {in("dy", {1, 3}), in("w", {3, 5}), out("dx", {1, 5}),
                          in_values("mask", {1, 5}, {NAN, 0.0, -0.0, 1e-45, INFINITY})},
                         tolerance_of(3),
                         {},
                         true,
                         false});
  return check;
}

Check<FcWgrad> wgrad() {
  Check<FcWgrad> check;
  check.run = [](FcWgrad::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dw"], t["db"], stream);
  };
  check.factors = {"x", "dy"};
  check.stored = {"x", "dy"};
  check.unrounded = {"db"};
  check.reference = [](const FcShape& s, Doubles& t) {
    fc_wgrad_reference<double>(s, t["x"], t["dy"], t["dw"], t["db"]);
  };
  check.layers = wgrad_layers;
  check.flop = flop;
  check.element = [](const FcShape& s, Doubles& t, int64_t i) {
    return products(t["dy"] + i / s.C, s.K, t["x"] + i % s.C, s.C, s.N);
  };
  check.loss = loss;
  check.gradients = {{"dw", "w", 0.5, 1e-9}, {"db", "bias", 0.5, 1e-9}};  // linear in both: any step is exact
  for (const Layer& layer : with_tiles(Pass::kWgrad)) {
    const FcShape& s = layer.shape;
    Case<FcWgrad> one = {
        layer.name,        layer.why, s,           {in("x", {s.N, s.C}), in("dy", {s.N, s.K}), out("dw", {s.K, s.C})},
        tolerance_of(s.N), {},        layer.small, false};
    if (layer.small && !is_of_tile(layer.name)) {
      Case<FcWgrad> bare = one;
      bare.name += "-bare", bare.why = "without the bias's gradient";
      check.cases.push_back(bare);
    }
    one.tensors.push_back(out("db", {s.K}));
    one.grad = few(s);
    if (one.grad) one.tensors.push_back(in("w", {s.K, s.C})), one.tensors.push_back(in("bias", {s.K}));
    check.cases.push_back(one);
  }
  return check;
}

// Rate and decay are 1/2 and 1/8, so that no error of g is larger in w than in g.
SgdShape sgd_of(const FcShape& s) { return {int64_t(s.K) * s.C, 1.f, .125f, ALEXNET_RATE_WEIGHT}; }

Check<FcWgradUpdate> wgrad_update() {
  Check<FcWgradUpdate> check;
  check.run = [](FcWgradUpdate::Launch launch, const FcShape& s, Floats& t, Stream stream) {
    return launch(s, sgd_of(s), t.settings("settings"), t["x"], t["dy"], t["w"], t["v"], t["db"], stream);
  };
  check.factors = {"x", "dy"};
  check.stored = {"x", "dy"};
  check.unrounded = {"db"};
  check.reference = [](const FcShape& s, Doubles& t) {
    fc_wgrad_update_reference<double>(s, sgd_of(s), *t.settings("settings"), t["x"], t["dy"], t["w"], t["v"], t["db"]);
  };
  check.layers = update_layers;
  check.flop = flop;
  for (const Layer& layer : with_tiles(Pass::kWgrad)) {
    const FcShape& s = layer.shape;
    Case<FcWgradUpdate> one = {layer.name,
                               layer.why,
                               s,
                               {at_step(), in("x", {s.N, s.C}), in("dy", {s.N, s.K}), inout("w", {s.K, s.C}),
                                inout("v", {s.K, s.C}), out("db", {s.K})},
                               tolerance_of(s.N),
                               {},
                               layer.small,
                               false};
    check.cases.push_back(one);
    if (!layer.small || is_of_tile(layer.name)) continue;
    one.name += "-bare", one.why = "without the bias's gradient";
    one.tensors.pop_back();
    check.cases.push_back(one);
  }
  return check;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(dgrad())
ALEXNET_CHECK(wgrad())
ALEXNET_CHECK(wgrad_update())

}  // namespace
}  // namespace alexnet
