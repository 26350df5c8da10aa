// Cases of local: the layers of the CIFAR-10 networks that have it, then edges. Tolerances as in conv_check.cpp, by the
// length of the sums: R*S*C (fprop), R*S*K (dgrad), N (wgrad).
#include "local/local.h"

#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Layer {
  const char* name;
  const char* why;
  ConvShape shape;  // N, C, H, W, K, R, S, stride, pad, G
  bool small = true;
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"local3", "conv-local-13pct at 32 pixels", {2, 64, 8, 8, 32, 3, 3, 1, 1, 1}, false},
      {"local4", "conv-local-13pct at 32 pixels", {2, 32, 8, 8, 32, 3, 3, 1, 1, 1}, false},
      {"local3-24", "conv-local-13pct at 24 pixels", {2, 64, 6, 6, 32, 3, 3, 1, 1, 1}, false},
      {"local4-24", "conv-local-13pct at 24 pixels", {2, 32, 6, 6, 32, 3, 3, 1, 1, 1}, false},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1, 1, 1, 0, 1}},
      {"one-image", "one image: a tile has one row", {1, 5, 4, 4, 6, 3, 3, 1, 1, 1}},
      {"odd", "odd height and width, odd channel counts, three images", {3, 3, 7, 5, 5, 3, 3, 1, 1, 1}},
      {"stride-2", "stride 2, rows are exact, columns run past by one", {2, 2, 9, 8, 3, 3, 3, 2, 0, 1}},
      {"stride-2-pad", "stride 2 with padding: pixels with one, two and four windows", {2, 4, 7, 6, 5, 3, 3, 2, 1, 1}},
      {"ceil-4", "the last windows run past the image by the ceil rule", {2, 3, 9, 8, 4, 5, 5, 4, 0, 1}},
      {"down-4",
       "rounded down: rows and columns that no window reaches",
       {2, 3, 8, 7, 4, 5, 5, 2, 0, 1, ALEXNET_ROUND_DOWN}},
      {"past",
       "stride beyond the filter: a whole window lies outside, pixels between windows have no gradient",
       {1, 2, 5, 5, 2, 1, 1, 3, 0, 1}},
      {"wide-pad", "padding beyond the filter's reach: windows completely outside", {2, 2, 3, 4, 3, 2, 2, 1, 3, 1}},
      {"flat-filter", "rows and columns of the filter differ", {2, 3, 6, 5, 4, 1, 4, 1, 0, 1}},
      {"tall-filter", "the filter is as high as the padded image", {1, 2, 4, 6, 3, 6, 2, 2, 1, 1}},
      {"whole", "the filter is the whole image: one position, a fully connected layer", {3, 4, 5, 3, 7, 5, 3, 1, 0, 1}},
      {"pointwise", "1x1 filters: a matrix product for each pixel", {5, 17, 2, 3, 9, 1, 1, 1, 0, 1}},
      {"around-16", "channels below and above a tile of 16; taps of 4 floats", {2, 12, 3, 3, 20, 3, 3, 1, 1, 1}},
      {"at-16", "channels exactly a tile of 16, images one above a tile of 8", {9, 16, 3, 2, 16, 3, 2, 1, 1, 1}},
      {"around-48", "channels around a tile of 48, images one below 8", {7, 47, 2, 2, 49, 3, 3, 1, 1, 1}},
      {"at-48", "channels exactly a tile of 48, images one above 6", {7, 48, 2, 2, 48, 2, 2, 1, 1, 1}},
      {"around-64", "channels below and above a tile of 64", {2, 63, 2, 2, 65, 2, 2, 1, 1, 1}},
      {"images-33", "images one above a tile of 32, stages of 16 in part", {33, 5, 2, 3, 6, 2, 2, 1, 1, 1}},
      {"images-127", "images one below a tile of 128", {127, 8, 2, 1, 8, 2, 1, 1, 0, 1}},
      {"filter-15-16", "the largest filter of the matrix product", {2, 3, 15, 17, 4, 15, 16, 1, 1, 1}},
      {"filter-rows-16", "a row more than it takes", {1, 2, 17, 6, 3, 16, 2, 1, 1, 1}},
      {"eights", "what bf16 copies by 16 bytes, stages and tiles not full", {5, 16, 3, 5, 24, 3, 3, 1, 1, 1}},
      {"images-129", "images one above a tile of 128", {129, 4, 1, 2, 12, 1, 2, 1, 1, 1}},
  };
  return all;
}

