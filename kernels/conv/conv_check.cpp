// Cases of conv, of the shapes in conv_layers.h.
//
// Tolerance. With inputs uniform in [-1, 1] the partial sum of i products has a standard deviation of sqrt(i)/3, and
// each addition rounds by at most 2^-24 of it. Over n additions the roundings add up like a random walk to about
// 0.14 * n * 2^-24; (n + 8) * 2^-24 is seven times that, and covers bias and accumulation for small n.
#include "conv/conv.h"
#include "conv/conv_element.h"
#include "conv/conv_layers.h"

#include <algorithm>
#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

// x of a 1-channel image without padding: NaN stands in the rows and columns that no window sees.
std::vector<double> with_unseen_nan(const ConvShape& s) {
  const auto is_unseen = [&](int32_t at, int32_t windows, int32_t size) {
    const int32_t last = std::min(at / s.stride, windows - 1);  // that begins before
    return at - last * s.stride >= size;
  };
  std::vector<double> x = random_values(conv_x_count(s), 5);
  for (size_t i = 0; i < x.size(); ++i) {
    const int32_t w = int32_t(i) % s.W, h = int32_t(i) / s.W % s.H;
    if (is_unseen(h, conv_P(s), s.R) || is_unseen(w, conv_Q(s), s.S)) x[i] = NAN;
  }
  return x;
}
struct Unseen {
  const char* name;
  const char* why;
  ConvShape shape;
};
const Unseen kUnseen[] = {
    {"unseen-nan", "a NaN between windows stays unseen", {1, 1, 3, 12, 2, 3, 3, 4, 0, 1}},
    {"unseen-nan-down",
     "a NaN behind the last window, in a block of pixels that it sees in part",
     {1, 1, 7, 15, 8, 5, 5, 4, 0, 1, ALEXNET_ROUND_DOWN}},
};

// Every output sees the pixel in the middle, also of the tiles that Winograd makes.
const ConvShape kOneWindow = {1, 16, 3, 3, 16, 3, 3, 1, 1, 1};
std::vector<double> with_nan_in_the_middle(const ConvShape& s) {
  std::vector<double> x = random_values(conv_x_count(s), 6);
  x[x.size() / 2] = NAN;
  return x;
}

// Finite differences of every element: only where that is quick.
bool few(const ConvShape& s) { return conv_x_count(s) + conv_w_count(s) < 1200; }

Tolerance tolerance_of(int64_t terms) { return {4 * kFloatEpsilon, double(terms + 8) * kFloatEpsilon}; }

// Winograd's bound, `terms` being the sum at each point: channels, or tiles in wgrad. In conv_winograd.h's letters, for
// data and filters of variance 1/3 the partial sum of i products at a point has a standard deviation of sqrt(i)/3 times
// |b||g|, the Euclidean lengths of its rows of B^T and G, in either direction; so do its roundings grow, in n terms as
// above to about 0.14 * n * 2^-24 * |b||g|. Roundings at different points are independent, and output o gathers them
// with its row a of A^T: in one direction n grows by the root of sum over points i of (a_i |b_i| |g_i|)^2, in two
// directions by the product of both, at most the sum itself. Of direct's it is r * r times as large a sum. The largest
// over outputs, edges included (unit tests hold the numbers against the matrices):
//   F(2,3) 7, at an edge of one; 5 elsewhere      F(4,3) 94.4      F(2,5) 98.9
//   F(3,2) 4                                      F(3,4) 96.8      F(5,2) 90.3
// Again seven times that, and 8 terms more for the roundings of the transforms. A wrong coefficient is wrong by about
// |y|, which is sqrt(n) * r / 3: more than the bound for any sum of this network.
Tolerance winograd_tolerance(double growth, int64_t terms) {
  return {4 * kFloatEpsilon, growth * double(terms + 8) * kFloatEpsilon};
}

Tolerance fprop_by(const ConvShape& s, Algorithm algorithm) {
  const double growth = s.R == 5 ? 98.9 : algorithm == Algorithm::kWinograd4 ? 94.4 : 7;
  return winograd_tolerance(growth, s.C / s.G);
}
Tolerance dgrad_by(const ConvShape& s, Algorithm algorithm) {
  const double growth = s.R == 5 ? 98.9 : algorithm == Algorithm::kWinograd4 ? 94.4 : 7;
  return winograd_tolerance(growth, s.K / s.G);
}
Tolerance wgrad_by(const ConvShape& s, Algorithm algorithm) {
  const bool is_large = algorithm == Algorithm::kWinograd4 && s.R != 5;
  const int32_t side = is_large ? 4 : 2;
  const double growth = s.R == 5 ? 90.3 : is_large ? 96.8 : 4;
  return winograd_tolerance(growth, int64_t(s.N) * ceil_div(conv_P(s), side) * ceil_div(conv_Q(s), side));
}

