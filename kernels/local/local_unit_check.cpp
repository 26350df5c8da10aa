// Unit tests of local's references: golden values, refused shapes, and the two layers that it becomes: with the same
// filters at every position a convolution, with a single position a fully connected layer.
#include <cmath>
#include <cstring>

#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"
#include "local/local.h"

namespace alexnet {
namespace {

using namespace check;
using Values = std::vector<double>;

// Worked by hand: conv_golden's image and windows, stride 2 with the ceil rule, but the filter of position i is i times
// the first one, and each has a bias.
std::string local_golden() {
  const ConvShape s = {1, 1, 3, 3, 1, 2, 2, 2, 0, 1};
  const Values x = {1, 2, 3, 4, 5, 6, 7, 8, 9}, bias = {0.5, 1.5, -1, 0}, dy = {1, 2, 3, 4};
  const Values w = {10, 20, 30, 40, 20, 40, 60, 80, 30, 60, 90, 120, 40, 80, 120, 160};
  Values y(4), dx(9), dw(16), db(4);
  local_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, false);
  std::string wrong = expect_close("y", y, {370.5, 2 * 210 + 1.5, 3 * 230 - 1, 4 * 90}, 0);
  if (!wrong.empty()) return wrong;
  local_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, dx.data());
  wrong = expect_close("dx", dx, {10, 20, 2 * 20, 30, 40, 2 * 60, 3 * 30, 3 * 60, 4 * 40}, 0);
  if (!wrong.empty()) return wrong;
  local_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), db.data());
  wrong = expect_close("dw", dw, {1, 2, 4, 5, 2 * 3, 0, 2 * 6, 0, 3 * 7, 3 * 8, 0, 0, 4 * 9, 0, 0, 0}, 0);
  return wrong.empty() ? expect_close("db", db, dy, 0) : wrong;
}

// The network with these numbers of parameters and products: conv-local-13pct at 32 and 24 pixels.
std::string local_counts() {
  const ConvShape local3 = {1, 64, 8, 8, 32, 3, 3, 1, 1, 1}, cropped = {1, 64, 6, 6, 32, 3, 3, 1, 1, 1};
  if (local_w_count(local3) + local_bias_count(local3) != 1181696) return "local3 has the wrong number of parameters";
  if (local_w_count(cropped) + local_bias_count(cropped) != 664704) return "local3 at 24 pixels has the wrong number";
  return "";
}

// `copies` times the values, one after another.
Values repeated(const Values& values, int64_t copies) {
  Values all;
  for (int64_t i = 0; i < copies; ++i) all.insert(all.end(), values.begin(), values.end());
  return all;
}

// The sum over `copies` blocks of as many values.
Values summed(const Values& values, int64_t copies) {
  Values sums(values.size() / size_t(copies), 0.0);
  for (size_t i = 0; i < values.size(); ++i) sums[i % sums.size()] += values[i];
  return sums;
}

// Equal blocks of filters are a convolution; its filters' gradients are the sums over the positions.
std::string local_of_equal_filters_is_conv() {
  for (const ConvShape& s : {ConvShape{2, 3, 7, 5, 4, 3, 3, 1, 1, 1}, ConvShape{3, 2, 9, 8, 5, 3, 2, 2, 0, 1},
                             ConvShape{1, 2, 3, 4, 3, 2, 2, 1, 3, 1}}) {
    const int64_t positions = int64_t(conv_P(s)) * conv_Q(s);
    const Values x = random_values(conv_x_count(s), 1), w = random_values(conv_w_count(s), 2);
    const Values bias = random_values(s.K, 3), dy = random_values(conv_y_count(s), 4);
    const Values all_w = repeated(w, positions), all_bias = repeated(bias, positions);
    Values y(dy.size()), want_y(dy.size()), dx(x.size()), want_dx(x.size()), want_dw(w.size()), want_db(bias.size());
    Values dw(all_w.size()), db(all_bias.size());
    conv_fprop_reference<double>(s, x.data(), w.data(), bias.data(), want_y.data(), false, true);
    local_fprop_reference<double>(s, x.data(), all_w.data(), all_bias.data(), y.data(), false, true);
    std::string wrong = expect_close("y", y, want_y, 1e-13);
    conv_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, want_dx.data());
    local_dgrad_reference<double>(s, dy.data(), all_w.data(), nullptr, dx.data());
    if (wrong.empty()) wrong = expect_close("dx", dx, want_dx, 1e-13);
    conv_wgrad_reference<double>(s, x.data(), dy.data(), want_dw.data(), want_db.data());
    local_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), db.data());
    if (wrong.empty()) wrong = expect_close("sum of dw", summed(dw, positions), want_dw, 1e-12);
    if (wrong.empty()) wrong = expect_close("sum of db", summed(db, positions), want_db, 1e-12);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