// For each pass small shapes to which the matrix product's plan gives one of its large tiles (gemm_plan_check holds it
// to that): some 132 products that fill one tile. Images, channels and taps leave it in part.
enum class Pass { kFprop, kDgrad, kWgrad };

std::vector<Layer> with_tiles(Pass pass) {
  std::vector<Layer> all = layers();
  // A product of rows x columns sums of `depth` terms, the depth by 16-byte copies where it divides by 4, of bf16 by 8.
  const auto add = [&](const char* name, const char* why, int rows, int columns, int depth, int H, int W) {
    const ConvShape fprop = {rows, depth, H, W, columns, 1, 1, 1, 0, 1};
    const ConvShape dgrad = {rows, columns, H, W, depth, 1, 1, 1, 0, 1};
    const ConvShape wgrad = {depth, rows, H, W, columns, 1, 1, 1, 0, 1};
    all.push_back({name, why, pass == Pass::kFprop ? fprop : pass == Pass::kDgrad ? dgrad : wgrad, true});
  };
  add("tile-96", "128 x 96, copied by 16 bytes", 120, 88, 8, 11, 12);
  add("tile-64", "128 x 64 of four warps", 120, 56, 8, 11, 12);
  add("tile-64-many", "128 x 64 of two warps", 120, 56, 8, 22, 24);
  add("tile-48", "128 x 48, copied by 16 bytes", 120, 40, 8, 11, 12);
  if (pass == Pass::kWgrad) {
    add("tile-taps-96", "128 x 96, x by 4 bytes", 123, 92, 3, 11, 12);
    add("tile-taps-48", "128 x 48, x by 4 bytes", 123, 44, 3, 11, 12);
  }
  const int odd = pass == Pass::kFprop ? 3 : 4;  // in fprop the depth decides
  add("tile-scalars", "128 x 48, copied by 4 bytes", 123, 43, odd, 11, 12);
  return all;
}

// x of a 1-channel image whose windows, 3 wide and 4 apart, never see its columns 3, 7 and 11: NaN stands there.
std::vector<double> with_unseen_nan(const ConvShape& s) {
  std::vector<double> x = random_values(conv_x_count(s), 5);
  for (size_t i = 3; i < x.size(); i += 4) x[i] = NAN;
  return x;
}
const ConvShape kUnseen = {1, 1, 3, 12, 2, 3, 3, 4, 0, 1};
const ConvShape kThreePixels = {1, 1, 1, 3, 8, 1, 1, 1, 0, 1};

// Finite differences of every element: only where that is quick.
bool few(const ConvShape& s) { return conv_x_count(s) + local_w_count(s) < 2500; }

Tolerance tolerance_of(int64_t terms) { return {4 * kFloatEpsilon, double(terms + 8) * kFloatEpsilon}; }

std::vector<int64_t> x_of(const ConvShape& s) { return {s.N, s.H, s.W, s.C}; }
std::vector<int64_t> w_of(const ConvShape& s) { return {conv_P(s), conv_Q(s), s.K, s.R, s.S, s.C}; }
std::vector<int64_t> y_of(const ConvShape& s) { return {s.N, conv_P(s), conv_Q(s), s.K}; }
std::vector<int64_t> bias_of(const ConvShape& s) { return {conv_P(s), conv_Q(s), s.K}; }

