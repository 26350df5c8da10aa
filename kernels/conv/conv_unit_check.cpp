// Unit tests of conv's references: golden values and refused shapes.
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
  conv_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, dx.data());
  wrong = expect_close("dx", dx, {10, 20, 20, 30, 40, 60, 30, 60, 40}, 0);
  if (!wrong.empty()) return wrong;
  conv_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), nullptr);
  return expect_close("dw", dw, {1 * 1 + 3 * 2 + 7 * 3 + 9 * 4, 2 * 1 + 8 * 3, 4 * 1 + 6 * 2, 5 * 1}, 0);
}

// The same rounded down: one window, and the last row and column have no gradient.
std::string conv_golden_rounded_down() {
  const ConvShape s = {1, 1, 3, 3, 1, 2, 2, 2, 0, 1, ALEXNET_ROUND_DOWN};
  const Values x = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w = {10, 20, 30, 40}, dy = {2};
  Values y(1), dx(9), dw(4);
  conv_fprop_reference<double>(s, x.data(), w.data(), nullptr, y.data(), false, false);
  std::string wrong = expect_close("y", y, {370}, 0);
  if (!wrong.empty()) return wrong;
  conv_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, dx.data());
  wrong = expect_close("dx", dx, {20, 40, 0, 60, 80, 0, 0, 0, 0}, 0);
  if (!wrong.empty()) return wrong;
  conv_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), nullptr);
  return expect_close("dw", dw, {2, 4, 8, 10}, 0);
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
  // torchvision's, padded by 2: 54.25 windows beyond the first.
  const ConvShape down = {1, 3, 224, 224, 64, 11, 11, 4, 2, 1, ALEXNET_ROUND_DOWN};
  if (conv_P(down) != 55 || conv_Q(down) != 55) return "rounded down, conv1 of 224 padded by 2 is not 55 wide";
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
      {&ConvShape::rounding, 2, "rounding is 2; it must be 0 (up) or 1 (down)"},
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

// The emulator's preferences are equal for direct and the implicit GEMM: direct is chosen, whoever registered first.
std::string conv_of_equals_direct_is_chosen() {
  if (!forced_by_environment("conv", "fprop").name.empty()) return "";
  const ConvShape s = {2, 3, 16, 12, 4, 5, 5, 4, 0, 1};
  int equals = 0;
  for (const Variant<ConvFprop>& variant : variants<ConvFprop>()) {
    if (variant.preference(s, Target{Kind::kEmu}) == 1) ++equals;
  }
  std::string why;
  const Variant<ConvFprop>* chosen = choose<ConvFprop>(Target{Kind::kEmu}, s, &why);
  if (equals < 2) return "no variant of emu is preferred as much as direct";
  return chosen != nullptr && chosen->name == std::string("direct") ? "" : "direct was not chosen";
}

ALEXNET_UNIT_TEST("conv", conv_of_equals_direct_is_chosen)
ALEXNET_UNIT_TEST("conv", conv_golden)
ALEXNET_UNIT_TEST("conv", conv_golden_rounded_down)
ALEXNET_UNIT_TEST("conv", conv_epilogue_order)
ALEXNET_UNIT_TEST("conv", conv_paper_sizes)
ALEXNET_UNIT_TEST("conv", conv_refuses)

}  // namespace
}  // namespace alexnet
