// Two towers are one network with groups: the identities behind the split, on the references, in double.
#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"

namespace alexnet {
namespace {

using namespace check;
using Values = std::vector<double>;

// Channels [first, first + part) of every row of `whole` channels.
Values channels(const Values& all, int whole, int first, int part) {
  Values some;
  for (size_t row = 0; row < all.size() / size_t(whole); ++row)
    for (int c = first; c < first + part; ++c) some.push_back(all[row * size_t(whole) + size_t(c)]);
  return some;
}

// The half of `v` that belongs to the tower, where filters are the first axis.
Values half(const Values& v, int tower) {
  const auto middle = v.begin() + int64_t(v.size() / 2);
  return tower == 0 ? Values(v.begin(), middle) : Values(middle, v.end());
}

// Two towers, each its own convolution, equal one convolution with two groups: the same products, summed in the same
// order, so the same bits.
std::string two_towers(const ConvShape& both) {
  const Values x = random_values(conv_x_count(both), 1), w = random_values(conv_w_count(both), 2);
  const Values bias = random_values(both.K, 3), dy = random_values(conv_y_count(both), 4);
  Values y(dy.size()), dx(x.size()), dw(w.size());
  conv_fprop_reference<double>(both, x.data(), w.data(), bias.data(), y.data(), false, true);
  conv_dgrad_reference<double>(both, dy.data(), w.data(), nullptr, dx.data());
  conv_wgrad_reference<double>(both, x.data(), dy.data(), dw.data(), nullptr);
  ConvShape one = both;
  one.C = both.C / 2, one.K = both.K / 2, one.G = 1;
  for (int tower = 0; tower < 2; ++tower) {
    const Values tower_x = channels(x, both.C, tower * one.C, one.C);
    const Values tower_dy = channels(dy, both.K, tower * one.K, one.K);
    const Values tower_w = half(w, tower), tower_bias = half(bias, tower);  // filters are the first axis of w
    Values tower_y(tower_dy.size()), tower_dx(tower_x.size()), tower_dw(tower_w.size());
    conv_fprop_reference<double>(one, tower_x.data(), tower_w.data(), tower_bias.data(), tower_y.data(), false, true);
    conv_dgrad_reference<double>(one, tower_dy.data(), tower_w.data(), nullptr, tower_dx.data());
    conv_wgrad_reference<double>(one, tower_x.data(), tower_dy.data(), tower_dw.data(), nullptr);
    std::string wrong = expect_close("y", tower_y, channels(y, both.K, tower * one.K, one.K), 0);
    if (wrong.empty()) wrong = expect_close("dx", tower_dx, channels(dx, both.C, tower * one.C, one.C), 0);
    if (wrong.empty()) wrong = expect_close("dw", tower_dw, half(dw, tower), 0);
    if (!wrong.empty()) return "tower " + std::to_string(tower) + ": " + wrong;
  }
  return "";
}

std::string conv2_towers_are_groups() { return two_towers({2, 12, 9, 9, 16, 5, 5, 1, 2, 2}); }
std::string conv4_towers_are_groups() { return two_towers({2, 24, 7, 7, 24, 3, 3, 1, 1, 2}); }

// conv3 reads both planes: the second call accumulates onto the first, and equals one convolution of the joined planes.
std::string conv3_planes_add_up() {
  const ConvShape whole = {2, 8, 5, 5, 6, 3, 3, 1, 1, 1};
  ConvShape plane = whole;
  plane.C = 4;
  const Values x = random_values(conv_x_count(whole), 1), w = random_values(conv_w_count(whole), 2);
  const Values bias = random_values(whole.K, 3);
  Values want(size_t(conv_y_count(whole))), got(want.size());
  conv_fprop_reference<double>(whole, x.data(), w.data(), bias.data(), want.data(), false, true);
  for (int tower = 0; tower < 2; ++tower) {
    const Values plane_x = channels(x, 8, tower * 4, 4), plane_w = channels(w, 8, tower * 4, 4);
    conv_fprop_reference<double>(plane, plane_x.data(), plane_w.data(), tower == 1 ? bias.data() : nullptr, got.data(),
                                 tower == 1, tower == 1);
  }
  return expect_close("y", got, want, 1e-13);  // 72 terms of at most 1 in another order
}

// fc7 reads both planes, as conv3 does: forward by accumulation, backward by one dgrad and one wgrad for each plane.
std::string fc_planes_add_up() {
  const FcShape whole = {3, 10, 4}, plane = {3, 5, 4};
  const Values x = random_values(30, 1), w = random_values(40, 2);
  const Values bias = random_values(4, 3), dy = random_values(12, 4);
  Values want(12), dx(30), dw(40), got(12), plane_dx(15), plane_dw(20);
  fc_fprop_reference<double>(whole, x.data(), w.data(), bias.data(), want.data(), false, true);
  fc_dgrad_reference<double>(whole, dy.data(), w.data(), nullptr, dx.data());
  fc_wgrad_reference<double>(whole, x.data(), dy.data(), dw.data(), nullptr);
  for (int tower = 0; tower < 2; ++tower) {
    const Values plane_x = channels(x, 10, tower * 5, 5), plane_w = channels(w, 10, tower * 5, 5);
    fc_fprop_reference<double>(plane, plane_x.data(), plane_w.data(), tower == 1 ? bias.data() : nullptr, got.data(),
                               tower == 1, tower == 1);
    fc_dgrad_reference<double>(plane, dy.data(), plane_w.data(), nullptr, plane_dx.data());
    fc_wgrad_reference<double>(plane, plane_x.data(), dy.data(), plane_dw.data(), nullptr);
    std::string wrong = expect_close("dx", plane_dx, channels(dx, 10, tower * 5, 5), 0);
    if (wrong.empty()) wrong = expect_close("dw", plane_dw, channels(dw, 10, tower * 5, 5), 0);
    if (!wrong.empty()) return wrong;
  }
  return expect_close("y", got, want, 1e-14);  // 10 terms of at most 1 in another order
}

ALEXNET_UNIT_TEST("conv", conv2_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv4_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv3_planes_add_up)
ALEXNET_UNIT_TEST("fc", fc_planes_add_up)

}  // namespace
}  // namespace alexnet
