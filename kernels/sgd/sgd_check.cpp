// Cases of sgd. The float reference gives the bits that every variant must give: the tolerance is zero.
#include "sgd/sgd.h"

#include "common/twin.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

Check<SgdUpdate> update() {
  Check<SgdUpdate> check;
  check.run = [](SgdUpdate::Launch launch, const SgdShape& s, Floats& t, Stream stream) {
    return launch(s, t["w"], t["v"], t["g"], stream);
  };
  check.reference = [](const SgdShape& s, Doubles& t) {
    std::vector<float> w = to_floats(t, "w"), v = to_floats(t, "v");
    const std::vector<float> g = to_floats(t, "g");
    sgd_update_reference(s, w.data(), v.data(), g.data());
    from_floats(w, t, "w");
    from_floats(v, t, "v");
  };
  check.layers = [](int32_t) {
    const SgdShape s = {int64_t(2048) * 9216, .01f, .9f, .0005f};
    return std::vector<Case<SgdUpdate>>{
        {"fc6", "paper, one tower", s, {inout("w", {s.count}), inout("v", {s.count}), in("g", {s.count})}, {}}};
  };
  const auto add = [&](const char* name, const char* why, const SgdShape& s) {
    check.cases.push_back({name, why, s, {inout("w", {s.count}), inout("v", {s.count}), in("g", {s.count})}, {}});
  };
  add("conv1", "paper, the weights of one tower", {11 * 11 * 3 * 48, .01f, .9f, .0005f});
  add("conv1-bias", "biases do not decay", {48, .01f, .9f, 0.f});
  add("one", "the smallest", {1, .01f, .9f, .0005f});
  add("below-block", "one below a block of 256, and no multiple of a vector", {255, .01f, .9f, .0005f});
  add("above-block", "one element in a second block", {257, .001f, .9f, .0005f});
  add("plain", "no momentum, no decay", {100, .1f, 0.f, 0.f});
  add("rate-0", "the velocity goes on without gradient", {100, 0.f, .9f, .0005f});
  return check;
}

// Two steps of the paper's rule, worked out: v1 = .9*.5 - .0005*.01*2 - .01*3 = .41999, w1 = 2.41999;
// v2 = .9*.41999 - .0005*.01*2.41999 - .01*(-1) = .38797890005.
std::string sgd_golden() {
  const SgdShape s = {1, .01f, .9f, .0005f};
  double w = 2, v = .5, g = 3;
  sgd_update_reference<double>(s, &w, &v, &g);
  std::string wrong = expect_close("w, v", {w, v}, {2.41999, .41999}, 1e-7);  // the rates are floats
  g = -1;
  sgd_update_reference<double>(s, &w, &v, &g);
  if (wrong.empty()) wrong = expect_close("w, v", {w, v}, {2.80796890005, .38797890005}, 1e-7);
  return wrong;
}

std::string sgd_refuses() {
  const SgdShape good = {10, .01f, .9f, .0005f};
  if (!validate_sgd(good).ok()) return "the good shape was refused: " + validate_sgd(good).text();
  SgdShape bad = good;
  bad.count = -1;
  std::string wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_SHAPE, "sgd: count is -1");
  bad = good, bad.rate = NAN;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "rate is nan");
  bad = good, bad.momentum = 1;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "momentum is 1; it must be");
  bad = good, bad.decay = -1;
  if (wrong.empty()) wrong = expect_refusal(validate_sgd(bad), ALEXNET_BAD_ARGUMENT, "decay is -1");
  return wrong;
}

ALEXNET_CHECK(update())
ALEXNET_UNIT_TEST("sgd", sgd_golden)
ALEXNET_UNIT_TEST("sgd", sgd_refuses)

}  // namespace
}  // namespace alexnet
