// Two towers are one network whose conv2 and conv4 have two groups and whose LRN stops at the towers' border: forward,
// backward, and after updates, on the references, in double. The paper's network with small extents and without
// dropout:
//
//   conv2 - relu - lrn - pool - conv3 (reads all) - relu - conv4 - relu - pool - fc6 (all) - relu - fc8 (all, on tower
//   a)
//   - softmax
#include "common/unit.h"
#include "conv/conv.h"
#include "fc/fc.h"
#include "lrn/lrn.h"
#include "pool/pool.h"
#include "relu/relu.h"
#include "sgd/sgd.h"
#include "softmax/softmax.h"

namespace alexnet {
namespace {

using namespace check;
using Values = std::vector<double>;

constexpr int kN = 3, kClasses = 4;
constexpr int kSide = 9, kPooled2 = 4, kPooled5 = 2;                     // sides of the planes
constexpr int kInput = 6, kConv2 = 8, kConv3 = 6, kConv4 = 5, kFc6 = 7;  // maps and units of a tower
constexpr int kSteps = 5;

// Weights or biases of a layer, as they are trained.
struct Parameter {
  Values w, v, g;
  void start(Values values) {
    w = std::move(values);
    v.assign(w.size(), 0.0);
    g.assign(w.size(), 0.0);
  }
};

struct Layer {
  Parameter weight, bias;
};

// The whole network, or one tower of it. `towers` is how many towers it holds: 2 or 1.
struct Net {
  int towers = 1;
  Values x;
  Layer conv2, conv3, conv4, fc6, fc8;        // fc8 of tower a or of the whole only
  Values y2, n2, p2, y3, y4, p5, y6, logits;  // outputs, behind their relu
  Values dp2, dy4, dp5, dy6, dx;              // gradients
};

// ---- a layer that reads the planes of all nets: one product per plane, in their order

// The columns of a weight matrix that belong to one of `planes` planes: rows of `planes` times `part` channels.
Values plane_of(const Values& all, int planes, int plane, int part) {
  Values some;
  for (size_t row = 0; row < all.size() / size_t(planes * part); ++row)
    for (int c = 0; c < part; ++c)
      some.push_back(all[(row * size_t(planes) + size_t(plane)) * size_t(part) + size_t(c)]);
  return some;
}

void put_plane(const Values& some, int planes, int plane, int part, Values* all) {
  for (size_t i = 0; i < some.size(); ++i) {
    const size_t row = i / size_t(part), c = i % size_t(part);
    (*all)[(row * size_t(planes) + size_t(plane)) * size_t(part) + c] = some[i];
  }
}

// One function for conv3 and the fully-connected layers: `part` is the channels of a plane.
template <class Shape, class Fprop>
void meet_fprop(const Shape& shape, int part, const std::vector<const Values*>& planes, const Layer& layer, Values* y,
                bool relu, Fprop fprop) {
  const int count = int(planes.size());
  for (int i = 0; i < count; ++i) {
    const Values w = plane_of(layer.weight.w, count, i, part);
    const bool last = i == count - 1;
    fprop(shape, planes[size_t(i)]->data(), w.data(), last ? layer.bias.w.data() : nullptr, y->data(), i > 0,
          last && relu);
  }
}

template <class Shape, class Dgrad, class Wgrad>
void meet_bprop(const Shape& shape, int part, const std::vector<const Values*>& planes, const Values& dy, Layer* layer,
                const std::vector<Values*>& dplanes, Dgrad dgrad, Wgrad wgrad) {
  const int count = int(planes.size());
  for (int i = 0; i < count; ++i) {
    const Values w = plane_of(layer->weight.w, count, i, part);
    Values partial(planes[size_t(i)]->size()), dw(w.size());
    dgrad(shape, dy.data(), w.data(), nullptr, partial.data());
    wgrad(shape, planes[size_t(i)]->data(), dy.data(), dw.data(), layer->bias.g.data());
    Values& sum = *dplanes[size_t(i)];
    for (size_t k = 0; k < partial.size(); ++k) sum[k] += partial[k];  // tower a's part first
    put_plane(dw, count, i, part, &layer->weight.g);
  }
}

// ---- shapes, of a net that holds so many towers

ConvShape conv2_of(int towers) { return {kN, kInput * towers, kSide, kSide, kConv2 * towers, 5, 5, 1, 2, towers}; }
// Per tower, whatever the number of towers: a row of two times 8 channels is two pixels of 8.
LrnShape lrn_of(int towers) { return {kN, kSide, kSide * towers, kConv2, 5, 2.f, .3f, .75f}; }
PoolShape pool2_of(int towers) { return {kN, kSide, kSide, kConv2 * towers, 3, 2, ALEXNET_POOL_MAX, ALEXNET_TIES_ALL}; }
ConvShape conv3_of(int towers) { return {kN, kConv2 * towers, kPooled2, kPooled2, kConv3 * towers, 3, 3, 1, 1, 1}; }
ConvShape conv4_of(int towers) {
  return {kN, kConv3 * towers, kPooled2, kPooled2, kConv4 * towers, 3, 3, 1, 1, towers};
}
PoolShape pool5_of(int towers) {
  return {kN, kPooled2, kPooled2, kConv4 * towers, 3, 2, ALEXNET_POOL_MAX, ALEXNET_TIES_ALL};
}
FcShape fc6_of(int towers) { return {kN, kPooled5 * kPooled5 * kConv4 * towers, kFc6 * towers}; }
FcShape fc8_of(int towers) { return {kN, kFc6 * towers, kClasses}; }

// ---- passes

void forward_to_pool2(Net& n) {
  n.y2.resize(size_t(conv_y_count(conv2_of(n.towers))));
  n.n2.resize(n.y2.size());
  n.p2.resize(size_t(pool_y_count(pool2_of(n.towers))));
  conv_fprop_reference<double>(conv2_of(n.towers), n.x.data(), n.conv2.weight.w.data(), n.conv2.bias.w.data(),
                               n.y2.data(), false, true);
  lrn_fprop_reference<double>(lrn_of(n.towers), n.y2.data(), n.n2.data());
  pool_fprop_reference<double>(pool2_of(n.towers), n.n2.data(), n.p2.data());
}

void forward_to_pool5(Net& n, const std::vector<const Values*>& planes) {
  n.y3.resize(size_t(conv_y_count(conv3_of(n.towers))));
  n.y4.resize(size_t(conv_y_count(conv4_of(n.towers))));
  n.p5.resize(size_t(pool_y_count(pool5_of(n.towers))));
  meet_fprop(conv3_of(n.towers), kConv2 * n.towers, planes, n.conv3, &n.y3, true, conv_fprop_reference<double>);
  conv_fprop_reference<double>(conv4_of(n.towers), n.y3.data(), n.conv4.weight.w.data(), n.conv4.bias.w.data(),
                               n.y4.data(), false, true);
  pool_fprop_reference<double>(pool5_of(n.towers), n.y4.data(), n.p5.data());
}

Values relu_back(const Values& y, const Values& dy) {
  Values dx(y.size());
  relu_bprop_reference<double>({int64_t(y.size())}, y.data(), dy.data(), dx.data());
  return dx;
}

// From the gradient of pool5 to the partial gradients of all planes of pool2.
void backward_from_pool5(Net& n, const std::vector<const Values*>& planes, const std::vector<Values*>& dplanes) {
  Values d4(n.y4.size()), d3(n.y3.size());
  pool_bprop_reference<double>(pool5_of(n.towers), n.y4.data(), n.p5.data(), n.dp5.data(), d4.data());
  n.dy4 = relu_back(n.y4, d4);
  conv_dgrad_reference<double>(conv4_of(n.towers), n.dy4.data(), n.conv4.weight.w.data(), nullptr, d3.data());
  conv_wgrad_reference<double>(conv4_of(n.towers), n.y3.data(), n.dy4.data(), n.conv4.weight.g.data(),
                               n.conv4.bias.g.data());
  meet_bprop(conv3_of(n.towers), kConv2 * n.towers, planes, relu_back(n.y3, d3), &n.conv3, dplanes,
             conv_dgrad_reference<double>, conv_wgrad_reference<double>);
}

void backward_from_pool2(Net& n) {
  Values dn(n.n2.size()), dy(n.y2.size());
  n.dx.resize(n.x.size());
  pool_bprop_reference<double>(pool2_of(n.towers), n.n2.data(), n.p2.data(), n.dp2.data(), dn.data());
  lrn_bprop_reference<double>(lrn_of(n.towers), n.y2.data(), dn.data(), dy.data());
  const Values d2 = relu_back(n.y2, dy);
  conv_dgrad_reference<double>(conv2_of(n.towers), d2.data(), n.conv2.weight.w.data(), nullptr, n.dx.data());
  conv_wgrad_reference<double>(conv2_of(n.towers), n.x.data(), d2.data(), n.conv2.weight.g.data(),
                               n.conv2.bias.g.data());
}

template <class Plane>
std::vector<const Values*> all_of(const std::vector<Net*>& nets, Plane plane) {
  std::vector<const Values*> all;
  for (const Net* n : nets) all.push_back(&(n->*plane));
  return all;
}

// Zeroed, to add partial gradients to.
template <class Plane>
std::vector<Values*> sums_of(const std::vector<Net*>& nets, Plane of, Plane plane) {
  std::vector<Values*> all;
  for (Net* n : nets) {
    (n->*plane).assign((n->*of).size(), 0.0);
    all.push_back(&(n->*plane));
  }
  return all;
}

// Forward and backward pass of all nets, which exchange their planes: the whole network alone, or its two towers.
void run(const std::vector<Net*>& nets) {
  const int towers = nets[0]->towers;
  for (Net* n : nets) forward_to_pool2(*n);
  const auto p2 = all_of(nets, &Net::p2), p5 = all_of(nets, &Net::p5), y6 = all_of(nets, &Net::y6);
  for (Net* n : nets) forward_to_pool5(*n, p2);
  for (Net* n : nets) {
    n->y6.resize(size_t(kN * kFc6 * towers));
    meet_fprop(fc6_of(towers), kConv4 * towers, p5, n->fc6, &n->y6, true, fc_fprop_reference<double>);
  }
  Net& a = *nets[0];
  a.logits.resize(size_t(kN * kClasses));
  meet_fprop(fc8_of(towers), kFc6 * towers, y6, a.fc8, &a.logits, false, fc_fprop_reference<double>);

  const SoftmaxShape softmax = {kN, kClasses};
  const int32_t labels[kN] = {2, 0, 3};
  Values probabilities(a.logits.size()), dlogits(a.logits.size());
  softmax_fprop_reference<double>(softmax, a.logits.data(), probabilities.data());
  softmax_bprop_reference<double>(softmax, probabilities.data(), labels, 1. / kN, dlogits.data());

  const auto dy6 = sums_of(nets, &Net::y6, &Net::dy6), dp5 = sums_of(nets, &Net::p5, &Net::dp5);
  const auto dp2 = sums_of(nets, &Net::p2, &Net::dp2);
  meet_bprop(fc8_of(towers), kFc6 * towers, y6, dlogits, &a.fc8, dy6, fc_dgrad_reference<double>,
             fc_wgrad_reference<double>);
  for (Net* n : nets) {
    meet_bprop(fc6_of(towers), kConv4 * towers, p5, relu_back(n->y6, n->dy6), &n->fc6, dp5, fc_dgrad_reference<double>,
               fc_wgrad_reference<double>);
  }
  for (Net* n : nets) backward_from_pool5(*n, p2, dp2);
  for (Net* n : nets) backward_from_pool2(*n);
}

// ---- parameters

void start(Layer* layer, int64_t weights, int64_t units, unsigned seed) {
  layer->weight.start(random_values(weights, seed));
  layer->bias.start(random_values(units, seed + 1));
}

Net whole_network() {
  Net n;
  n.towers = 2;
  n.x = random_values(conv_x_count(conv2_of(2)), 1);
  start(&n.conv2, conv_w_count(conv2_of(2)), 2 * kConv2, 2);
  start(&n.conv3, conv_w_count(conv3_of(2)), 2 * kConv3, 4);
  start(&n.conv4, conv_w_count(conv4_of(2)), 2 * kConv4, 6);
  start(&n.fc6, int64_t(fc6_of(2).C) * fc6_of(2).K, 2 * kFc6, 8);
  start(&n.fc8, int64_t(fc8_of(2).C) * fc8_of(2).K, kClasses, 10);
  return n;
}

// A tower's half of values whose first axis is the output.
Values half(const Values& v, int tower) {
  const auto middle = v.begin() + int64_t(v.size() / 2);
  return tower == 0 ? Values(v.begin(), middle) : Values(middle, v.end());
}

Net tower_of(const Net& whole, int tower) {
  Net n;
  n.x = plane_of(whole.x, 2, tower, kInput);
  for (Layer Net::*layer : {&Net::conv2, &Net::conv3, &Net::conv4, &Net::fc6}) {
    (n.*layer).weight.start(half((whole.*layer).weight.w, tower));
    (n.*layer).bias.start(half((whole.*layer).bias.w, tower));
  }
  if (tower == 0) n.fc8 = whole.fc8;
  return n;
}

void update(Net* n) {
  const StepSettings settings = {0, 1e-3f, 2e-3f, .9f, 0};
  for (Layer* layer : {&n->conv2, &n->conv3, &n->conv4, &n->fc6, &n->fc8}) {
    for (Parameter* p : {&layer->weight, &layer->bias}) {
      const bool bias = p == &layer->bias;
      const SgdShape shape = {int64_t(p->w.size()), 1.f, bias ? 0.f : 5e-4f,
                              bias ? ALEXNET_RATE_BIAS : ALEXNET_RATE_WEIGHT};
      sgd_update_reference<double>(shape, settings, p->w.data(), p->v.data(), p->g.data());
    }
  }
}

std::string compare(const Net& whole, const Net& n, int tower, double tolerance) {
  std::string wrong = expect_close("y6", n.y6, plane_of(whole.y6, 2, tower, kFc6), tolerance);
  if (wrong.empty()) wrong = expect_close("p2", n.p2, plane_of(whole.p2, 2, tower, kConv2), tolerance);
  if (wrong.empty()) wrong = expect_close("dx", n.dx, plane_of(whole.dx, 2, tower, kInput), tolerance);
  const char* const names[] = {"conv2", "conv3", "conv4", "fc6"};
  const char* const* name = names;
  for (Layer Net::*layer : {&Net::conv2, &Net::conv3, &Net::conv4, &Net::fc6}) {
    for (Parameter Layer::*part : {&Layer::weight, &Layer::bias}) {
      const Parameter &own = n.*layer.*part, &all = whole.*layer.*part;
      if (wrong.empty()) wrong = expect_close(*name, own.g, half(all.g, tower), tolerance);
      if (wrong.empty()) wrong = expect_close(*name, own.w, half(all.w, tower), tolerance);
    }
    ++name;
  }
  if (tower == 0 && wrong.empty()) wrong = expect_close("logits", n.logits, whole.logits, tolerance);
  if (tower == 0 && wrong.empty()) wrong = expect_close("fc8", n.fc8.weight.w, whole.fc8.weight.w, tolerance);
  return wrong;
}

// Where planes meet, the towers add in another order: up to 144 terms of size up to about 4 in conv3, so an error below
// 1e-13, carried on through four layers by factors below 100. An update multiplies it by a rate of 1e-3.
std::string towers_are_one_network() {
  Net whole = whole_network();
  Net a = tower_of(whole, 0), b = tower_of(whole, 1);
  const Values first = whole.conv2.weight.w;
  for (int step = 0; step < kSteps; ++step) {
    run({&whole});
    run({&a, &b});
    for (Net* n : {&whole, &a, &b}) update(n);
    for (int tower = 0; tower < 2; ++tower) {
      const std::string wrong = compare(whole, tower == 0 ? a : b, tower, 1e-11);
      if (!wrong.empty()) return "step " + std::to_string(step) + ", tower " + std::to_string(tower) + ": " + wrong;
    }
  }
  return expect_close("conv2", whole.conv2.weight.w, first, 1e-4).empty() ? "updates change nothing" : "";
}

ALEXNET_UNIT_TEST("towers", towers_are_one_network)

}  // namespace
}  // namespace alexnet
