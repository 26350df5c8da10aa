// Cases of lrn_map: the layer of the 2012 source, then edges.
//
// Tolerance. As in lrn_check.cpp, with size * size terms in a sum instead of size.
#include "lrn_map/lrn_map.h"

#include <cmath>

#include "common/check.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr double kPower = 1.0 / 1048576;  // 2^-20

struct Layer {
  const char* name;
  const char* why;
  LrnShape shape;    // N, H, W, C, size, k, alpha, beta
  double scale = 1;  // inputs are uniform in [-scale, scale]
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"cnorm2", "2012 source, one tower, half its maps", {1, 27, 27, 64, 5, 1.f, 4e-5f, .75f}, 100},
      {"strong", "a window sum that outweighs k", {1, 6, 7, 3, 5, 1.f, 1.f, .75f}, 2},
      {"one", "every extent 1", {1, 1, 1, 1, 1, 1.f, .5f, .75f}},
      {"two-pixels", "every window is clipped on both sides", {2, 2, 2, 5, 5, 2.f, .1f, .75f}},
      {"window-over-plane", "a window larger than the plane", {1, 3, 2, 4, 11, 2.f, .1f, .75f}},
      {"size-1", "a window of the pixel itself", {1, 3, 3, 7, 1, 2.f, .1f, .75f}},
      {"row", "a plane of one row", {2, 1, 9, 3, 3, 2.f, .1f, .75f}},
      {"column", "a plane of one column", {2, 9, 1, 3, 3, 2.f, .1f, .75f}},
      {"odd", "odd extents, three images", {3, 5, 7, 13, 3, 2.f, .1f, .5f}},
      {"below-8", "channels one below a vector of the CPU", {1, 4, 4, 7, 3, 2.f, .1f, .75f}},
      {"at-8", "channels exactly a vector", {1, 4, 4, 8, 3, 2.f, .1f, .75f}},
      {"above-8", "channels one above a vector", {1, 4, 4, 9, 3, 2.f, .1f, .75f}},
      {"block", "elements one above a block of threads", {1, 1, 257, 1, 3, 2.f, .1f, .75f}},
      {"no-decay", "beta 0: y = x", {1, 3, 3, 5, 5, 2.f, .1f, 0.f}},
      {"beta-1", "another power than the source's", {1, 4, 3, 9, 5, 1.f, .1f, 1.f}},
      {"small-k", "k too small for two roots", {1, 4, 3, 9, 3, 1e-21f, .1f, .75f}},
  };
  return all;
}

std::vector<int64_t> extents(const LrnShape& s) { return {s.N, s.H, s.W, s.C}; }

// For --bench: the source's layer, with all maps of one tower and N images.
std::vector<Layer> source_layers(int32_t N) {
  return {{"cnorm2", "2012 source, one tower", {N, 27, 27, 128, 5, 1.f, 4e-5f, .75f}, 100}};
}

int32_t terms(const LrnShape& s) { return s.size * s.size; }

Case<LrnMapFprop> fprop_case(const Layer& layer) {
  const LrnShape& s = layer.shape;
  return {layer.name,
          layer.why,
          s,
          {in("x", extents(s), uniform(-layer.scale, layer.scale)), out("y", extents(s))},
          {(terms(s) + 8) * kFloatEpsilon + kPower, 0},
          {},
          lrn_count(s) < 10000};
}

// Each of the sum's products is at most beta * d^-beta, as |dy| is at most 1 (lrn_check.cpp), and d is at least k.
Case<LrnMapBprop> bprop_case(const Layer& layer) {
  const LrnShape& s = layer.shape;
  const double largest = std::max(1.0, std::pow(double(s.k), -double(s.beta)));
  const double absolute =
      largest * (terms(s) * double(s.beta) + 1) * ((4 * terms(s) + 16) * kFloatEpsilon + 2 * kPower);
  return {layer.name,
          layer.why,
          s,
          {in("x", extents(s), uniform(-layer.scale, layer.scale)), in("dy", extents(s)), out("dx", extents(s))},
          {0, absolute},
          {},
          lrn_count(s) < 10000,
          lrn_count(s) < 600};
}

