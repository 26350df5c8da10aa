// Cases of pool. The float reference gives the bits that every variant must give: the tolerance is zero but for the
// gradient cases.
#include "pool/pool.h"

#include "common/twin.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr int kMax = ALEXNET_POOL_MAX, kAverage = ALEXNET_POOL_AVERAGE;
constexpr int kAll = ALEXNET_TIES_ALL, kFirst = ALEXNET_TIES_FIRST;

struct Layer {
  const char* name;
  const char* why;
  PoolShape shape;  // N, H, W, C, size, stride, mode, ties
  Fill fill = uniform(-1, 1);
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"pool1", "paper, one tower", {1, 55, 55, 48, 3, 2, kMax, kAll}},
      {"pool2", "paper, one tower", {1, 27, 27, 128, 3, 2, kMax, kAll}},
      {"pool5", "paper, one tower, ties to the first", {1, 13, 13, 128, 3, 2, kMax, kFirst}},
      {"cifar-max", "32 to 16 by ceil: the last windows are clipped", {2, 32, 32, 8, 3, 2, kMax, kAll}},
      {"cifar-average", "clipped windows divide by their own area", {2, 16, 16, 8, 3, 2, kAverage, kAll}},
      {"relu-ties", "half of the pixels are the tied value 0", {2, 9, 9, 5, 3, 2, kMax, kAll}, integers(0, 1)},
      {"relu-first", "the same, one of the ties receives", {2, 9, 9, 5, 3, 2, kMax, kFirst}, integers(0, 1)},
      {"constant", "all pixels tied, windows overlap", {1, 7, 8, 3, 3, 2, kMax, kAll}, integers(2, 2)},
      {"constant-first", "all pixels tied, clipped windows", {1, 7, 8, 3, 3, 2, kMax, kFirst}, integers(2, 2)},
      {"apart", "windows that do not overlap", {1, 8, 8, 4, 2, 2, kMax, kFirst}, integers(0, 3)},
      {"dense", "stride 1: up to nine windows over a pixel", {1, 6, 5, 3, 3, 1, kMax, kAll}, integers(0, 3)},
      {"dense-average", "stride 1: up to nine quotients are added", {1, 6, 5, 3, 3, 1, kAverage, kFirst}},
      {"global", "one window over the image", {2, 6, 6, 7, 6, 6, kAverage, kAll}},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1, kMax, kAll}},
      {"odd", "odd extents, rows exact, columns clipped, three images", {3, 5, 8, 3, 3, 2, kMax, kAll}},
      {"below-32", "channels one below a warp", {1, 5, 5, 31, 3, 2, kMax, kAll}, integers(-2, 2)},
      {"at-32", "channels exactly a warp", {1, 5, 5, 32, 3, 2, kAverage, kAll}},
      {"above-32", "channels one above a warp", {1, 5, 5, 33, 3, 2, kMax, kFirst}, integers(-2, 2)},
  };
  return all;
}

std::vector<int64_t> x_of(const PoolShape& s) { return {s.N, s.H, s.W, s.C}; }
std::vector<int64_t> y_of(const PoolShape& s) { return {s.N, pool_P(s), pool_Q(s), s.C}; }

// For --bench: the first three layers, the paper's, with N images.
std::vector<Layer> paper_layers(int32_t N) {
  std::vector<Layer> paper(layers().begin(), layers().begin() + 3);
  for (Layer& layer : paper) layer.shape.N = N;
  return paper;
}

Case<PoolFprop> fprop_case(const Layer& layer) {
  const PoolShape& s = layer.shape;
  return {layer.name, layer.why, s, {in("x", x_of(s), layer.fill), out("y", y_of(s))}, {}, {}, pool_x_count(s) < 10000};
}

Case<PoolBprop> bprop_case(const Layer& layer) {
  const PoolShape& s = layer.shape;
  return {layer.name,
          layer.why,
          s,
          {in("x", x_of(s), layer.fill), in("dy", y_of(s)), out("y", y_of(s)), out("dx", x_of(s))},
          {},
          {},
          pool_x_count(s) < 10000,
          false};
}

