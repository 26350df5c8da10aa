// Cases of softmax.
//
// Tolerance of fprop: expf, its argument's rounding (at most 2^-24 of a difference up to 2*scale), the sum over C and
// one quotient. metrics: the shares round once; -log p has the rounding of logf and of p. bprop: none, see softmax.h.
#include "softmax/softmax.h"

#include "common/twin.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

struct Layer {
  const char* name;
  const char* why;
  SoftmaxShape shape;  // N, C
  double scale = 1;    // logits are uniform in [-scale, scale]
};

const std::vector<Layer>& layers() {
  static const std::vector<Layer> all = {
      {"fc8", "paper, 1000 classes", {16, 1000}, 4},
      {"ten", "CIFAR-10", {5, 10}, 4},
      {"one", "one class is certain", {1, 1}},
      {"two", "fewer classes than the top 5", {3, 2}},
      {"large", "logits whose exponentials would overflow", {3, 40}, 1000},
      {"below-32", "classes one below a warp", {2, 31}},
      {"at-32", "classes exactly a warp", {2, 32}},
      {"above-32", "classes one above a warp, rows no multiple of those of a block", {7, 33}},
  };
  return all;
}

std::vector<int64_t> of(const SoftmaxShape& s) { return {s.N, s.C}; }

constexpr int32_t kPaperClasses = 1000;

TensorSpec labels_of(const SoftmaxShape& s) { return in_int32("labels", {s.N}, integers(0, s.C - 1)); }

Check<SoftmaxFprop> fprop() {
  Check<SoftmaxFprop> check;
  check.stored = {"logits"};
  check.run = [](SoftmaxFprop::Launch launch, const SoftmaxShape& s, Floats& t, Stream stream) {
    return launch(s, t["logits"], t["p"], stream);
  };
  check.reference = [](const SoftmaxShape& s, Doubles& t) { softmax_fprop_reference<double>(s, t["logits"], t["p"]); };
  check.layers = [](int32_t N) {
    const SoftmaxShape s = {N, kPaperClasses};
    return std::vector<Case<SoftmaxFprop>>{
        {"fc8", "paper", s, {in("logits", of(s)), out("p", of(s))}, {(s.C + 10) * kFloatEpsilon, 1e-37}}};
  };
  for (const Layer& layer : layers()) {
    const SoftmaxShape& s = layer.shape;
    // Below the smallest normal float, 2^-126, the spacing of floats is 2^-149.
    check.cases.push_back({layer.name,
                           layer.why,
                           s,
                           {in("logits", of(s), uniform(-layer.scale, layer.scale)), out("p", of(s))},
                           {(s.C + 8 + 2 * layer.scale) * kFloatEpsilon, 1e-37}});
  }
  check.cases.push_back({"in-place",
                         "p may be logits",
                         {3, 50},
                         {in("logits", {3, 50}), out_in_place("p", {3, 50}, "logits")},
                         {60 * kFloatEpsilon, 0}});
  check.cases.push_back({"not-a-number",
                         "a NaN makes its row NaN and no other",
                         {3, 3},
                         {in_values("logits", {3, 3}, {0, 1, 2, 0, NAN, 1, 3, 3, 3}), out("p", {3, 3})},
                         {16 * kFloatEpsilon, 0}});
  check.cases.push_back(
      {"equal", "equal logits give 1/C", {2, 8}, {in("logits", {2, 8}, integers(3, 3)), out("p", {2, 8})}, {}});
  return check;
}

Check<SoftmaxMetrics> metrics() {
  Check<SoftmaxMetrics> check;
  check.run = [](SoftmaxMetrics::Launch launch, const SoftmaxShape& s, Floats& t, Stream stream) {
    return launch(s, t["p"], t.int32("labels"), t["metrics"], stream);
  };
  check.reference = [](const SoftmaxShape& s, Doubles& t) {
    softmax_metrics_reference<double>(s, t["p"], t.int32("labels"), t["metrics"]);
  };
  check.layers = [](int32_t N) {
    const SoftmaxShape s = {N, kPaperClasses};
    return std::vector<Case<SoftmaxMetrics>>{{"fc8",
                                              "paper",
                                              s,
                                              {in("p", of(s), uniform(1e-6, 1)), labels_of(s), out("metrics", {N, 3})},
                                              {4 * kFloatEpsilon, 4 * kFloatEpsilon}}};
  };
  const auto add = [&](const char* name, const char* why, const SoftmaxShape& s, Fill fill) {
    // A relative rounding of the share counts as much as one of -log p, which is below 32 here.
    check.cases.push_back(
        {name,
         why,
         s,
         {in("p", of(s), fill), in_int32("labels", {s.N}, integers(0, s.C - 1)), out("metrics", {s.N, 3})},
         {4 * kFloatEpsilon, 4 * kFloatEpsilon}});
  };
  for (const Layer& layer : layers()) add(layer.name, layer.why, layer.shape, uniform(1e-6, 1));
  add("ties", "few different probabilities: ties across the first and the fifth rank", {60, 12}, integers(1, 3));
  add("all-tied", "every class is first", {4, 40}, integers(1, 1));
  check.cases.push_back({"bad-rows",
                         "labels outside [0, C), a NaN, a probability of 0: marked, not clamped",
                         {5, 2},
                         {in_values("p", {5, 2}, {.5, .5, .5, .5, NAN, NAN, 0, 1, .25, .75}),
                          in_values("labels", {5}, {2, -1, 0, 0, 1}, Type::kInt32), out("metrics", {5, 3})},
                         {4 * kFloatEpsilon, 4 * kFloatEpsilon}});
  return check;
}

