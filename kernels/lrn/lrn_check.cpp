// Cases of lrn: the layers of the paper, then edges. lrn_cases.h has the tolerances.
#include "lrn/lrn.h"

#include "common/unit.h"
#include "lrn/lrn_cases.h"

namespace alexnet {
namespace {

using namespace check;

struct Cases {
  using Fprop = LrnFprop;
  using Bprop = LrnBprop;
  static constexpr auto fprop = lrn_fprop_reference<double>;
  static constexpr auto bprop = lrn_bprop_reference<double>;
  static int32_t terms(const LrnShape& s) { return s.size; }

  static const std::vector<LrnLayer>& layers() {
    static const std::vector<LrnLayer> all = {
        {"norm1", "paper, one tower; large activations", {1, 55, 55, 48, 5, 2.f, 1e-4f, .75f}, 300},
        {"norm2", "paper, one tower", {1, 27, 27, 128, 5, 2.f, 1e-4f, .75f}, 100},
        {"source-alpha", "2012 source: alpha divided by size", {1, 3, 3, 16, 5, 2.f, 2e-5f, .75f}, 300},
        {"strong", "a window sum that outweighs k", {1, 3, 4, 9, 5, 1.f, 1.f, .75f}, 2},
        {"cifar", "window of 9, k 1", {2, 4, 3, 32, 9, 1.f, 1.11e-4f, .75f}, 100},
        {"one", "every extent 1", {1, 1, 1, 1, 1, 1.f, .5f, .75f}},
        {"two-channels", "every window is clipped on both sides", {2, 3, 5, 2, 5, 2.f, .1f, .75f}},
        {"window-over-channels", "a window larger than the number of channels", {1, 2, 3, 4, 11, 2.f, .1f, .75f}},
        {"size-1", "a window of the channel itself", {1, 3, 3, 7, 1, 2.f, .1f, .75f}},
        {"odd", "odd extents, three images", {3, 5, 7, 13, 3, 2.f, .1f, .5f}},
        {"below-32", "channels one below a warp", {1, 3, 3, 31, 5, 2.f, .1f, .75f}},
        {"at-32", "channels exactly a warp", {1, 3, 3, 32, 5, 2.f, .1f, .75f}},
        {"above-32", "channels one above a warp", {1, 3, 3, 33, 5, 2.f, .1f, .75f}},
        {"no-decay", "beta 0: y = x", {1, 2, 2, 5, 5, 2.f, .1f, 0.f}},
        {"beta-1", "another power than the paper's", {1, 2, 2, 9, 5, 1.f, .1f, 1.f}},
    };
    return all;
  }

  // The first two, the paper's, with N images.
  static std::vector<LrnLayer> paper_layers(int32_t N) {
    std::vector<LrnLayer> paper(layers().begin(), layers().begin() + 2);
    for (LrnLayer& layer : paper) layer.shape.N = N;
    return paper;
  }
};

// paper-facts, section 2: a = 10, -20, 30, 40, -50, 60 with gradients 1 to 6.
std::string golden(float alpha, const std::vector<double>& want_y, const std::vector<double>& want_dx) {
  const LrnShape s = {1, 1, 1, 6, 5, 2.f, alpha, .75f};
  const std::vector<double> x = {10, -20, 30, 40, -50, 60}, dy = {1, 2, 3, 4, 5, 6};
  std::vector<double> y(6), dx(6);
  lrn_fprop_reference<double>(s, x.data(), y.data());
  lrn_bprop_reference<double>(s, x.data(), dy.data(), dx.data());
  std::string wrong = expect_close("y", y, want_y, 2e-6);  // alpha is a float: its rounding is 1.5e-8 of it
  if (wrong.empty()) wrong = expect_close("dx", dx, want_dx, 2e-6);
  return wrong;
}

std::string lrn_golden_paper_alpha() {
  return golden(1e-4f, {5.651838, -10.708635, 14.866753, 17.999544, -22.735027, 27.944183},
                {0.548955, 1.177803, 1.505126, 1.477228, 2.746750, 2.383934});
}

std::string lrn_golden_source_alpha() {
  return golden(2e-5f, {5.884357, -11.631335, 17.135998, 22.295521, -27.946353, 33.745586},
                {0.583644, 1.197263, 1.720306, 2.129177, 2.937044, 3.247524});
}

// Two towers: the window stops at the tower's last map, so a tower is not a slice of one wide normalisation.
std::string lrn_stays_in_the_tower() {
  const LrnShape both = {1, 1, 1, 12, 5, 2.f, .1f, .75f}, one = {1, 1, 1, 6, 5, 2.f, .1f, .75f};
  const std::vector<double> x = random_values(12, 7);
  std::vector<double> wide(12), a(6);
  lrn_fprop_reference<double>(both, x.data(), wide.data());
  lrn_fprop_reference<double>(one, x.data(), a.data());
  for (int c = 0; c < 4; ++c)
    if (a[size_t(c)] != wide[size_t(c)]) return "a map whose window lies inside the tower differs";
  return a[5] != wide[5] ? "" : "the tower's last map saw the other tower";
}

std::string lrn_refuses() {
  const LrnShape good = {1, 2, 2, 3, 5, 2.f, 1e-4f, .75f};
  if (!validate_lrn(good).ok()) return "the good shape was refused: " + validate_lrn(good).text();
  LrnShape bad = good;
  bad.C = 0;
  std::string wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_SHAPE, "lrn: x[1,2,2,0] has the extent 0");
  bad = good, bad.size = 4;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_SHAPE, "size is 4; it must be odd");
  bad = good, bad.size = -1;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_SHAPE, "size is -1");
  bad = good, bad.k = 0;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_ARGUMENT, "k is 0; it must be above 0");
  bad = good, bad.alpha = -1;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_ARGUMENT, "alpha is -1");
  bad = good, bad.beta = NAN;
  if (wrong.empty()) wrong = expect_refusal(validate_lrn(bad), ALEXNET_BAD_ARGUMENT, "beta is nan");
  return wrong;
}

ALEXNET_CHECK(LrnChecks<Cases>::fprop())
ALEXNET_CHECK(LrnChecks<Cases>::bprop())
ALEXNET_UNIT_TEST("lrn", lrn_golden_paper_alpha)
ALEXNET_UNIT_TEST("lrn", lrn_golden_source_alpha)
ALEXNET_UNIT_TEST("lrn", lrn_stays_in_the_tower)
ALEXNET_UNIT_TEST("lrn", lrn_refuses)

}  // namespace
}  // namespace alexnet
