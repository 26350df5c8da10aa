// Cases of lrn_pool: the layers of the paper, then edges.
//
// Tolerance. fprop: that of lrn, because a maximum rounds nothing. bprop: that of lrn for a gradient dz of at most
// `most` dy, the largest number of windows over a pixel. An error in z must not decide which of two different values is
// the maximum, or dx would be off by a whole dy: in bprop's large cases inputs are whole numbers from -8 to 8, which
// with the paper's alpha give values that are equal or 2e-5 apart. Without ReLU and normalisation every variant gives
// one result.
#include "lrn_pool/lrn_pool.h"

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr int kAll = ALEXNET_TIES_ALL, kFirst = ALEXNET_TIES_FIRST;
constexpr double kPower = 1.0 / 1048576;  // 2^-20

struct Layer {
  const char* name;
  const char* why;
  LrnPoolShape shape;  // N, H, W, C, lrn_size, k, alpha, beta, pool_size, stride, ties, relu
  Fill fill = uniform(-1, 1);
};

const std::vector<Layer>& layers() {
  static const Fill whole = integers(-8, 8);
  static const std::vector<Layer> all = {
      {"layer1", "paper, one tower", {1, 55, 55, 48, 5, 2.f, 1e-4f, .75f, 3, 2, kAll, 1}, whole},
      {"layer2", "paper, one tower; ties to the first", {1, 27, 27, 128, 5, 2.f, 1e-4f, .75f, 3, 2, kFirst, 1}, whole},
      {"layer5", "paper, one tower: no normalisation", {2, 13, 13, 128, 0, 0.f, 0.f, 0.f, 3, 2, kAll, 1}, whole},
      {"layer5-first", "the same, ties to the first", {1, 13, 13, 128, 0, 0.f, 0.f, 0.f, 3, 2, kFirst, 1}, whole},
      {"cifar", "32 to 16: clipped windows; a window of 9", {1, 32, 32, 8, 9, 1.f, 1e-4f, .75f, 3, 2, kAll, 1}, whole},
      {"images-127", "many images, one below 128", {127, 3, 3, 4, 5, 2.f, .01f, .75f, 3, 2, kAll, 1}, integers(-2, 2)},
      {"images-129",
       "many images, one above 128",
       {129, 4, 3, 4, 5, 2.f, .01f, .75f, 3, 2, kFirst, 1},
       integers(-2, 2)},
      {"strong", "a window sum that outweighs k", {1, 7, 5, 12, 5, 1.f, 1.f, .75f, 3, 2, kAll, 1}, uniform(-2, 2)},
      {"no-relu", "values of both signs", {1, 5, 7, 8, 5, 2.f, .1f, .75f, 3, 2, kFirst, 0}, uniform(-2, 2)},
      {"closed",
       "every value is 0 after the ReLU: all tied, no gradient",
       {1, 7, 7, 8, 5, 2.f, .1f, .75f, 3, 2, kAll, 1},
       uniform(-2, -1)},
      {"ties", "few values: ties in all windows", {2, 9, 9, 8, 5, 2.f, 1e-2f, .75f, 3, 2, kAll, 1}, integers(0, 1)},
      {"ties-first", "the same, one receives", {2, 9, 9, 8, 5, 2.f, 1e-2f, .75f, 3, 2, kFirst, 1}, integers(0, 1)},
      {"constant", "all pixels tied, clipped windows", {1, 8, 6, 4, 0, 0.f, 0.f, 0.f, 3, 2, kFirst, 1}, integers(2, 2)},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1.f, .5f, .75f, 1, 1, kAll, 1}},
      {"one-window", "the smallest image of a window of 3", {1, 3, 3, 4, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"even-rows", "rows clipped, columns exact", {2, 6, 9, 8, 5, 2.f, .1f, .75f, 3, 2, kFirst, 1}},
      {"even-columns", "columns clipped, rows exact", {2, 9, 6, 8, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"odd-channels", "channels no multiple of a vector", {1, 5, 6, 7, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"two-channels", "every normalisation window is clipped", {1, 5, 5, 2, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"below-32", "channels below a warp", {1, 5, 5, 28, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"at-32", "channels exactly a warp", {1, 5, 5, 32, 5, 2.f, .1f, .75f, 3, 2, kFirst, 1}},
      {"above-32", "channels above a warp", {1, 5, 5, 36, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"above-warp-of-4",
       "channels above a warp of four each",
       {1, 5, 4, 132, 5, 2.f, .1f, .75f, 3, 2, kAll, 1},
       whole},
      {"apart", "windows that do not overlap", {1, 8, 8, 4, 3, 2.f, .1f, .75f, 2, 2, kFirst, 1}},
      {"dense", "stride 1: nine windows over a pixel", {1, 6, 5, 4, 5, 2.f, .1f, .75f, 3, 1, kAll, 1}},
      {"stride-3-of-5", "two windows over some pixels", {1, 11, 9, 4, 5, 2.f, .1f, .75f, 5, 3, kFirst, 1}},
      {"global", "one window over the image", {2, 6, 6, 8, 5, 2.f, .1f, .75f, 6, 6, kAll, 1}},
      {"size-1", "a normalisation of the channel itself", {1, 5, 5, 8, 1, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"over-channels", "a normalisation window larger than C", {1, 5, 5, 4, 11, 2.f, .1f, .75f, 3, 2, kAll, 1}},
      {"beta-1", "another power than the paper's", {1, 5, 5, 8, 5, 1.f, .1f, 1.f, 3, 2, kAll, 1}},
  };
  return all;
}

std::vector<int64_t> x_of(const LrnPoolShape& s) { return {s.N, s.H, s.W, s.C}; }
std::vector<int64_t> y_of(const LrnPoolShape& s) { return {s.N, pool_P(pool_of(s)), pool_Q(pool_of(s)), s.C}; }
int64_t count_of(const LrnPoolShape& s) { return pool_x_count(pool_of(s)); }

// For --bench: the paper's layers of one tower with N images.
std::vector<Layer> paper_layers(int32_t N) {
  std::vector<Layer> paper(layers().begin(), layers().begin() + 3);
  for (Layer& layer : paper) layer.shape.N = N;
  return paper;
}

Tolerance fprop_tolerance(const LrnPoolShape& s) {
  return s.lrn_size == 0 ? Tolerance{} : Tolerance{(s.lrn_size + 8) * kFloatEpsilon + kPower, 0};
}

Case<LrnPoolFprop> fprop_case(const Layer& layer) {
  const LrnPoolShape& s = layer.shape;
  return {layer.name, layer.why,          s, {in("x", x_of(s), layer.fill), out("y", y_of(s))}, fprop_tolerance(s),
          {},         count_of(s) < 10000};
}

Case<LrnPoolBprop> bprop_case(const Layer& layer) {
  const LrnPoolShape& s = layer.shape;
  const double side = ceil_div(s.pool_size, s.stride), most = side * side;
  const double beta = s.lrn_size == 0 ? 0 : double(s.beta);
  const double absolute = most * ((s.lrn_size * beta + 1) * ((4 * s.lrn_size + 16) * kFloatEpsilon + 2 * kPower));
  const bool smooth = layer.fill.kind == Fill::Kind::kUniform && count_of(s) < 600;
  return {layer.name,
          layer.why,
          s,
          {in("x", x_of(s), layer.fill), in("dy", y_of(s)), out("dx", x_of(s))},
          {0, s.lrn_size == 0 ? most * most * kFloatEpsilon : absolute},
          {},
          count_of(s) < 10000,
          smooth};
}

Check<LrnPoolFprop> fprop() {
  Check<LrnPoolFprop> check;
  check.stored = {"x", "y", "y_peer"};
  check.run = [](LrnPoolFprop::Launch launch, const LrnPoolShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], t.has("y_peer") ? t["y_peer"] : nullptr, stream);
  };
  check.reference = [](const LrnPoolShape& s, Doubles& t) {
    lrn_pool_fprop_reference<double>(s, t["x"], t["y"]);
    if (t.has("y_peer")) lrn_pool_fprop_reference<double>(s, t["x"], t["y_peer"]);
  };
  check.layers = [](int32_t N) {
    std::vector<Case<LrnPoolFprop>> cases;
    for (const Layer& layer : paper_layers(N)) cases.push_back(fprop_case(layer));
    return cases;
  };
  const auto add = [&](const Layer& layer) { check.cases.push_back(fprop_case(layer)); };
  for (const Layer& layer : layers()) add(layer);
  add({"layer1-large", "large activations", {1, 55, 55, 48, 5, 2.f, 1e-4f, .75f, 3, 2, kAll, 1}, uniform(-300, 300)});
  add({"layer2-large", "large activations", {1, 27, 27, 128, 5, 2.f, 1e-4f, .75f, 3, 2, kAll, 1}, uniform(-100, 100)});
  add({"wide", "windows wider than a tile", {1, 3, 301, 8, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}, uniform(-2, 2)});
  add({"tall", "more rows than a strip", {1, 67, 3, 8, 5, 2.f, .1f, .75f, 3, 2, kAll, 1}, uniform(-2, 2)});
  for (const int32_t lrn_size : {0, 5}) {
    const LrnPoolShape two = {3, 13, 11, 12, lrn_size, 2.f, .1f, .75f, 3, 2, kAll, 1};
    check.cases.push_back({lrn_size == 0 ? "two-places" : "two-places-normalised",
                           "the plane and a second one",
                           two,
                           {in("x", x_of(two)), out("y", y_of(two)), out("y_peer", y_of(two))},
                           fprop_tolerance(two)});
    // A NaN makes NaN of its own window's outputs, and of the channels beside it where these are normalised.
    const LrnPoolShape s = {1, 5, 5, 4, lrn_size, 2.f, .1f, .75f, 3, 2, kAll, 1};
    std::vector<double> x(100, 1.0);
    x[3] = NAN;  // pixel (0,0), channel 3
    x[50] = -NAN;
    check.cases.push_back({lrn_size == 0 ? "nan" : "nan-normalised",
                           "a NaN in the window makes its output NaN",
                           s,
                           {in_values("x", x_of(s), x), out("y", y_of(s))},
                           fprop_tolerance(s)});
  }
  return check;
}

Check<LrnPoolBprop> bprop() {
  Check<LrnPoolBprop> check;
  check.stored = {"x", "dy", "dx"};
  check.run = [](LrnPoolBprop::Launch launch, const LrnPoolShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const LrnPoolShape& s, Doubles& t) {
    lrn_pool_bprop_reference<double>(s, t["x"], t["dy"], t["dx"]);
  };
  check.loss = [](const LrnPoolShape& s, Doubles& t) {
    std::vector<double> y(size_t(pool_y_count(pool_of(s))));
    lrn_pool_fprop_reference<double>(s, t["x"], y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 1e-7, 1e-6}};  // a step so small that it changes no maximum
  check.layers = [](int32_t N) {
    std::vector<Case<LrnPoolBprop>> cases;
    for (const Layer& layer : paper_layers(N)) cases.push_back(bprop_case(layer));
    return cases;
  };
  const auto add = [&](const Layer& layer) { check.cases.push_back(bprop_case(layer)); };
  for (const Layer& layer : layers()) add(layer);
  add({"wide", "wider than a tile", {1, 3, 301, 8, 5, 2.f, 1e-4f, .75f, 3, 2, kAll, 1}, integers(-8, 8)});
  add({"tall", "more rows than a strip", {1, 67, 3, 8, 5, 2.f, 1e-4f, .75f, 3, 2, kFirst, 1}, integers(-8, 8)});
  return check;
}

// Four pixels of one channel, one window over them; size 1, k 1, alpha 1, beta 1.
std::string lrn_pool_golden() {
  const LrnPoolShape s = {1, 2, 2, 1, 1, 1.f, 1.f, 1.f, 2, 2, kFirst, 1};
  const std::vector<double> x = {-3, .5, 2, 1}, dy = {10};  // z = x / (1 + x^2): 0, .4, .4, .5
  std::vector<double> y(1), dx(4);
  lrn_pool_fprop_reference<double>(s, x.data(), y.data());
  lrn_pool_bprop_reference<double>(s, x.data(), dy.data(), dx.data());
  std::string wrong = expect_close("y", y, {.5}, 1e-15);
  if (wrong.empty()) wrong = expect_close("dx at the top of the curve", dx, {0, 0, 0, 0}, 1e-15);
  const std::vector<double> low = {-3, .5, 2, 0};  // tied at .4: slopes (1 - x^2) / (1 + x^2)^2 = .48 and -.12
  lrn_pool_bprop_reference<double>(s, low.data(), dy.data(), dx.data());
  if (wrong.empty()) wrong = expect_close("dx, ties first", dx, {0, 4.8, 0, 0}, 1e-14);
  LrnPoolShape all = s;
  all.ties = kAll;
  lrn_pool_bprop_reference<double>(all, low.data(), dy.data(), dx.data());
  if (wrong.empty()) wrong = expect_close("dx, ties all", dx, {0, 4.8, -1.2, 0}, 1e-14);
  return wrong;
}

std::string lrn_pool_refuses() {
  const LrnPoolShape good = {1, 5, 6, 4, 5, 2.f, 1e-4f, .75f, 3, 2, kAll, 1};
  if (!validate_lrn_pool(good).ok()) return "the good shape was refused: " + validate_lrn_pool(good).text();
  LrnPoolShape s = good;
  s.lrn_size = 0, s.k = 0;
  if (!validate_lrn_pool(s).ok()) return "k is read though there is no normalisation";
  s = good, s.lrn_size = 4;
  std::string wrong = expect_refusal(validate_lrn_pool(s), ALEXNET_BAD_SHAPE, "lrn: size is 4");
  s = good, s.k = 0;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn_pool(s), ALEXNET_BAD_ARGUMENT, "lrn: k is 0");
  s = good, s.pool_size = 6;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn_pool(s), ALEXNET_BAD_SHAPE, "pool: size is 6");
  s = good, s.ties = 2;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn_pool(s), ALEXNET_BAD_ARGUMENT, "pool: ties is 2");
  return wrong;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("lrn_pool", lrn_pool_golden)
ALEXNET_UNIT_TEST("lrn_pool", lrn_pool_refuses)

}  // namespace
}  // namespace alexnet