// The cases `chain` take logits and compute p first, so that dlogits is the gradient of the loss by logits.
Check<SoftmaxBprop> bprop() {
  Check<SoftmaxBprop> check;
  check.stored = {"logits", "dlogits"};
  check.run = [](SoftmaxBprop::Launch launch, const SoftmaxShape& s, Floats& t, Stream stream) -> Status {
    if (t.option("chain") != 0) {
      std::string why;
      const Variant<SoftmaxFprop>* forward = choose<SoftmaxFprop>(stream.target, s, &why);
      ALEXNET_REQUIRE(forward != nullptr, ALEXNET_UNSUPPORTED, "%s", why.c_str());
      ALEXNET_TRY(forward->launch(s, t["logits"], t["p"], stream));
    }
    return launch(s, t["p"], t.int32("labels"), float(1.0 / s.N), t["dlogits"], stream);
  };
  check.reference = [](const SoftmaxShape& s, Doubles& t) {
    if (t.option("chain") != 0) {
      softmax_fprop_reference<double>(s, t["logits"], t["p"]);
      return softmax_bprop_reference<double>(s, t["p"], t.int32("labels"), 1.0 / s.N, t["dlogits"]);
    }
    const std::vector<float> p = to_floats(t, "p");
    std::vector<float> dlogits(p.size());
    softmax_bprop_reference(s, p.data(), t.int32("labels"), float(1.0 / s.N), dlogits.data());
    from_floats(dlogits, t, "dlogits");
  };
  check.layers = [](int32_t N) {
    const SoftmaxShape s = {N, kPaperClasses};
    return std::vector<Case<SoftmaxBprop>>{
        {"fc8", "paper", s, {in("p", of(s), uniform(0, 1)), labels_of(s), out("dlogits", of(s))}, {}}};
  };
  check.loss = [](const SoftmaxShape& s, Doubles& t) {
    std::vector<double> p(size_t(s.N) * size_t(s.C)), rows(size_t(s.N) * 3);
    softmax_fprop_reference<double>(s, t["logits"], p.data());
    softmax_metrics_reference<double>(s, p.data(), t.int32("labels"), rows.data());
    double sum = 0;
    for (size_t n = 0; n < size_t(s.N); ++n) sum += rows[n * 3];
    return sum / s.N;
  };
  check.gradients = {{"dlogits", "logits", 1e-5, 1e-7}};
  for (const Layer& layer : layers()) {
    const SoftmaxShape& s = layer.shape;
    const TensorSpec labels = labels_of(s);
    check.cases.push_back({layer.name,
                           layer.why,
                           s,
                           {in("p", of(s), uniform(0, 1)), labels, out("dlogits", of(s))},
                           {},
                           {},
                           true,
                           false});
    if (layer.scale > 10 || int64_t(s.N) * s.C > 300) continue;
    check.cases.push_back(
        {std::string(layer.name) + "-chain",
         "gradient of the loss by the logits",
         s,
         {in("logits", of(s), uniform(-layer.scale, layer.scale)), labels, out("p", of(s)), out("dlogits", of(s))},
         {(s.C + 8 + 2 * layer.scale) * kFloatEpsilon, (s.C + 16) * kFloatEpsilon},
         {{"chain", 1}}});
  }
  check.cases.push_back({"bad-rows",
                         "a label outside [0, C) makes its row NaN and no other",
                         {4, 2},
                         {in_values("p", {4, 2}, {.5, .5, .5, .5, .25, .75, NAN, 1}),
                          in_values("labels", {4}, {2, -1, 1, 0}, Type::kInt32), out("dlogits", {4, 2})},
                         {},
                         {},
                         true,
                         false});
  check.cases.push_back(
      {"in-place",
       "dlogits may be p",
       {3, 50},
       {in("p", {3, 50}), in_int32("labels", {3}, integers(0, 49)), out_in_place("dlogits", {3, 50}, "p")},
       {},
       {},
       true,
       false});
  return check;
}

