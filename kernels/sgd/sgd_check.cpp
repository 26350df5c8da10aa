// Cases of sgd. The float reference gives the bits that every variant must give: the tolerance is zero.
#include "sgd/sgd.h"

#include "common/twin.h"
#include "common/unit.h"

namespace alexnet {
namespace {

using namespace check;

constexpr int32_t kWeight = ALEXNET_RATE_WEIGHT, kBias = ALEXNET_RATE_BIAS;

std::string of_array(const char* what, int32_t array) { return what + std::to_string(array); }

// The shape of array i, from what a case's tensors and options say.
template <class Real>
SgdShape shape_of(Tensors<Real>& t, int32_t i) {
  return {t.count(of_array("w", i).c_str()), float(t.option(of_array("factor", i).c_str())),
          float(t.option(of_array("decay", i).c_str())), int32_t(t.option(of_array("rate", i).c_str()))};
}

Case<SgdUpdate> case_of(const char* name, const char* why, const std::vector<SgdShape>& arrays, float momentum = .9f) {
  Case<SgdUpdate> one = {
      name, why, {0, int32_t(arrays.size())}, {in_settings("settings", {1, .01f, .02f, momentum, 0})}, {}};
  for (int32_t i = 0; i < one.shape.arrays; ++i) {
    const SgdShape& s = arrays[size_t(i)];
    one.shape.count += s.count;
    one.tensors.push_back(inout(of_array("w", i), {s.count}));
    one.tensors.push_back(inout(of_array("v", i), {s.count}));
    one.tensors.push_back(in(of_array("g", i), {s.count}));
    one.options.push_back({of_array("factor", i), s.rate_factor});
    one.options.push_back({of_array("decay", i), s.decay});
    one.options.push_back({of_array("rate", i), double(s.which_rate)});
  }
  return one;
}

// What one tower of the paper's network updates in one call: all but the weights of fc6 to fc8.
std::vector<SgdShape> tower() {
  std::vector<SgdShape> arrays;
  for (const int64_t count : {48 * 363, 128 * 1200, 192 * 1152, 192 * 1152, 192 * 1728, 128 * 1728})
    arrays.push_back({count, 1.f, .0005f, kWeight});
  for (const int64_t count : {48, 128, 192, 192, 128, 2048, 2048, 1000}) arrays.push_back({count, 1.f, 0.f, kBias});
  return arrays;
}

Check<SgdUpdate> update() {
  Check<SgdUpdate> check;
  check.run = [](SgdUpdate::Launch launch, const SgdUpdateShape& s, Floats& t, Stream stream) {
    SgdTable table = {};
    for (int32_t i = 0; i < s.arrays; ++i) {
      table.at[i] = {shape_of(t, i), t[of_array("w", i).c_str()], t[of_array("v", i).c_str()],
                     t[of_array("g", i).c_str()]};
    }
    return launch(s, t.settings("settings"), table, stream);
  };
  check.reference = [](const SgdUpdateShape& s, Doubles& t) {
    for (int32_t i = 0; i < s.arrays; ++i) {
      const std::string w_name = of_array("w", i), v_name = of_array("v", i);
      std::vector<float> w = to_floats(t, w_name.c_str()), v = to_floats(t, v_name.c_str());
      const std::vector<float> g = to_floats(t, of_array("g", i).c_str());
      sgd_update_reference(shape_of(t, i), *t.settings("settings"), w.data(), v.data(), g.data());
      from_floats(w, t, w_name.c_str());
      from_floats(v, t, v_name.c_str());
    }
  };
  check.layers = [](int32_t) {
    return std::vector<Case<SgdUpdate>>{
        case_of("tower", "paper, one tower, all but the weights of fc6 to fc8", tower()),
        case_of("fc6", "paper, one tower, for an engine that stores the gradient",
                {{int64_t(2048) * 9216, 1.f, .0005f, kWeight}})};
  };
  check.cases = {
      case_of("conv1", "paper, the weights of one tower", {{11 * 11 * 3 * 48, 1.f, .0005f, kWeight}}),
      case_of("conv1-bias", "biases do not decay", {{48, 2.f, 0.f, kBias}}),
      case_of("one", "the smallest", {{1, 1.f, .0005f, kWeight}}),
      case_of("below-block", "one below a block, and no multiple of a vector", {{1023, 1.f, .0005f, kWeight}}),
      case_of("above-block", "one element in a second block", {{1025, .1f, .0005f, kBias}}),
      case_of("plain", "no momentum, no decay", {{100, 1.f, 0.f, kWeight}}, 0.f),
      case_of("rate-0", "the velocity goes on without gradient", {{100, 0.f, .0005f, kWeight}}),
      case_of("two", "each array has its own rate, decay and end",
              {{1027, 2.f, .0005f, kWeight}, {5, .5f, 0.f, kBias}}),
      case_of("edges", "whole blocks, one below and one above beside single values",
              {{1, 1.f, .1f, kBias},
               {2048, 1.f, .0005f, kWeight},
               {1, 3.f, 0.f, kWeight},
               {2047, .5f, .01f, kWeight},
               {1025, 1.f, 0.f, kBias}}),
      case_of("full", "as many arrays as a call may have",
              std::vector<SgdShape>(size_t(kSgdArrays), SgdShape{3, 1.f, .0005f, kWeight})),
  };
  check.cases.push_back(case_of("tower", "paper, one tower, all but the weights of fc6 to fc8", tower()));
  check.cases.back().race = false;
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
  const std::string arrays = "arrays; allowed in one call: 1 to 64";
  if (wrong.empty()) wrong = expect_refusal(validate_sgd_arrays(0), ALEXNET_BAD_ARGUMENT, "0 " + arrays);
  if (wrong.empty()) wrong = expect_refusal(validate_sgd_arrays(65), ALEXNET_BAD_ARGUMENT, "65 " + arrays);
  return wrong;
}

ALEXNET_CHECK(update())
ALEXNET_UNIT_TEST("sgd", sgd_golden)
ALEXNET_UNIT_TEST("sgd", sgd_refuses)

}  // namespace
}  // namespace alexnet
