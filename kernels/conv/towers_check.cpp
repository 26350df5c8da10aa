// Two towers are one network with groups: the identities behind the split, on the references, in double.
#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"
#include "lrn/lrn.h"
#include "pool/pool.h"
#include "relu/relu.h"

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

// ---- a slice of the network, conv2 - relu - lrn - pool - conv3 - relu, as one network and as two towers

constexpr int kN = 2, kSide = 9, kPooled = 4;  // pool: 9 to 4

// What the slice computes from its parameters and the gradient dy of its output. A tower's are those of its own half.
struct Slice {
  Values x, w2, bias2, w3, bias3, dy;  // given
  Values h, n, p, y;                   // conv2 with relu, lrn, pool, conv3 with relu
  Values dx, dw2, dw3, dp;             // gradients
};

ConvShape conv2_of(int towers) { return {kN, 6 * towers, kSide, kSide, 8 * towers, 5, 5, 1, 2, towers}; }
// Per tower, whatever the number of towers: a row of 2*8 channels is two pixels of 8.
LrnShape lrn_of(int towers) { return {kN, kSide, kSide * towers, 8, 5, 2.f, .3f, .75f}; }
PoolShape pool_of(int towers) { return {kN, kSide, kSide, 8 * towers, 3, 2, ALEXNET_POOL_MAX, ALEXNET_TIES_ALL}; }
// conv3 of all filters on the joined plane, and of one tower's filters on one plane.
ConvShape conv3_whole() { return {kN, 16, kPooled, kPooled, 12, 3, 3, 1, 1, 1}; }
ConvShape conv3_plane() { return {kN, 8, kPooled, kPooled, 6, 3, 3, 1, 1, 1}; }

void forward_to_pool(Slice& s, int towers) {
  s.h.resize(size_t(conv_y_count(conv2_of(towers))));
  s.n.resize(s.h.size());
  s.p.resize(size_t(pool_y_count(pool_of(towers))));
  conv_fprop_reference<double>(conv2_of(towers), s.x.data(), s.w2.data(), s.bias2.data(), s.h.data(), false, true);
  lrn_fprop_reference<double>(lrn_of(towers), s.h.data(), s.n.data());
  pool_fprop_reference<double>(pool_of(towers), s.n.data(), s.p.data());
}

// From s.dp, the gradient of the pool's output, down to the input and the weights of conv2.
void backward_from_pool(Slice& s, int towers) {
  const ReluShape relu = {int64_t(s.h.size())};
  Values dn(s.n.size()), dr(s.n.size()), dh(s.n.size());
  s.dx.resize(s.x.size());
  s.dw2.resize(s.w2.size());
  pool_bprop_reference<double>(pool_of(towers), s.n.data(), s.p.data(), s.dp.data(), dn.data());
  lrn_bprop_reference<double>(lrn_of(towers), s.h.data(), dn.data(), dr.data());
  relu_bprop_reference<double>(relu, s.h.data(), dr.data(), dh.data());
  conv_dgrad_reference<double>(conv2_of(towers), dh.data(), s.w2.data(), nullptr, s.dx.data());
  conv_wgrad_reference<double>(conv2_of(towers), s.x.data(), dh.data(), s.dw2.data(), nullptr);
}

Slice one_network() {
  Slice s;
  s.x = random_values(conv_x_count(conv2_of(2)), 1);
  s.w2 = random_values(conv_w_count(conv2_of(2)), 2);
  s.bias2 = random_values(16, 3);
  s.w3 = random_values(conv_w_count(conv3_whole()), 4);
  s.bias3 = random_values(12, 5);
  s.dy = random_values(conv_y_count(conv3_whole()), 6);
  forward_to_pool(s, 2);
  s.y.resize(s.dy.size()), s.dp.resize(s.p.size()), s.dw3.resize(s.w3.size());
  conv_fprop_reference<double>(conv3_whole(), s.p.data(), s.w3.data(), s.bias3.data(), s.y.data(), false, true);
  Values dy(s.dy.size());
  relu_bprop_reference<double>({int64_t(dy.size())}, s.y.data(), s.dy.data(), dy.data());
  conv_dgrad_reference<double>(conv3_whole(), dy.data(), s.w3.data(), nullptr, s.dp.data());
  conv_wgrad_reference<double>(conv3_whole(), s.p.data(), dy.data(), s.dw3.data(), nullptr);
  backward_from_pool(s, 2);
  return s;
}

