// Cases of conv: the layers of the paper, then edges.
//
// Tolerance. With inputs uniform in [-1, 1] the partial sum of i products has a standard deviation of sqrt(i)/3, and
// each addition rounds by at most 2^-24 of it. Over n additions the roundings add up like a random walk to about
// 0.14 * n * 2^-24; (n + 8) * 2^-24 is seven times that, and covers bias and accumulation for small n.
#include "conv/conv.h"
#include "conv/conv_element.h"

#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Layer {
  const char* name;
  const char* why;
  ConvShape shape;  // N, C, H, W, K, R, S, stride, pad, G, rounding
  bool small = true;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"conv1", "paper, one tower: 224 to 55 by ceil", {1, 3, 224, 224, 48, 11, 11, 4, 0, 1}, false},
      {"conv2", "paper, one tower", {1, 48, 27, 27, 128, 5, 5, 1, 2, 1}, false},
      {"conv3-plane", "paper, one of the two planes a tower reads", {1, 128, 13, 13, 192, 3, 3, 1, 1, 1}, false},
      {"conv4", "paper, one tower", {1, 192, 13, 13, 192, 3, 3, 1, 1, 1}, false},
      {"conv5", "paper, one tower", {1, 192, 13, 13, 128, 3, 3, 1, 1, 1}, false},
      {"conv2-both", "paper, both towers as two groups", {1, 96, 27, 27, 256, 5, 5, 1, 2, 2}, false},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}},
      {"odd", "odd height and width, odd channel counts, three images", {3, 3, 7, 9, 5, 3, 3, 1, 1, 1}},
      {"ceil-4", "the last windows run 3 pixels past the image, as conv1's do", {2, 3, 16, 12, 4, 5, 5, 4, 0, 1}},
      {"ceil-2", "rows are exact, columns run past by one", {1, 2, 9, 8, 3, 3, 3, 2, 0, 1}},
      {"down-4",
       "rounded down: rows and columns that no window reaches have no gradient",
       {2, 3, 16, 15, 4, 5, 5, 4, 0, 1, ALEXNET_ROUND_DOWN}},
      {"down-11", "torchvision's conv1, small: padded, one less window", {1, 3, 24, 20, 8, 11, 11, 4, 2, 1, 1}},
      {"down-groups", "rounded down in groups", {2, 4, 6, 8, 6, 3, 3, 2, 1, 2, ALEXNET_ROUND_DOWN}},
      {"past",
       "stride beyond the filter: a whole window lies outside, pixels between windows have no gradient",
       {1, 2, 5, 5, 2, 1, 1, 3, 0, 1}},
      {"wide-pad", "padding beyond the filter's reach: border outputs see no pixel", {1, 2, 3, 4, 3, 2, 2, 1, 3, 1}},
      {"flat-filter", "rows and columns of the filter differ", {2, 3, 6, 5, 4, 1, 4, 1, 0, 1}},
      {"tall-filter", "the filter is as high as the padded image", {1, 2, 4, 6, 3, 6, 2, 2, 1, 1}},
      {"groups-2", "two groups with several channels each", {2, 6, 5, 5, 4, 3, 3, 1, 1, 2}},
      {"groups-all", "a group per channel", {1, 4, 5, 5, 8, 3, 3, 2, 1, 4}},
      {"below-32", "channels one below a warp", {1, 31, 5, 4, 31, 3, 3, 1, 1, 1}},
      {"at-32", "channels exactly a warp", {1, 32, 5, 4, 32, 3, 3, 1, 1, 1}},
      {"above-32", "channels one above a warp", {1, 33, 5, 4, 33, 3, 3, 1, 1, 1}},
      {"below-64", "channels one below a tile of 64, and above on the other side", {1, 63, 3, 3, 65, 3, 3, 1, 1, 1}},
      {"at-64", "channels exactly a tile of 64", {1, 64, 3, 3, 64, 3, 3, 1, 1, 1}},
      {"above-64", "channels one above a tile of 64, and below on the other side", {1, 65, 3, 3, 63, 3, 3, 1, 1, 1}},
      {"pointwise", "1x1 filter, stride 1: a matrix product", {2, 17, 4, 4, 9, 1, 1, 1, 0, 1}},
      {"around-16", "below and above a tile of 16 channels; taps of 4 floats", {1, 12, 4, 5, 20, 3, 3, 1, 1, 1}},
      {"around-48", "channels around a tile of 48", {1, 47, 3, 3, 49, 3, 3, 1, 1, 1}},
      {"around-96", "channels around a tile of 96", {1, 97, 3, 2, 95, 3, 2, 1, 1, 1}},
      {"images-127", "one image less than a tile of small planes", {127, 5, 2, 3, 6, 2, 2, 1, 1, 1}},
      {"images-129", "one image more, in groups", {129, 8, 2, 1, 8, 2, 1, 1, 0, 2}},
      {"filter-15-16", "the largest filter of the matrix product", {1, 3, 17, 18, 5, 15, 16, 1, 1, 1}},
      {"filter-rows-16", "a row more than it takes", {1, 2, 17, 6, 3, 16, 2, 1, 1, 1}},
      {"filter-columns-17", "a column more than it takes", {1, 2, 6, 18, 3, 2, 17, 1, 1, 1}},
      {"past-rows", "whole windows lie outside, and rows can be read by 16 bytes", {1, 1, 6, 8, 2, 1, 1, 4, 0, 1}},
      {"eights", "what bf16 copies by 16 bytes, stages and tiles not full", {2, 24, 5, 7, 40, 3, 3, 1, 1, 1}},
      {"eights-groups", "the same in groups", {1, 16, 5, 4, 16, 3, 3, 1, 1, 2}},
      {"eights-stride", "the same with a stride", {2, 16, 7, 6, 32, 3, 3, 2, 1, 2}},
      {"parts-eights", "pixels in two parts of stages of bf16", {1, 16, 23, 24, 16, 3, 3, 1, 1, 2}},
      {"parts", "pixels in three parts, the last one shorter and not full", {1, 5, 21, 22, 7, 3, 3, 1, 1, 1}},
      {"parts-groups", "the same with taps of 4 floats and groups", {1, 8, 21, 22, 16, 3, 3, 1, 1, 2}},
      {"winograd-pixel", "one output: an edge of one row and one column alone", {3, 16, 1, 1, 17, 3, 3, 1, 1, 1}},
      {"winograd-row", "one row of outputs: no strip is full", {3, 18, 1, 9, 20, 3, 3, 1, 1, 1}},
      {"winograd-column", "one column of outputs", {2, 20, 9, 1, 16, 3, 3, 1, 1, 1}},
      {"winograd-full", "tiles of 2 and 4 without an edge", {2, 16, 8, 4, 16, 3, 3, 1, 1, 1}},
      {"winograd-1-2", "edges of one row and two columns", {2, 19, 5, 6, 33, 3, 3, 1, 1, 1}},
      {"winograd-2-3", "edges of two rows and three columns", {2, 33, 6, 7, 19, 3, 3, 1, 1, 1}},
      {"winograd-3-1", "edges of three rows and one column", {1, 24, 7, 5, 48, 3, 3, 1, 1, 1}},
      {"winograd-bare",
       "no padding: fewer outputs than inputs, as many as dgrad pads by",
       {2, 17, 7, 9, 16, 3, 3, 1, 0, 1}},
      {"winograd-wide-pad",
       "more padding than the filter reaches: dgrad cuts dy off",
       {1, 16, 5, 4, 18, 3, 3, 1, 4, 1}},
      {"winograd-groups", "two groups that vectors do not divide", {2, 36, 7, 6, 38, 3, 3, 1, 1, 2}},
      {"winograd-images", "several blocks of strips, the last one not full", {37, 16, 9, 6, 16, 3, 3, 1, 1, 1}},
      {"winograd-5", "5 x 5, edges of one row and one column", {2, 17, 5, 7, 20, 5, 5, 1, 2, 1}},
      {"winograd-5-bare", "5 x 5 without padding, a single row of outputs", {1, 16, 5, 8, 16, 5, 5, 1, 0, 1}},
      {"winograd-5-groups", "5 x 5 in groups, an edge of one column", {2, 32, 6, 3, 48, 5, 5, 1, 2, 2}},
  };
  return all;
}