Check<LrnMapFprop> fprop() {
  Check<LrnMapFprop> check;
  check.run = [](LrnMapFprop::Launch launch, const LrnShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["y"], stream);
  };
  check.reference = [](const LrnShape& s, Doubles& t) { lrn_map_fprop_reference<double>(s, t["x"], t["y"]); };
  check.layers = [](int32_t N) {
    std::vector<Case<LrnMapFprop>> cases;
    for (const Layer& layer : source_layers(N)) cases.push_back(fprop_case(layer));
    return cases;
  };
  for (const Layer& layer : layers()) check.cases.push_back(fprop_case(layer));
  return check;
}

Check<LrnMapBprop> bprop() {
  Check<LrnMapBprop> check;
  check.run = [](LrnMapBprop::Launch launch, const LrnShape& s, Floats& t, Stream stream) {
    return launch(s, t["x"], t["dy"], t["dx"], stream);
  };
  check.reference = [](const LrnShape& s, Doubles& t) { lrn_map_bprop_reference<double>(s, t["x"], t["dy"], t["dx"]); };
  check.loss = [](const LrnShape& s, Doubles& t) {
    std::vector<double> y(size_t(lrn_count(s)));
    lrn_map_fprop_reference<double>(s, t["x"], y.data());
    return dot(t["dy"], y);
  };
  check.gradients = {{"dx", "x", 1e-4, 1e-6}};
  check.layers = [](int32_t N) {
    std::vector<Case<LrnMapBprop>> cases;
    for (const Layer& layer : source_layers(N)) cases.push_back(bprop_case(layer));
    return cases;
  };
  for (const Layer& layer : layers()) {
    // With so small a k the bound above says nothing.
    if (layer.shape.k >= 1e-20f) check.cases.push_back(bprop_case(layer));
  }
  return check;
}

// A plane of one row or column is to this family what a pixel's channels are to lrn, whose golden values these are:
// a = 10, -20, 30, 40, -50, 60 with gradients 1 to 6.
std::string lrn_map_golden_line() {
  const std::vector<double> x = {10, -20, 30, 40, -50, 60}, dy = {1, 2, 3, 4, 5, 6};
  std::string wrong;
  for (const bool row : {true, false}) {
    const LrnShape s = {1, row ? 1 : 6, row ? 6 : 1, 1, 5, 2.f, 1e-4f, .75f};
    std::vector<double> y(6), dx(6);
    lrn_map_fprop_reference<double>(s, x.data(), y.data());
    lrn_map_bprop_reference<double>(s, x.data(), dy.data(), dx.data());
    if (wrong.empty()) {
      wrong = expect_close("y", y, {5.651838, -10.708635, 14.866753, 17.999544, -22.735027, 27.944183}, 2e-6);
    }
    if (wrong.empty()) {
      wrong = expect_close("dx", dx, {0.548955, 1.177803, 1.505126, 1.477228, 2.746750, 2.383934}, 2e-6);
    }
  }
  return wrong;
}

// Ones in one map, threes in another: a 3 x 3 window holds 9, 6 or 4 pixels of a map, and none of the other map.
std::string lrn_map_counts_pixels() {
  const LrnShape s = {1, 3, 4, 2, 3, 1.f, .5f, 1.f};
  std::vector<double> x(24), y(24), want(24);
  for (int h = 0; h < 3; ++h)
    for (int w = 0; w < 4; ++w)
      for (int c = 0; c < 2; ++c) {
        const int at = (h * 4 + w) * 2 + c, value = c == 0 ? 1 : 3;
        const int pixels = (h == 1 ? 3 : 2) * (w == 1 || w == 2 ? 3 : 2);
        x[size_t(at)] = value;
        want[size_t(at)] = value / (1 + .5 * pixels * value * value);
      }
  lrn_map_fprop_reference<double>(s, x.data(), y.data());
  return expect_close("y", y, want, 1e-12);
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(bprop())
ALEXNET_UNIT_TEST("lrn_map", lrn_map_golden_line)
ALEXNET_UNIT_TEST("lrn_map", lrn_map_counts_pixels)

}  // namespace
}  // namespace alexnet