// The sum of dy * (local(x, w) + bias), of which dgrad and wgrad are the gradients.
double loss(const ConvShape& s, Doubles& t) {
  std::vector<double> y(size_t(conv_y_count(s)));
  local_fprop_reference<double>(s, t["x"], t["w"], t["bias"], y.data(), false, false);
  return dot(t["dy"], y);
}

double flop(const ConvShape& s) { return 2.0 * double(conv_y_count(s)) * s.R * s.S * s.C; }

// For --bench: the layers of the 32-pixel network with N images.
std::vector<Layer> benchmarked(int32_t N) {
  std::vector<Layer> some;
  for (Layer layer : layers()) {
    layer.shape.N = N;
    if (!layer.small && layer.shape.H == 8) some.push_back(layer);
  }
  return some;
}

// As tolerance_of, with room for the outliers among the many elements of a batch: conv_check.cpp derives it.
Tolerance batch_tolerance(int64_t terms) {
  const Tolerance usual = tolerance_of(terms);
  return {usual.relative + 7.0 / 3 * std::sqrt(double(terms)) * kFloatEpsilon, usual.absolute};
}

template <class Pass>
Case<Pass> bench_case(const Layer& layer, int64_t terms, std::vector<TensorSpec> tensors) {
  return {layer.name, layer.why, layer.shape, std::move(tensors), batch_tolerance(terms), {}, false, false};
}

std::vector<Case<LocalFprop>> fprop_layers(int32_t N) {
  std::vector<Case<LocalFprop>> cases;
  for (const Layer& layer : benchmarked(N)) {
    const ConvShape& s = layer.shape;
    cases.push_back(
        bench_case<LocalFprop>(layer, int64_t(s.R) * s.S * s.C,
                               {in("x", x_of(s)), in("w", w_of(s)), in("bias", bias_of(s)), out("y", y_of(s))}));
    cases.back().options = {{"relu", 1}};
  }
  return cases;
}

std::vector<Case<LocalDgrad>> dgrad_layers(int32_t N) {
  std::vector<Case<LocalDgrad>> cases;
  for (const Layer& layer : benchmarked(N)) {
    const ConvShape& s = layer.shape;
    cases.push_back(bench_case<LocalDgrad>(layer, int64_t(s.R) * s.S * s.K,
                                           {in("dy", y_of(s)), in("w", w_of(s)), out("dx", x_of(s))}));
  }
  return cases;
}

std::vector<Case<LocalWgrad>> wgrad_layers(int32_t N) {
  std::vector<Case<LocalWgrad>> cases;
  for (const Layer& layer : benchmarked(N)) {
    const ConvShape& s = layer.shape;
    cases.push_back(bench_case<LocalWgrad>(layer, s.N, {in("x", x_of(s)), in("dy", y_of(s)), out("dw", w_of(s))}));
  }
  return cases;
}

Check<LocalFprop> fprop() {
  Check<LocalFprop> check;
  check.run = [](LocalFprop::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    Epilogue epilogue = {t["bias"], t.option("accumulate") != 0, t.option("relu") != 0};
    float* const y = product_output(t, stream, &epilogue);
    return launch(s, t["x"], t["w"], y, epilogue, stream);
  };
  check.factors = {"x", "w"};
  check.stored = {"x", "w", "y"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    local_fprop_reference<double>(s, t["x"], t["w"], t["bias"], t["y"], t.option("accumulate") != 0,
                                  t.option("relu") != 0);
  };
  check.layers = fprop_layers;
  check.flop = flop;
  for (const Layer& layer : with_tiles(Pass::kFprop)) {
    const ConvShape& s = layer.shape;
    const Tolerance tolerance = tolerance_of(int64_t(s.R) * s.S * s.C);
    check.cases.push_back({layer.name,
                           layer.why,
                           s,
                           {in("x", x_of(s)), in("w", w_of(s)), in("bias", bias_of(s)), out("y", y_of(s))},
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
                           {in("x", x_of(s)), in("w", w_of(s)), in("bias", bias_of(s)), inout("y", y_of(s))},
                           tolerance,
                           {{"accumulate", 1}, {"relu", 1}}});
  }
  check.cases.push_back(
      {"unseen-nan",
       "a NaN that no window sees stays unseen",
       kUnseen,
       {in_values("x", x_of(kUnseen), with_unseen_nan(kUnseen)), in("w", w_of(kUnseen)), out("y", y_of(kUnseen))},
       tolerance_of(9)});
  check.cases.push_back(
      {"relu-nan",
       "a rectifier passes a NaN on",
       kThreePixels,
       {in_values("x", x_of(kThreePixels), {NAN, 1, -1}), in("w", w_of(kThreePixels)), out("y", y_of(kThreePixels))},
       tolerance_of(1),
       {{"relu", 1}}});
  return check;
}

