// Two towers are one network with groups: the identities behind the split, on the references, in double.
#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"
#include "lrn/lrn.h"
#include "pool/pool.h"
#include "relu/relu.h"
#include "sgd/sgd.h"

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

// Weights or biases of a layer, as they are trained.
struct Parameter {
  Values w, v, g;
  void start(Values values) {
    w = std::move(values);
    v.assign(w.size(), 0.0);
    g.resize(w.size());
  }
};

// What the slice computes from its parameters and the gradient dy of its output. A tower's are those of its own half.
struct Slice {
  Values x, dy;                    // given
  Parameter w2, bias2, w3, bias3;  // trained
  Values h, n, p, y;               // conv2 with relu, lrn, pool, conv3 with relu
  Values dx, dp;                   // gradients
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
  conv_fprop_reference<double>(conv2_of(towers), s.x.data(), s.w2.w.data(), s.bias2.w.data(), s.h.data(), false, true);
  lrn_fprop_reference<double>(lrn_of(towers), s.h.data(), s.n.data());
  pool_fprop_reference<double>(pool_of(towers), s.n.data(), s.p.data());
}

// From s.dp, the gradient of the pool's output, down to the input and the parameters of conv2.
void backward_from_pool(Slice& s, int towers) {
  const ReluShape relu = {int64_t(s.h.size())};
  Values dn(s.n.size()), dr(s.n.size()), dh(s.n.size());
  s.dx.resize(s.x.size());
  pool_bprop_reference<double>(pool_of(towers), s.n.data(), s.p.data(), s.dp.data(), dn.data());
  lrn_bprop_reference<double>(lrn_of(towers), s.h.data(), dn.data(), dr.data());
  relu_bprop_reference<double>(relu, s.h.data(), dr.data(), dh.data());
  conv_dgrad_reference<double>(conv2_of(towers), dh.data(), s.w2.w.data(), nullptr, s.dx.data());
  conv_wgrad_reference<double>(conv2_of(towers), s.x.data(), dh.data(), s.w2.g.data(), s.bias2.g.data());
}

Slice start_network() {
  Slice s;
  s.x = random_values(conv_x_count(conv2_of(2)), 1);
  s.dy = random_values(conv_y_count(conv3_whole()), 6);
  s.w2.start(random_values(conv_w_count(conv2_of(2)), 2));
  s.bias2.start(random_values(16, 3));
  s.w3.start(random_values(conv_w_count(conv3_whole()), 4));
  s.bias3.start(random_values(12, 5));
  return s;
}

Slice tower_of(const Slice& whole, int t) {
  Slice s;
  s.x = channels(whole.x, 12, t * 6, 6);
  s.dy = channels(whole.dy, 12, t * 6, 6);
  s.w2.start(half(whole.w2.w, t));
  s.bias2.start(half(whole.bias2.w, t));
  s.w3.start(half(whole.w3.w, t));
  s.bias3.start(half(whole.bias3.w, t));
  return s;
}

void run_network(Slice& s) {
  forward_to_pool(s, 2);
  s.y.resize(s.dy.size()), s.dp.resize(s.p.size());
  conv_fprop_reference<double>(conv3_whole(), s.p.data(), s.w3.w.data(), s.bias3.w.data(), s.y.data(), false, true);
  Values dy(s.dy.size());
  relu_bprop_reference<double>({int64_t(dy.size())}, s.y.data(), s.dy.data(), dy.data());
  conv_dgrad_reference<double>(conv3_whole(), dy.data(), s.w3.w.data(), nullptr, s.dp.data());
  conv_wgrad_reference<double>(conv3_whole(), s.p.data(), dy.data(), s.w3.g.data(), s.bias3.g.data());
  backward_from_pool(s, 2);
}

