// Unit tests of conv's references: golden values, refused shapes, and two towers against one grouped network.
#include "common/unit.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;
using Values = std::vector<double>;

// Worked by hand: a 2x2 filter on a 3x3 image, stride 2, ceil: the second window row and column are cut to one pixel.
std::string conv_golden() {
  const ConvShape s = {1, 1, 3, 3, 1, 2, 2, 2, 0, 1};
  const Values x = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w = {10, 20, 30, 40}, bias = {0.5}, dy = {1, 2, 3, 4};
  Values y(4), dx(9), dw(4);
  conv_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, false);
  std::string wrong = expect_close("y", y, {370.5, 210.5, 230.5, 90.5}, 0);  // not flipped: 1*10 + 2*20 + 4*30 + 5*40
  if (!wrong.empty()) return wrong;
  conv_dgrad_reference<double>(s, dy.data(), w.data(), dx.data());
  wrong = expect_close("dx", dx, {10, 20, 20, 30, 40, 60, 30, 60, 40}, 0);
  if (!wrong.empty()) return wrong;
  conv_wgrad_reference<double>(s, x.data(), dy.data(), dw.data());
  return expect_close("dw", dw, {1 * 1 + 3 * 2 + 7 * 3 + 9 * 4, 2 * 1 + 8 * 3, 4 * 1 + 6 * 2, 5 * 1}, 0);
}

std::string conv_epilogue_order() {
  const ConvShape s = {1, 1, 1, 1, 1, 1, 1, 1, 0, 1};
  const Values x = {2}, w = {3}, bias = {-10};
  Values y = {5};
  conv_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), true, true);  // relu(5 + 6 - 10)
  std::string wrong = expect_close("y", y, {1}, 0);
  if (!wrong.empty()) return wrong;
  conv_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, true);  // relu(6 - 10)
  return expect_close("y", y, {0}, 0);
}

std::string conv_paper_sizes() {
  const ConvShape conv1 = {128, 3, 224, 224, 48, 11, 11, 4, 0, 1};
  const ConvShape conv2 = {128, 48, 27, 27, 128, 5, 5, 1, 2, 1};
  if (conv_P(conv1) != 55 || conv_Q(conv1) != 55) return "conv1 of 224 is not 55 wide";
  if (conv_P(conv2) != 27 || conv_Q(conv2) != 27) return "conv2 of 27 is not 27 wide";
  return conv_w_count(conv1) == 11 * 11 * 3 * 48 ? "" : "conv1 has the wrong number of weights";
}

std::string conv_refuses() {
  const ConvShape good = {2, 4, 5, 6, 8, 3, 3, 1, 1, 2};
  if (!validate_conv(good).ok()) return "the good shape was refused: " + validate_conv(good).text();
  struct Row {
    int32_t ConvShape::*field;
    int32_t value;
    const char* text;
  };
  const std::vector<Row> rows = {
      {&ConvShape::N, 0, "x[0,5,6,4] has the extent 0"},
      {&ConvShape::C, -4, "x[2,5,6,-4] has the extent -4"},
      {&ConvShape::H, INT32_MAX, "every extent must be from 1 to 2^30"},
      {&ConvShape::N, 1 << 30, "more than 2^36 elements"},
      {&ConvShape::K, 0, "0 filters of 3x3"},
      {&ConvShape::R, 0, "8 filters of 0x3"},
      {&ConvShape::G, 3, "3 groups do not divide C=4 and K=8"},
      {&ConvShape::G, 0, "0 groups do not divide"},
      {&ConvShape::K, 7, "2 groups do not divide C=4 and K=7"},
      {&ConvShape::stride, 0, "stride is 0; it must be from 1 to 4096"},
      {&ConvShape::pad, -1, "pad is -1; it must be from 0 to 4096"},
      {&ConvShape::R, 8, "a 8x3 filter does not fit into a 5x6 image with pad 1"},
  };
  for (const Row& row : rows) {
    ConvShape bad = good;
    bad.*row.field = row.value;
    const std::string wrong = expect_refusal(validate_conv(bad), ALEXNET_BAD_SHAPE, row.text);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// Channels [first, first + part) of every row of `whole` channels.
Values channels(const Values& all, int whole, int first, int part) {
  Values some;
  for (size_t row = 0; row < all.size() / size_t(whole); ++row)
    for (int c = first; c < first + part; ++c) some.push_back(all[row * size_t(whole) + size_t(c)]);
  return some;
}

// Two towers, each its own convolution, equal one convolution with two groups: the same products, summed in the same
// order, so the same bits.
std::string two_towers(const ConvShape& both) {
  const Values x = random_values(conv_x_count(both), 1), w = random_values(conv_w_count(both), 2);
  const Values bias = random_values(both.K, 3), dy = random_values(conv_y_count(both), 4);
  Values y(dy.size()), dx(x.size()), dw(w.size());
  conv_fprop_reference<double>(both, x.data(), w.data(), bias.data(), y.data(), false, true);
  conv_dgrad_reference<double>(both, dy.data(), w.data(), dx.data());
  conv_wgrad_reference<double>(both, x.data(), dy.data(), dw.data());
  ConvShape one = both;
  one.C = both.C / 2, one.K = both.K / 2, one.G = 1;
  for (int tower = 0; tower < 2; ++tower) {
    const auto half = [&](const Values& v) {
      const auto middle = v.begin() + int64_t(v.size() / 2);
      return tower == 0 ? Values(v.begin(), middle) : Values(middle, v.end());
    };
    const Values tower_x = channels(x, both.C, tower * one.C, one.C);
    const Values tower_dy = channels(dy, both.K, tower * one.K, one.K);
    const Values tower_w = half(w), tower_bias = half(bias);  // filters are the first axis of w
    Values tower_y(tower_dy.size()), tower_dx(tower_x.size()), tower_dw(tower_w.size());
    conv_fprop_reference<double>(one, tower_x.data(), tower_w.data(), tower_bias.data(), tower_y.data(), false, true);
    conv_dgrad_reference<double>(one, tower_dy.data(), tower_w.data(), tower_dx.data());
    conv_wgrad_reference<double>(one, tower_x.data(), tower_dy.data(), tower_dw.data());
    std::string wrong = expect_close("y", tower_y, channels(y, both.K, tower * one.K, one.K), 0);
    if (wrong.empty()) wrong = expect_close("dx", tower_dx, channels(dx, both.C, tower * one.C, one.C), 0);
    if (wrong.empty()) wrong = expect_close("dw", tower_dw, half(dw), 0);
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

ALEXNET_UNIT_TEST("conv", conv_golden)
ALEXNET_UNIT_TEST("conv", conv_epilogue_order)
ALEXNET_UNIT_TEST("conv", conv_paper_sizes)
ALEXNET_UNIT_TEST("conv", conv_refuses)
ALEXNET_UNIT_TEST("conv", conv2_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv4_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv3_planes_add_up)

}  // namespace
}  // namespace alexnet