Check<LocalDgrad> dgrad() {
  Check<LocalDgrad> check;
  check.run = [](LocalDgrad::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    return launch(s, t["dy"], t["w"], t["mask"], t["dx"], stream);
  };
  check.factors = {"dy", "w"};
  check.stored = {"dy", "w", "mask", "dx"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    local_dgrad_reference<double>(s, t["dy"], t["w"], t["mask"], t["dx"]);
  };
  check.layers = dgrad_layers;
  check.flop = flop;
  check.loss = loss;
  check.gradients = {{"dx", "x", 0.5, 1e-9}};  // the loss is linear in x: any step is exact
  for (const Layer& layer : with_tiles(Pass::kDgrad)) {
    const ConvShape& s = layer.shape;
    Case<LocalDgrad> one = {layer.name,
                            layer.why,
                            s,
                            {in("dy", y_of(s)), in("w", w_of(s)), out("dx", x_of(s))},
                            tolerance_of(int64_t(s.R) * s.S * s.K),
                            {},
                            layer.small,
                            few(s)};
    // A stage for each of 240 filter positions at each pixel: a minute under seven schedules, which smaller filters
    // have too.
    if (s.R * s.S >= 240) one.race = false;
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

Check<LocalWgrad> wgrad() {
  Check<LocalWgrad> check;
  check.run = [](LocalWgrad::Launch launch, const ConvShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dw"], t["db"], stream);
  };
  check.factors = {"x", "dy"};
  check.stored = {"x", "dy"};
  check.unrounded = {"db"};
  check.reference = [](const ConvShape& s, Doubles& t) {
    local_wgrad_reference<double>(s, t["x"], t["dy"], t["dw"], t["db"]);
  };
  check.layers = wgrad_layers;
  check.flop = flop;
  check.loss = loss;
  check.gradients = {{"dw", "w", 0.5, 1e-9}, {"db", "bias", 0.5, 1e-9}};  // linear in both: any step is exact
  for (const Layer& layer : with_tiles(Pass::kWgrad)) {
    const ConvShape& s = layer.shape;
    Case<LocalWgrad> one = {
        layer.name,        layer.why, s,           {in("x", x_of(s)), in("dy", y_of(s)), out("dw", w_of(s))},
        tolerance_of(s.N), {},        layer.small, false};
    if (layer.small && !is_of_tile(layer.name)) {
      Case<LocalWgrad> bare = one;
      bare.name += "-bare", bare.why = "without the bias's gradient";
      check.cases.push_back(bare);
    }
    one.tensors.push_back(out("db", bias_of(s)));
    one.grad = few(s);
    if (one.grad) one.tensors.push_back(in("w", w_of(s))), one.tensors.push_back(in("bias", bias_of(s)));
    check.cases.push_back(one);
  }
  check.cases.push_back(
      {"unseen-nan",
       "a NaN that no window sees stays unseen",
       kUnseen,
       {in_values("x", x_of(kUnseen), with_unseen_nan(kUnseen)), in("dy", y_of(kUnseen)), out("dw", w_of(kUnseen))},
       tolerance_of(1),
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