Check<PoolFprop> fprop() {
  Check<PoolFprop> check;
  check.stored = {"x", "y"};
  check.run = [](PoolFprop::Launch launch, const PoolShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const PoolShape& s, Doubles& t) {
    const std::vector<float> x = to_floats(t, "x");
    std::vector<float> y(size_t(pool_y_count(s)));
    pool_fprop_reference(s, x.data(), y.data());
    from_floats(y, t, "y");
  };
  check.layers = [](int32_t N) {
    std::vector<Case<PoolFprop>> cases;
    for (const Layer& layer : paper_layers(N)) cases.push_back(fprop_case(layer));
    return cases;
  };
  for (const Layer& layer : layers()) check.cases.push_back(fprop_case(layer));
  for (int mode : {kMax, kAverage}) {
    // NaN first, amid and last in the four windows: each must come through, and only there.
    check.cases.push_back({mode == kMax ? "nan-max" : "nan-average",
                           "a NaN in the window makes its output NaN",
                           {1, 4, 6, 1, 2, 2, mode, kAll},
                           {in_values("x", {1, 4, 6, 1},
                                      {NAN, 1, 2, NAN, 1, 2, 3, 4, 5, 6, 3, 4, 1, 2, 3, 4, 5, 6, NAN, 3, 4, 5, 6, NAN}),
                            out("y", {1, 2, 3, 1})},
                           {}});
  }
  return check;
}

template <class Real>
void both_passes(const PoolShape& s, const Real* x, const Real* dy, Real* y, Real* dx) {
  pool_fprop_reference(s, x, y);
  pool_bprop_reference(s, x, y, dy, dx);
}

// bprop reads fprop's y: `prepare` and the reference compute it first.
Check<PoolBprop> bprop() {
  Check<PoolBprop> check;
  check.stored = {"x", "y", "dy", "dx"};
  check.prepare = [](const PoolShape& s, Floats& t, Stream stream) -> Status {
    std::string why;
    const Variant<PoolFprop>* forward = choose<PoolFprop>(stream.target, s, &why);
    ALEXNET_REQUIRE(forward != nullptr, ALEXNET_UNSUPPORTED, "%s", why.c_str());
    return forward->launch(s, t["x"], t["y"], stream);
  };
  check.run = [](PoolBprop::Launch launch, const PoolShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const PoolShape& s, Doubles& t) {
    if (t.option("gradient") != 0) return both_passes<double>(s, t["x"], t["dy"], t["y"], t["dx"]);
    const std::vector<float> x = to_floats(t, "x"), dy = to_floats(t, "dy");
    std::vector<float> y(dy.size()), dx(x.size());
    both_passes<float>(s, x.data(), dy.data(), y.data(), dx.data());
    from_floats(y, t, "y");
    from_floats(dx, t, "dx");
  };
  check.loss = [](const PoolShape& s, Doubles& t) {
    std::vector<double> y(size_t(pool_y_count(s)));
    pool_fprop_reference<double>(s, t["x"], y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 1e-7, 1e-6}};  // a step so small that it changes no maximum
  check.layers = [](int32_t N) {
    std::vector<Case<PoolBprop>> cases;
    for (const Layer& layer : paper_layers(N)) cases.push_back(bprop_case(layer));
    return cases;
  };
  for (const Layer& layer : layers()) check.cases.push_back(bprop_case(layer));
  for (int mode : {kMax, kAverage}) {
    const PoolShape s = {2, 7, 8, 3, 3, 2, mode, kAll};
    // An average of 9 and a sum of 4 round at most 14 times, on values of at most 1 and 4.
    check.cases.push_back({mode == kMax ? "gradient-max" : "gradient-average",
                           "finite differences, clipped columns",
                           s,
                           {in("x", x_of(s)), in("dy", y_of(s)), out("y", y_of(s)), out("dx", x_of(s))},
                           {0, 56 * kFloatEpsilon},
                           {{"gradient", 1}}});
  }
  return check;
}