// A filter as large as the image: one position, whose block is the matrix of a fully connected layer.
std::string local_of_one_position_is_fc() {
  const ConvShape s = {3, 4, 5, 3, 7, 5, 3, 1, 0, 1};
  const FcShape fc = {3, 4 * 5 * 3, 7};
  const Values x = random_values(conv_x_count(s), 1), w = random_values(local_w_count(s), 2);
  const Values bias = random_values(s.K, 3), dy = random_values(conv_y_count(s), 4);
  Values y(dy.size()), want_y(dy.size()), dx(x.size()), want_dx(x.size()), dw(w.size()), want_dw(w.size());
  Values db(bias.size()), want_db(bias.size());
  fc_fprop_reference<double>(fc, x.data(), w.data(), bias.data(), want_y.data(), false, true);
  local_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, true);
  std::string wrong = expect_close("y", y, want_y, 1e-13);
  fc_dgrad_reference<double>(fc, dy.data(), w.data(), nullptr, want_dx.data());
  local_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, dx.data());
  if (wrong.empty()) wrong = expect_close("dx", dx, want_dx, 1e-13);
  fc_wgrad_reference<double>(fc, x.data(), dy.data(), want_dw.data(), want_db.data());
  local_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), db.data());
  if (wrong.empty()) wrong = expect_close("dw", dw, want_dw, 1e-13);
  return wrong.empty() ? expect_close("db", db, want_db, 1e-13) : wrong;
}

// Some channels of every row of `whole` channels.
Values channels(const Values& all, int whole, int first, int part) {
  Values some;
  for (size_t row = 0; row < all.size() / size_t(whole); ++row)
    for (int c = first; c < first + part; ++c) some.push_back(all[row * size_t(whole) + size_t(c)]);
  return some;
}

// A tower's filters are rows of each position's block: two towers that read one plane give one layer's halves, and
// their partial gradients of the plane add up to the layer's.
std::string local_towers_are_halves() {
  const ConvShape both = {2, 3, 5, 4, 6, 3, 3, 1, 1, 1};
  ConvShape one = both;
  one.K = 3;
  const int filter = 3 * 3 * 3;
  const Values x = random_values(conv_x_count(both), 1), w = random_values(local_w_count(both), 2);
  const Values bias = random_values(local_bias_count(both), 3), dy = random_values(conv_y_count(both), 4);
  Values y(dy.size()), dx(x.size()), dw(w.size()), sum(x.size(), 0.0);
  local_fprop_reference<double>(both, x.data(), w.data(), bias.data(), y.data(), false, true);
  local_dgrad_reference<double>(both, dy.data(), w.data(), nullptr, dx.data());
  local_wgrad_reference<double>(both, x.data(), dy.data(), dw.data(), nullptr);
  for (int tower = 0; tower < 2; ++tower) {
    const Values tower_w = channels(w, 6 * filter, tower * 3 * filter, 3 * filter);
    const Values tower_bias = channels(bias, 6, tower * 3, 3), tower_dy = channels(dy, 6, tower * 3, 3);
    Values tower_y(tower_dy.size()), tower_dx(x.size()), tower_dw(tower_w.size());
    local_fprop_reference<double>(one, x.data(), tower_w.data(), tower_bias.data(), tower_y.data(), false, true);
    local_dgrad_reference<double>(one, tower_dy.data(), tower_w.data(), nullptr, tower_dx.data());
    local_wgrad_reference<double>(one, x.data(), tower_dy.data(), tower_dw.data(), nullptr);
    for (size_t i = 0; i < sum.size(); ++i) sum[i] += tower_dx[i];
    std::string wrong = expect_close("y", tower_y, channels(y, 6, tower * 3, 3), 0);
    if (wrong.empty())
      wrong = expect_close("dw", tower_dw, channels(dw, 6 * filter, tower * 3 * filter, 3 * filter), 0);
    if (!wrong.empty()) return wrong;
  }
  return expect_close("dx", sum, dx, 1e-13);  // 54 terms of at most 1 in another order
}

// A tower that reads two planes: the second call accumulates onto the first.
std::string local_planes_add_up() {
  const ConvShape whole = {2, 8, 5, 5, 6, 3, 3, 1, 1, 1};
  ConvShape plane = whole;
  plane.C = 4;
  const Values x = random_values(conv_x_count(whole), 1), w = random_values(local_w_count(whole), 2);
  const Values bias = random_values(local_bias_count(whole), 3);
  Values want(size_t(conv_y_count(whole))), got(want.size());
  local_fprop_reference<double>(whole, x.data(), w.data(), bias.data(), want.data(), false, true);
  for (int tower = 0; tower < 2; ++tower) {
    const Values plane_x = channels(x, 8, tower * 4, 4), plane_w = channels(w, 8, tower * 4, 4);
    local_fprop_reference<double>(plane, plane_x.data(), plane_w.data(), tower == 1 ? bias.data() : nullptr, got.data(),
                                  tower == 1, tower == 1);
  }
  return expect_close("y", got, want, 1e-13);  // 72 terms of at most 1 in another order
}