// For each pass small shapes to which the implicit GEMM's plan gives one of its large tiles (gemm_plan_check holds it
// to that). Pixels, channels and taps leave the last tile of each direction, and the last stage, in part.
enum class Pass { kFprop, kDgrad, kWgrad };

std::vector<Layer> with_tiles(Pass pass) {
  std::vector<Layer> all = layers();
  const auto add = [&](const char* name, const char* why, const ConvShape& s) { all.push_back({name, why, s, true}); };
  switch (pass) {
    case Pass::kFprop:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 4, 78, 78, 180, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 4, 77, 77, 124, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 4, 226, 226, 64, 1, 1, 1, 0, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 4, 70, 70, 100, 3, 3, 1, 1, 1});
      add("tile-rows-96", "128 x 96, rows of the filter as conv1's", {1, 3, 310, 312, 180, 2, 5, 4, 0, 1});
      add("tile-rows-48", "128 x 48, rows of the filter as conv1's", {1, 3, 246, 248, 140, 2, 5, 4, 0, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 3, 70, 70, 97, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 40, 78, 78, 180, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 8, 80, 80, 120, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 8, 70, 70, 100, 1, 1, 1, 0, 1});
      break;
    case Pass::kDgrad:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 180, 78, 78, 4, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 124, 77, 77, 4, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 64, 226, 226, 4, 1, 1, 1, 0, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 100, 70, 70, 4, 3, 3, 1, 1, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 97, 70, 70, 3, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 184, 78, 78, 40, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 120, 80, 80, 8, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 104, 70, 70, 8, 1, 1, 1, 0, 1});
      break;
    case Pass::kWgrad:
      add("tile-96", "128 x 96, copied by 16 bytes", {1, 676, 5, 5, 180, 3, 3, 1, 1, 1});
      add("tile-64", "128 x 64 of four warps", {1, 660, 5, 5, 124, 3, 3, 1, 1, 1});
      add("tile-64-many", "128 x 64 of two warps", {1, 5676, 3, 3, 64, 3, 3, 1, 1, 1});
      add("tile-48", "128 x 48, copied by 16 bytes", {1, 544, 5, 5, 100, 3, 3, 1, 1, 1});
      add("tile-taps-96", "128 x 96, x by 4 bytes", {1, 675, 5, 5, 180, 3, 3, 1, 1, 1});
      add("tile-taps-48", "128 x 48, x by 4 bytes", {1, 545, 5, 5, 100, 3, 3, 1, 1, 1});
      add("tile-scalars", "128 x 48, copied by 4 bytes", {1, 545, 5, 5, 99, 3, 3, 1, 1, 1});
      add("tile-96-bf16", "128 x 96, bf16 by 16 bytes", {1, 6088, 5, 7, 184, 1, 1, 1, 0, 1});
      add("tile-64-bf16", "128 x 64 of four warps", {1, 6344, 3, 3, 120, 1, 1, 1, 0, 1});
      add("tile-48-bf16", "128 x 48", {1, 4896, 3, 3, 104, 1, 1, 1, 0, 1});
      break;
  }
  return all;
}