// Worked by hand: 3 rows of 3, windows of 2, stride 1 where not said otherwise.
std::string pool_golden() {
  const std::vector<double> x = {1, 5, 5, 5, 2, 0, 4, 4, 9}, dy = {1, 10, 100, 1000};
  std::vector<double> y(4), dx(9);
  both_passes<double>({1, 3, 3, 1, 2, 1, kMax, kAll}, x.data(), dy.data(), y.data(), dx.data());
  std::string wrong = expect_close("max y", y, {5, 5, 5, 9}, 0);
  if (wrong.empty()) wrong = expect_close("dx, ties all", dx, {0, 11, 10, 101, 0, 0, 0, 0, 1000}, 0);
  both_passes<double>({1, 3, 3, 1, 2, 1, kMax, kFirst}, x.data(), dy.data(), y.data(), dx.data());
  if (wrong.empty()) wrong = expect_close("dx, ties first", dx, {0, 11, 0, 100, 0, 0, 0, 0, 1000}, 0);
  both_passes<double>({1, 3, 3, 1, 2, 2, kAverage, kAll}, x.data(), dy.data(), y.data(), dx.data());
  if (wrong.empty()) wrong = expect_close("average y, clipped", y, {3.25, 2.5, 4, 9}, 0);
  if (wrong.empty()) wrong = expect_close("average dx, clipped", dx, {.25, .25, 5, .25, .25, 5, 50, 50, 1000}, 0);
  return wrong;
}

std::string pool_paper_sizes() {
  for (const auto& [from, to] : {std::pair(55, 27), {27, 13}, {13, 6}, {32, 16}, {16, 8}, {8, 4}, {24, 12}, {6, 3}})
    if (pool_P({1, from, from, 1, 3, 2, kMax, kAll}) != to)
      return std::to_string(from) + " does not become " + std::to_string(to);
  return "";
}

std::string pool_passes_nan() {
  const std::vector<float> x = {1, NAN, 2, 3};
  for (int mode : {kMax, kAverage}) {
    float y = 0;
    pool_fprop_reference<float>({1, 2, 2, 1, 2, 2, mode, kAll}, x.data(), &y);
    if (!std::isnan(y)) return "a NaN in the window was hidden";
  }
  return "";
}

std::string pool_refuses() {
  const PoolShape good = {1, 5, 6, 2, 3, 2, kMax, kAll};
  if (!validate_pool(good).ok()) return "the good shape was refused: " + validate_pool(good).text();
  struct Row {
    int32_t PoolShape::*field;
    int32_t value;
    alexnet_status code;
    const char* text;
  };
  const std::vector<Row> rows = {
      {&PoolShape::N, 0, ALEXNET_BAD_SHAPE, "pool: x[0,5,6,2] has the extent 0"},
      {&PoolShape::size, 6, ALEXNET_BAD_SHAPE, "size is 6; it must be from 1 to the image's 5x6"},
      {&PoolShape::size, 0, ALEXNET_BAD_SHAPE, "size is 0"},
      {&PoolShape::stride, 4, ALEXNET_BAD_SHAPE, "stride is 4; it must be from 1 to size, here 3"},
      {&PoolShape::stride, 0, ALEXNET_BAD_SHAPE, "stride is 0"},
      {&PoolShape::mode, 2, ALEXNET_BAD_ARGUMENT, "mode is 2; it must be 0 (max) or 1 (average)"},
      {&PoolShape::ties, -1, ALEXNET_BAD_ARGUMENT, "ties is -1; it must be 0 (all) or 1 (first)"},
  };
  for (const Row& row : rows) {
    PoolShape bad = good;
    bad.*row.field = row.value;
    const std::string wrong = expect_refusal(validate_pool(bad), row.code, row.text);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("pool", pool_golden)
ALEXNET_UNIT_TEST("pool", pool_paper_sizes)
ALEXNET_UNIT_TEST("pool", pool_passes_nan)
ALEXNET_UNIT_TEST("pool", pool_refuses)

}  // namespace
}  // namespace alexnet