std::vector<int64_t> x_of(const ConvShape& s) { return {s.N, s.H, s.W, s.C}; }
std::vector<int64_t> w_of(const ConvShape& s) { return {s.K, s.R, s.S, s.C / s.G}; }
std::vector<int64_t> y_of(const ConvShape& s) { return {s.N, conv_P(s), conv_Q(s), s.K}; }

// The sum of dy * (conv(x, w) + bias), of which dgrad and wgrad are the gradients.
double loss(const ConvShape& s, Doubles& t) {
  std::vector<double> y(size_t(conv_y_count(s)));
  conv_fprop_reference<double>(s, t["x"], t["w"], t["bias"], y.data(), false, false);
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

double flop(const ConvShape& s) { return 2.0 * double(conv_y_count(s)) * s.R * s.S * (s.C / s.G); }

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

std::vector<Case<ConvFprop>> fprop_layers(int32_t N) {
  std::vector<Case<ConvFprop>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const ConvShape& s = layer.shape;
    cases.push_back(paper_case<ConvFprop>(layer, int64_t(s.R) * s.S * s.C / s.G,
                                          {in("x", x_of(s)), in("w", w_of(s)), in("bias", {s.K}), out("y", y_of(s))}));
    cases.back().options = {{"relu", 1}};
  }
  return cases;
}

std::vector<Case<ConvDgrad>> dgrad_layers(int32_t N) {
  std::vector<Case<ConvDgrad>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const ConvShape& s = layer.shape;
    if (s.C == 3) continue;  // conv1's is never computed
    cases.push_back(paper_case<ConvDgrad>(layer, int64_t(s.R) * s.S * s.K / s.G,
                                          {in("dy", y_of(s)), in("w", w_of(s)), out("dx", x_of(s))}));
  }
  return cases;
}

std::vector<Case<ConvWgrad>> wgrad_layers(int32_t N) {
  std::vector<Case<ConvWgrad>> cases;
  for (const Layer& layer : paper_layers(N)) {
    const ConvShape& s = layer.shape;
    cases.push_back(paper_case<ConvWgrad>(layer, int64_t(s.N) * conv_P(s) * conv_Q(s),
                                          {in("x", x_of(s)), in("dy", y_of(s)), out("dw", w_of(s))}));
  }
  return cases;
}

Check<ConvFprop> fprop() {
  Check<ConvFprop> check;
  check.run = [](ConvFprop::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    Epilogue epilogue = {t["bias"], t.option("accumulate") != 0, t.option("relu") != 0};
    float* const y = product_output(t, stream, &epilogue);
    return launch(s, t["x"], t["w"], y, epilogue, stream);
  };
  check.factors = {"x", "w"};
  check.stored = {"x", "w", "y"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    conv_fprop_reference<double>(s, t["x"], t["w"], t["bias"], t["y"], t.option("accumulate") != 0,
                                 t.option("relu") != 0);
  };
  check.layers = fprop_layers;
  check.algorithm_tolerance = fprop_by;
  check.flop = flop;
  check.element = [](const ConvShape& s, Doubles& t, int64_t i) {
    return conv_fprop_element(s, t["x"], t["w"], t["bias"], t.option("relu") != 0, i);
  };
  for (const Layer& layer : with_tiles(Pass::kFprop)) {
    const ConvShape& s = layer.shape;
    const Tolerance tolerance = tolerance_of(int64_t(s.R) * s.S * s.C / s.G);
    check.cases.push_back({layer.name,
                           layer.why,
                           s,
                           {in("x", x_of(s)), in("w", w_of(s)), in("bias", {s.K}), out("y", y_of(s))},
                           tolerance,
                           {{"relu", 1}},
                           layer.small});
    if (!layer.small || is_of_tile(layer.name)) continue;
    const std::string name = layer.name;
    check.cases.push_back(
        {name + "-bare", "no bias, no ReLU", s, {in("x", x_of(s)), in("w", w_of(s)), out("y", y_of(s))}, tolerance});
    check.cases.push_back({name + "-second",
                           "second input plane: accumulate, then bias, then ReLU",
                           s,
                           {in("x", x_of(s)), in("w", w_of(s)), in("bias", {s.K}), inout("y", y_of(s))},
                           tolerance,
                           {{"accumulate", 1}, {"relu", 1}}});
  }
  for (const auto& [name, why, s] : kUnseen) {
    check.cases.push_back({name,
                           why,
                           s,
                           {in_values("x", x_of(s), with_unseen_nan(s)), in("w", w_of(s)), out("y", y_of(s))},
                           tolerance_of(int64_t(s.R) * s.S)});
  }
  check.cases.push_back({"relu-nan",
                         "a rectifier passes a NaN on, which all windows see",
                         kOneWindow,
                         {in_values("x", x_of(kOneWindow), with_nan_in_the_middle(kOneWindow)),
                          in("w", w_of(kOneWindow)), out("y", y_of(kOneWindow))},
                         tolerance_of(9 * 16),
                         {{"relu", 1}}});
  return check;
}