// x of a 1-channel image whose windows, 3 wide and 4 apart, never see its columns 3, 7 and 11: NaN stands there.
std::vector<double> with_unseen_nan(const ConvShape& s) {
  std::vector<double> x = random_values(conv_x_count(s), 5);
  for (size_t i = 3; i < x.size(); i += 4) x[i] = NAN;
  return x;
}
const ConvShape kUnseen = {1, 1, 3, 12, 2, 3, 3, 4, 0, 1};

// Finite differences of every element: only where that is quick.
bool few(const ConvShape& s) { return conv_x_count(s) + conv_w_count(s) < 1200; }

Tolerance tolerance_of(int64_t terms) { return {4 * kFloatEpsilon, double(terms + 8) * kFloatEpsilon}; }

// Winograd's bound, `terms` being the sum at each point: channels, or tiles in wgrad. In conv_winograd.h's letters, for
// data and filters of variance 1/3 the partial sum of i products at a point has a standard deviation of sqrt(i)/3 times
// |b||g|, the Euclidean lengths of its rows of B^T and G, in either direction; so do its roundings grow, in n terms as
// above to about 0.14 * n * 2^-24 * |b||g|. Roundings at different points are independent, and output o gathers them with
// its row a of A^T: in one direction n grows by the root of sum over points i of (a_i |b_i| |g_i|)^2, in two directions
// by the product of both, at most the sum itself. Of direct's it is r * r times as large a sum. The largest over outputs,
// edges included (unit tests hold the numbers against the matrices):
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
  check.cases.push_back(
      {"unseen-nan",
       "a NaN that no window sees stays unseen",
       kUnseen,
       {in_values("x", x_of(kUnseen), with_unseen_nan(kUnseen)), in("w", w_of(kUnseen)), out("y", y_of(kUnseen))},
       tolerance_of(9)});
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
  check.cases.push_back(
      {"unseen-nan",
       "a NaN that no window sees stays unseen",
       kUnseen,
       {in_values("x", x_of(kUnseen), with_unseen_nan(kUnseen)), in("dy", y_of(kUnseen)), out("dw", w_of(kUnseen))},
       tolerance_of(3),
       {},
       true,
       false});
  return check;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(dgrad())
ALEXNET_CHECK(wgrad())

}  // namespace
}  // namespace alexnet