// Tolerance of loss: of p as in fprop; of -log p the same, absolutely; a share is decided by p alone, so logits of the
// cases are whole numbers: equal, or a factor of e apart.
void loss_reference(const SoftmaxShape& s, Doubles& t) {
  std::vector<double> p(size_t(s.N) * size_t(s.C));
  softmax_fprop_reference<double>(s, t["logits"], p.data());
  softmax_metrics_reference<double>(s, p.data(), t.int32("labels"), t["metrics"]);
  if (t.has("dlogits")) softmax_bprop_reference<double>(s, p.data(), t.int32("labels"), 1.0 / s.N, t["dlogits"]);
  std::copy(p.begin(), p.end(), t["p"]);
}

Check<SoftmaxLoss> loss() {
  Check<SoftmaxLoss> check;
  check.stored = {"logits", "dlogits"};
  check.run = [](SoftmaxLoss::Launch launch, const SoftmaxShape& s, Floats& t, Stream stream) {
    return launch(s, t["logits"], t.int32("labels"), float(1.0 / s.N), t["p"], t["metrics"], t["dlogits"], stream);
  };
  check.reference = loss_reference;
  check.loss = [](const SoftmaxShape& s, Doubles& t) {
    std::vector<double> p(size_t(s.N) * size_t(s.C)), rows(size_t(s.N) * 3);
    softmax_fprop_reference<double>(s, t["logits"], p.data());
    softmax_metrics_reference<double>(s, p.data(), t.int32("labels"), rows.data());
    double sum = 0;
    for (size_t n = 0; n < size_t(s.N); ++n) sum += rows[n * 3];
    return sum / s.N;
  };
  check.gradients = {{"dlogits", "logits", 1e-5, 1e-7}};
  check.layers = [](int32_t N) {
    const SoftmaxShape s = {N, kPaperClasses};
    const double relative = (s.C + 16) * kFloatEpsilon;
    return std::vector<Case<SoftmaxLoss>>{{"fc8",
                                           "paper",
                                           s,
                                           {in("logits", of(s), integers(-4, 4)), labels_of(s), out("p", of(s)),
                                            out("metrics", {s.N, 3}), out("dlogits", of(s))},
                                           {relative, relative}}};
  };
  const auto add = [&](const char* name, const char* why, const SoftmaxShape& s, int scale, const char* alias,
                       bool gradient) {
    const std::string in_place = alias;
    const auto output = [&](const char* tensor) {
      return in_place == tensor ? out_in_place(tensor, of(s), "logits") : out(tensor, of(s));
    };
    Case<SoftmaxLoss> one = {
        name,
        why,
        s,
        {in("logits", of(s), integers(-scale, scale)), labels_of(s), output("p"), out("metrics", {s.N, 3})},
        {(s.C + 8 + 2 * scale) * kFloatEpsilon, (s.C + 16 + 2 * scale) * kFloatEpsilon}};
    if (gradient) one.tensors.push_back(output("dlogits"));
    one.grad = gradient && in_place.empty() && int64_t(s.N) * s.C <= 300 && scale < 10;
    check.cases.push_back(one);
  };
  for (const Layer& layer : layers())
    if (layer.scale < 10) add(layer.name, layer.why, layer.shape, int(layer.scale), "", true);
  add("large", "logits whose exponentials would overflow without the maximum", {3, 40}, 40, "", true);
  add("fc8-batch", "paper, a batch of 128", {128, 1000}, 4, "", true);
  add("rows-127", "one row below a batch of 128", {127, 12}, 2, "", true);
  add("rows-129", "one row above a batch of 128", {129, 12}, 2, "", true);
  add("above-1024", "classes above the threads of a block", {2, 1030}, 4, "", true);
  add("no-gradient", "a test pass: dlogits is null", {5, 50}, 4, "", false);
  add("p-in-place", "p may be logits", {3, 50}, 4, "p", true);
  add("gradient-in-place", "dlogits may be logits", {3, 50}, 4, "dlogits", true);
  check.cases.push_back(
      {"bad-rows",
       "labels outside [0, C), a NaN: their rows are marked, no other",
       {4, 2},
       {in_values("logits", {4, 2}, {0, 1, 0, 1, NAN, 1, 0, 1}), in_values("labels", {4}, {2, -1, 1, 0}, Type::kInt32),
        out("p", {4, 2}), out("metrics", {4, 3}), out("dlogits", {4, 2})},
       {16 * kFloatEpsilon, 16 * kFloatEpsilon},
       {},
       true,
       false});
  check.cases.push_back({"certain",
                         "p of the label is 0: an infinite loss, not clamped",
                         {1, 3},
                         {in_values("logits", {1, 3}, {0, 1000, 0}), in_values("labels", {1}, {2}, Type::kInt32),
                          out("p", {1, 3}), out("metrics", {1, 3}), out("dlogits", {1, 3})},
                         {16 * kFloatEpsilon, 16 * kFloatEpsilon},
                         {},
                         true,
                         false});
  return check;
}