// Both towers' forward and backward pass, with pool planes and their partial gradients exchanged.
void run_towers(Slice (&towers)[2]) {
  for (Slice& s : towers) {
    forward_to_pool(s, 1);
    s.dp.assign(s.p.size(), 0.0);
  }
  for (Slice& s : towers) {
    s.y.resize(s.dy.size());
    const Values of_plane[] = {channels(s.w3.w, 16, 0, 8), channels(s.w3.w, 16, 8, 8)};  // of a plane: 8 of 16 channels
    for (int plane = 0; plane < 2; ++plane) {
      conv_fprop_reference<double>(conv3_plane(), towers[plane].p.data(), of_plane[plane].data(),
                                   plane == 1 ? s.bias3.w.data() : nullptr, s.y.data(), plane == 1, plane == 1);
    }
    Values dy(s.dy.size());
    relu_bprop_reference<double>({int64_t(dy.size())}, s.y.data(), s.dy.data(), dy.data());
    for (int plane = 0; plane < 2; ++plane) {
      Values partial(towers[plane].p.size()), dw(s.w3.w.size() / 2);
      conv_dgrad_reference<double>(conv3_plane(), dy.data(), of_plane[plane].data(), nullptr, partial.data());
      conv_wgrad_reference<double>(conv3_plane(), towers[plane].p.data(), dy.data(), dw.data(), s.bias3.g.data());
      for (size_t i = 0; i < partial.size(); ++i) towers[plane].dp[i] += partial[i];  // tower a's part first
      for (size_t i = 0; i < dw.size(); ++i) s.w3.g[i / 8 * 16 + size_t(plane) * 8 + i % 8] = dw[i];
    }
  }
  for (Slice& s : towers) backward_from_pool(s, 1);
}

void update(Slice& s) {
  const StepSettings settings = {0, 1e-3f, 2e-3f, .9f, 0};
  for (Parameter* p : {&s.w2, &s.bias2, &s.w3, &s.bias3}) {
    const bool bias = p == &s.bias2 || p == &s.bias3;
    const SgdShape shape = {int64_t(p->w.size()), 1.f, bias ? 0.f : 5e-4f,
                            bias ? ALEXNET_RATE_BIAS : ALEXNET_RATE_WEIGHT};
    sgd_update_reference<double>(shape, settings, p->w.data(), p->v.data(), p->g.data());
  }
}

// Conv2 and what follows it to the pool is the same on both sides, to the bit, until an update carries an error back.
std::string compare(const Slice& whole, const Slice& s, int t, double pool_tolerance) {
  std::string wrong = expect_close("pool", s.p, channels(whole.p, 16, t * 8, 8), pool_tolerance);
  if (wrong.empty()) wrong = expect_close("y", s.y, channels(whole.y, 12, t * 6, 6), 1e-11);
  if (wrong.empty()) wrong = expect_close("dx", s.dx, channels(whole.dx, 12, t * 6, 6), 1e-11);
  const Parameter* const own[] = {&s.w2, &s.bias2, &s.w3, &s.bias3};
  const Parameter* const all[] = {&whole.w2, &whole.bias2, &whole.w3, &whole.bias3};
  const char* const names[] = {"conv2 w", "conv2 bias", "conv3 w", "conv3 bias"};
  for (int i = 0; i < 4 && wrong.empty(); ++i) {
    wrong = expect_close(names[i], own[i]->g, half(all[i]->g, t), 1e-11);
    if (wrong.empty()) wrong = expect_close(names[i], own[i]->w, half(all[i]->w, t), 1e-11);
  }
  return wrong;
}

// Sums over the two planes are taken in another order: 144 terms of size up to about 4 in conv3, so errors below 1e-13
// there, carried on by factors below 100. An update multiplies them by a rate of 1e-3.
std::string towers_are_one_network() {
  Slice whole = start_network();
  Slice towers[2] = {tower_of(whole, 0), tower_of(whole, 1)};
  const Values first = whole.w2.w;
  for (int step = 0; step < 5; ++step) {
    run_network(whole);
    run_towers(towers);
    for (Slice* s : {&whole, &towers[0], &towers[1]}) update(*s);
    for (int t = 0; t < 2; ++t) {
      const std::string wrong = compare(whole, towers[t], t, step == 0 ? 0 : 1e-11);
      if (!wrong.empty()) return "step " + std::to_string(step) + ", tower " + std::to_string(t) + ": " + wrong;
    }
  }
  return expect_close("w2 stands still", whole.w2.w, first, 1e-3).empty() ? "updates change nothing" : "";
}

ALEXNET_UNIT_TEST("conv", conv2_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv4_towers_are_groups)
ALEXNET_UNIT_TEST("conv", conv3_planes_add_up)
ALEXNET_UNIT_TEST("fc", fc_planes_add_up)
ALEXNET_UNIT_TEST("towers", towers_are_one_network)

}  // namespace
}  // namespace alexnet
