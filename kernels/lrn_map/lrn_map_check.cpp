// Cases of lrn_map: the layer of the 2012 source, then edges. lrn_cases.h has the tolerances.
#include "lrn_map/lrn_map.h"

#include "common/unit.h"
#include "lrn/lrn_cases.h"

namespace alexnet {
namespace {

using namespace check;

struct Cases {
  using Fprop = LrnMapFprop;
  using Bprop = LrnMapBprop;
  static constexpr auto fprop = lrn_map_fprop_reference<double>;
  static constexpr auto bprop = lrn_map_bprop_reference<double>;
  static int32_t terms(const LrnShape& s) { return s.size * s.size; }

  static const std::vector<LrnLayer>& layers() {
    static const std::vector<LrnLayer> all = {
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

  // The source's, with all maps of one tower and N images.
  static std::vector<LrnLayer> paper_layers(int32_t N) {
    return {{"cnorm2", "2012 source, one tower", {N, 27, 27, 128, 5, 1.f, 4e-5f, .75f}, 100}};
  }
};

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

ALEXNET_CHECK(LrnChecks<Cases>::fprop())
ALEXNET_CHECK(LrnChecks<Cases>::bprop())
ALEXNET_UNIT_TEST("lrn_map", lrn_map_golden_line)
ALEXNET_UNIT_TEST("lrn_map", lrn_map_counts_pixels)

}  // namespace
}  // namespace alexnet