// logits ln 1, ln 2, ln 3, ln 4: p = .1, .2, .3, .4.
std::string softmax_golden() {
  const SoftmaxShape s = {1, 4};
  const std::vector<double> logits = {0, std::log(2.0), std::log(3.0), std::log(4.0)};
  std::vector<double> p(4), metrics(3), dlogits(4);
  const int32_t label = 2;
  softmax_fprop_reference<double>(s, logits.data(), p.data());
  std::string wrong = expect_close("p", p, {.1, .2, .3, .4}, 1e-15);
  softmax_metrics_reference<double>(s, p.data(), &label, metrics.data());
  if (wrong.empty()) wrong = expect_close("metrics", metrics, {-std::log(.3), 0, 1}, 1e-15);
  softmax_bprop_reference<double>(s, p.data(), &label, .5, dlogits.data());
  if (wrong.empty()) wrong = expect_close("dlogits", dlogits, {.05, .1, -.35, .2}, 1e-15);
  return wrong;
}

// Shares by counting: the label's chance of being among the first t when ties are broken by chance.
std::string softmax_shares() {
  struct Row {
    std::vector<double> p;
    int32_t label;
    double top1, top5;
    const char* why;
  };
  const std::vector<Row> rows = {
      {{.1, .5, .1, .1, .1, .05, .05}, 1, 1, 1, "alone at the top"},
      {{.4, .4, .1, .05, .05, 0, 0}, 0, .5, 1, "two share the first rank"},
      {{.3, .2, .2, .1, .1, .1, 0}, 3, 0, 2.0 / 3, "three share ranks 4 to 6"},
      {{.3, .2, .2, .1, .1, .1, 0}, 6, 0, 0, "rank 7"},
      {{.2, .2, .2, .1, .1, .1, .1}, 6, 0, .5, "four share ranks 4 to 7"},
      {{.125, .125, .125, .125, .125, .125, .125, .125}, 4, .125, .625, "all tied"},
      {{.3, .25, .2, .15, .1}, 4, 0, 1, "rank 5 exactly"},
      {{.3, .25, .2, .15, .06, .04}, 5, 0, 0, "rank 6 exactly"},
  };
  for (const Row& row : rows) {
    double metrics[3];
    softmax_metrics_reference<double>({1, int32_t(row.p.size())}, row.p.data(), &row.label, metrics);
    const std::string wrong = expect_close(row.why, {metrics[1], metrics[2]}, {row.top1, row.top5}, 1e-15);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string softmax_marks_bad_rows() {
  const SoftmaxShape s = {4, 2};
  const std::vector<double> logits = {0, 1, NAN, 1, 0, 1, 0, 1};
  const std::vector<int32_t> labels = {1, 1, 2, -1};
  std::vector<double> p(8), metrics(12), dlogits(8);
  softmax_fprop_reference<double>(s, logits.data(), p.data());
  softmax_metrics_reference<double>(s, p.data(), labels.data(), metrics.data());
  softmax_bprop_reference<double>(s, p.data(), labels.data(), 1.0, dlogits.data());
  for (size_t n = 0; n < 4; ++n) {
    for (size_t i = 0; i < 3; ++i)
      if (std::isnan(metrics[n * 3 + i]) != (n > 0)) return "metrics of row " + std::to_string(n);
    for (size_t c = 0; c < 2; ++c)
      if (std::isnan(dlogits[n * 2 + c]) != (n > 0)) return "dlogits of row " + std::to_string(n);
  }
  return "";
}

std::string softmax_refuses() {
  std::string wrong = expect_refusal(validate_softmax({0, 3}), ALEXNET_BAD_SHAPE, "softmax: logits[0,3]");
  if (wrong.empty()) wrong = expect_refusal(validate_softmax({3, 0}), ALEXNET_BAD_SHAPE, "softmax: logits[3,0]");
  return wrong;
}

ALEXNET_CHECK(fprop())
ALEXNET_CHECK(metrics())
ALEXNET_CHECK(bprop())
ALEXNET_CHECK(loss())
ALEXNET_UNIT_TEST("softmax", softmax_golden)
ALEXNET_UNIT_TEST("softmax", softmax_shares)
ALEXNET_UNIT_TEST("softmax", softmax_marks_bad_rows)
ALEXNET_UNIT_TEST("softmax", softmax_refuses)

}  // namespace
}  // namespace alexnet