std::vector<float> floats(int64_t count, unsigned seed) {
  std::vector<float> values;
  for (const double v : random_values(count, seed)) values.push_back(float(v));
  return values;
}

// Every variant of a pass that takes the shape has the bits of the first one on its kind of device. `call` launches one
// and writes the result.
template <class Pass, class Call>
std::string variants_agree(const ConvShape& s, int64_t count, const Call& call) {
  for (const Kind kind : {Kind::kEmu, Kind::kCpu}) {
    std::vector<float> first;
    for (const Variant<Pass>& variant : variants<Pass>()) {
      if (variant.kind != kind || variant.preference(s, {kind}) == 0) continue;
      std::vector<float> result(size_t(count), NAN);
      if (!call(variant.launch, result.data(), Stream{{kind}, nullptr, {2}}).ok()) return variant.name;
      if (first.empty()) first = result;
      if (std::memcmp(first.data(), result.data(), first.size() * sizeof(float)) == 0) continue;
      return format_text("%s %s of %s differs from the first variant", Pass::pass, variant.name, kind_name(kind));
    }
    if (first.empty()) return format_text("%s has no variant on %s", Pass::pass, kind_name(kind));
  }
  return "";
}

// What their headers promise: one order of every sum, whatever the tile and the width of vectors.
std::string local_variants_have_one_order() {
  std::string wrong;
  for (const ConvShape& s : {ConvShape{9, 8, 5, 4, 12, 3, 3, 1, 1, 1}, ConvShape{7, 5, 4, 3, 19, 3, 2, 1, 2, 1}}) {
    const std::vector<float> x = floats(conv_x_count(s), 1), w = floats(local_w_count(s), 2);
    const std::vector<float> bias = floats(local_bias_count(s), 3), dy = floats(conv_y_count(s), 4);
    if (wrong.empty()) {
      wrong = variants_agree<LocalFprop>(s, conv_y_count(s), [&](auto launch, float* y, const Stream& stream) {
        return launch(s, x.data(), w.data(), y, {bias.data(), false, true}, stream);
      });
    }
    if (wrong.empty()) {
      wrong = variants_agree<LocalDgrad>(s, conv_x_count(s), [&](auto launch, float* dx, const Stream& stream) {
        return launch(s, dy.data(), w.data(), x.data(), dx, stream);
      });
    }
    if (wrong.empty()) {
      wrong = variants_agree<LocalWgrad>(s, local_w_count(s), [&](auto launch, float* dw, const Stream& stream) {
        return launch(s, x.data(), dy.data(), dw, nullptr, stream);
      });
    }
  }
  return wrong;
}

std::string local_refuses() {
  const ConvShape good = {2, 4, 5, 6, 8, 3, 3, 1, 1, 1};
  if (!validate_local(good).ok()) return "the good shape was refused: " + validate_local(good).text();
  struct Row {
    int32_t ConvShape::*field;
    int32_t value;
    const char* text;
  };
  const std::vector<Row> rows = {
      {&ConvShape::N, 0, "local: x[0,5,6,4] has the extent 0"},
      {&ConvShape::K, 0, "0 filters of 3x3"},
      {&ConvShape::K, 1 << 26, "bias[2013265920] has the extent 2013265920"},
      {&ConvShape::C, 1 << 29, "w[5,6,8,3,3,536870912] has more than 2^36 elements"},
      {&ConvShape::S, 0, "8 filters of 3x0"},
      {&ConvShape::G, 2, "2 groups; there are none, G must be 1"},
      {&ConvShape::rounding, -1, "rounding is -1; it must be 0 (up) or 1 (down)"},
      {&ConvShape::stride, 0, "stride is 0; it must be from 1 to 4096"},
      {&ConvShape::pad, -1, "pad is -1; it must be from 0 to 4096"},
      {&ConvShape::R, 8, "a 8x3 filter does not fit into a 5x6 image with pad 1"},
  };
  for (const Row& row : rows) {
    ConvShape bad = good;
    bad.*row.field = row.value;
    const std::string wrong = expect_refusal(validate_local(bad), ALEXNET_BAD_SHAPE, row.text);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

ALEXNET_UNIT_TEST("local", local_golden)
ALEXNET_UNIT_TEST("local", local_counts)
ALEXNET_UNIT_TEST("local", local_of_equal_filters_is_conv)
ALEXNET_UNIT_TEST("local", local_of_one_position_is_fc)
ALEXNET_UNIT_TEST("local", local_towers_are_halves)
ALEXNET_UNIT_TEST("local", local_planes_add_up)
ALEXNET_UNIT_TEST("local", local_variants_have_one_order)
ALEXNET_UNIT_TEST("local", local_refuses)

}  // namespace
}  // namespace alexnet