Check<ConvDgrad> dgrad() {
  Check<ConvDgrad> check;
  check.run = [](ConvDgrad::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["w"], t["mask"], t["dx"], stream);
  };
  check.factors = {"dy", "w"};
  check.stored = {"dy", "w", "mask", "dx"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    conv_dgrad_reference<double>(s, t["dy"], t["w"], t["mask"], t["dx"]);
  };
  check.layers = dgrad_layers;
  check.algorithm_tolerance = dgrad_by;
  check.flop = flop;
  check.element = [](const ConvShape& s, Doubles& t, int64_t i) { return conv_dgrad_element(s, t["dy"], t["w"], i); };
  check.loss = loss;
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : with_tiles(Pass::kDgrad)) {
    const ConvShape& s = layer.shape;
    const Tolerance tolerance = tolerance_of(int64_t(s.R) * s.S * s.K / s.G);
    Case<ConvDgrad> one = {
        layer.name, layer.why, s,           {in("dy", y_of(s)), in("w", w_of(s)), out("dx", x_of(s))},
        tolerance,  {},        layer.small, few(s)};
    if (one.grad) one.tensors.push_back(in("x", x_of(s)));
    check.cases.push_back(one);
    if (is_of_tile(layer.name)) continue;
    one.name += "-masked", one.why = "dx is 0 where the mask is not positive", one.grad = false;
    one.tensors.push_back(in("mask", x_of(s), integers(-1, 1)));
    check.cases.push_back(one);
  }
  const ConvShape s = {1, 5, 1, 1, 3, 1, 1, 1, 0, 1};
  check.cases.push_back({"mask-edges",
                         "a mask of NaN, zeros of both signs, the smallest number and infinity",
                         s,
                         {in("dy", y_of(s)), in("w", w_of(s)), out("dx", x_of(s)),
                          in_values("mask", x_of(s), {NAN, 0.0, -0.0, 1e-45, INFINITY})},
                         tolerance_of(3),
                         {},
                         true,
                         false});
  return check;
}

Check<ConvWgrad> wgrad() {
  Check<ConvWgrad> check;
  check.run = [](ConvWgrad::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dw"], t["db"], stream);
  };
  check.factors = {"x", "dy"};
  check.stored = {"x", "dy"};
  check.unrounded = {"db"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    conv_wgrad_reference<double>(s, t["x"], t["dy"], t["dw"], t["db"]);
  };
  check.layers = wgrad_layers;
  check.algorithm_tolerance = wgrad_by;
  check.flop = flop;
  check.element = [](const ConvShape& s, Doubles& t, int64_t i) { return conv_wgrad_element(s, t["x"], t["dy"], i); };
  check.loss = loss;
  check.gradients = {{"dw", "w", 0.5, 1e-9}, {"db", "bias", 0.5, 1e-9}};  // linear in both: any step is exact
  for (const Layer& layer : with_tiles(Pass::kWgrad)) {
    const ConvShape& s = layer.shape;
    const int64_t terms = int64_t(s.N) * conv_P(s) * conv_Q(s);
    // The paper's layers have outliers among their many weights, as a batch has.
    const Tolerance tolerance = layer.small ? tolerance_of(terms) : paper_tolerance(terms);
    Case<ConvWgrad> one = {
        layer.name, layer.why, s,           {in("x", x_of(s)), in("dy", y_of(s)), out("dw", w_of(s))},
        tolerance,  {},        layer.small, false};
    if (layer.small && !is_of_tile(layer.name)) {
      Case<ConvWgrad> bare = one;
      bare.name += "-bare", bare.why = "without the bias's gradient";
      check.cases.push_back(bare);
    }
    one.tensors.push_back(out("db", {s.K}));
    one.grad = few(s);
    if (one.grad) one.tensors.push_back(in("w", w_of(s))), one.tensors.push_back(in("bias", {s.K}));
    check.cases.push_back(one);
  }
  for (const auto& [name, why, s] : kUnseen) {
    check.cases.push_back({name,
                           why,
                           s,
                           {in_values("x", x_of(s), with_unseen_nan(s)), in("dy", y_of(s)), out("dw", w_of(s))},
                           tolerance_of(conv_y_count(s) / s.K),
                           {},
                           true,
                           false});
  }
  return check;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(dgrad())
ALEXNET_CHECK(wgrad())

}  // namespace
}  // namespace alexnet
