// Cases of sgd. The float reference gives the bits that every variant must give: the tolerance is zero.
#include "sgd/sgd.h"

#include "common/twin.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr int32_t kWeight = ALEXNET_RATE_WEIGHT, kBias = ALEXNET_RATE_BIAS;

std::vector<TensorSpec> tensors_of(const SgdShape& s, float momentum) {
  return {in_settings("settings", {1, .01f, .02f, momentum, 0}), inout("w", {s.count}), inout("v", {s.count}),
          in("g", {s.count})};
}

Check<SgdUpdate> update() {
  Check<SgdUpdate> check;
  check.run = [](SgdUpdate::Launch launch, const SgdShape& s, Floats& t, Stream stream) {
    return launch(s, t.settings("settings"), t["w"], t["v"], t["g"], stream);
  };
  check.reference = [](const SgdShape& s, Doubles& t) {
    std::vector<float> w = to_floats(t, "w"), v = to_floats(t, "v");
    const std::vector<float> g = to_floats(t, "g");
    sgd_update_reference(s, *t.settings("settings"), w.data(), v.data(), g.data());
    from_floats(w, t, "w");
    from_floats(v, t, "v");
  };
  check.layers = [](int32_t) {
    const SgdShape s = {int64_t(2048) * 9216, 1.f, .0005f, kWeight};
    return std::vector<Case<SgdUpdate>>{{"fc6", "paper, one tower", s, tensors_of(s, .9f), {}}};
  };
  const auto add = [&](const char* name, const char* why, const SgdShape& s, float momentum = .9f) {
    check.cases.push_back({name, why, s, tensors_of(s, momentum), {}});
  };
  add("conv1", "paper, the weights of one tower", {11 * 11 * 3 * 48, 1.f, .0005f, kWeight});
  add("conv1-bias", "biases do not decay", {48, 2.f, 0.f, kBias});
  add("one", "the smallest", {1, 1.f, .0005f, kWeight});
  add("below-block", "one below a block of 256, and no multiple of a vector", {255, 1.f, .0005f, kWeight});
  add("above-block", "one element in a second block", {257, .1f, .0005f, kBias});
  add("plain", "no momentum, no decay", {100, 1.f, 0.f, kWeight}, 0.f);
  add("rate-0", "the velocity goes on without gradient", {100, 0.f, .0005f, kWeight});
  return check;
}

// Two steps of the paper's rule, worked out: v1 = .9*.5 - .0005*.01*2 - .01*3 = .41999, w1 = 2.41999;
// v2 = .9*.41999 - .0005*.01*2.41999 - .01*(-1) = .38797890005.
std::string sgd_golden() {
  const SgdShape s = {1, 1.f, .0005f, kWeight};
  const StepSettings settings = {0, .01f, 0.f, .9f, 0};
  double w = 2, v = .5, g = 3;
  sgd_update_reference<double>(s, settings, &w, &v, &g);
  std::string wrong = expect_close("w, v", {w, v}, {2.41999, .41999}, 1e-7);  // the rates are floats
  g = -1;
  sgd_update_reference<double>(s, settings, &w, &v, &g);
  if (wrong.empty()) wrong = expect_close("w, v", {w, v}, {2.80796890005, .38797890005}, 1e-7);
  return wrong;
}

std::string sgd_refuses() {
  const SgdShape good = {10, 1.f, .0005f, kWeight};
  if (!validate_sgd(good).ok()) return "the good shape was refused: " + validate_sgd(good).text();
  SgdShape bad = good;
  bad.count = -1;
  std::string wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_SHAPE, "sgd: count is -1");
  bad = good, bad.rate_factor = NAN;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "rate_factor is nan");
  bad = good, bad.which_rate = 2;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "which_rate is 2; it must be");
  bad = good, bad.decay = -1;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "decay is -1");
  return wrong;
}

ALEXNET_CHECK(update())
ALEXNET_UNIT_TEST("sgd", sgd_golden)
ALEXNET_UNIT_TEST("sgd", sgd_refuses)

}  // namespace
}  // namespace alexnet