// Both towers' forward and backward pass, with pool planes and their partial gradients exchanged.
void run_towers(const Slice& whole, Slice (&towers)[2]) {
  for (int t = 0; t < 2; ++t) {
    Slice& s = towers[t];
    s.x = channels(whole.x, 12, t * 6, 6);
    s.w2 = half(whole.w2, t), s.bias2 = half(whole.bias2, t);
    s.w3 = half(whole.w3, t), s.bias3 = half(whole.bias3, t);
    s.dy = channels(whole.dy, 12, t * 6, 6);
    forward_to_pool(s, 1);
    s.dp.assign(s.p.size(), 0.0);
  }
  for (Slice& s : towers) {
    s.y.resize(s.dy.size());
    for (int plane = 0; plane < 2; ++plane) {  // w3 of a plane: its 8 of the 16 channels
      conv_fprop_reference<double>(conv3_plane(), towers[plane].p.data(), channels(s.w3, 16, plane * 8, 8).data(),
                                   plane == 1 ? s.bias3.data() : nullptr, s.y.data(), plane == 1, plane == 1);
    }
    Values dy(s.dy.size());
    relu_bprop_reference<double>({int64_t(dy.size())}, s.y.data(), s.dy.data(), dy.data());
    s.dw3.clear();
    for (int plane = 0; plane < 2; ++plane) {
      Values partial(towers[plane].p.size()), dw(s.w3.size() / 2);
      conv_dgrad_reference<double>(conv3_plane(), dy.data(), channels(s.w3, 16, plane * 8, 8).data(), nullptr,
                                   partial.data());
      conv_wgrad_reference<double>(conv3_plane(), towers[plane].p.data(), dy.data(), dw.data(), nullptr);
      for (size_t i = 0; i < partial.size(); ++i) towers[plane].dp[i] += partial[i];  // tower a's part first
      s.dw3.insert(s.dw3.end(), dw.begin(), dw.end());                                // [plane][K,R,S,8]
    }
  }
  for (Slice& s : towers) backward_from_pool(s, 1);
}

// Sums over the two planes are taken in another order: 144 terms of size up to about 4 in conv3, so errors below 1e-13
// there, carried on by factors below 100.
std::string towers_are_one_network() {
  const Slice whole = one_network();
  Slice towers[2];
  run_towers(whole, towers);
  for (int t = 0; t < 2; ++t) {
    const Slice& s = towers[t];
    const Values dw3 = half(whole.dw3, t);
    std::string wrong = expect_close("pool", s.p, channels(whole.p, 16, t * 8, 8), 0);
    if (wrong.empty()) wrong = expect_close("y", s.y, channels(whole.y, 12, t * 6, 6), 1e-11);
    for (int plane = 0; plane < 2 && wrong.empty(); ++plane)
      wrong = expect_close("dw3", half(s.dw3, plane), channels(dw3, 16, plane * 8, 8), 1e-11);
    if (wrong.empty()) wrong = expect_close("dw2", s.dw2, half(whole.dw2, t), 1e-11);
    if (wrong.empty()) wrong = expect_close("dx", s.dx, channels(whole.dx, 12, t * 6, 6), 1e-11);
    if (!wrong.empty()) return "tower " + std::to_string(t) + ": " + wrong;
  }
  return "";
}

ALEXNET_UNIT_TEST("conv", conv2_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv4_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv3_planes_add_up)
ALEXNET_UNIT_TEST("fc", fc_planes_add_up)
ALEXNET_UNIT_TEST("towers", towers_are_one_network)

}  // namespace
}  // namespace alexnet
