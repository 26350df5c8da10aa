// Tests of fc that need no device: golden values, refusals, and that the fused update is the pair it replaces.
#include <cstring>

#include "common/unit.h"
#include "fc/fc.h"
#include "sgd/sgd.h"

namespace alexnet {
namespace {

using namespace check;

// Worked by hand.
std::string fc_golden() {
  const FcShape s = {2, 3, 2};
  const std::vector<double> x = {1, 2, 3, 4, 5, 6}, w = {1, 0, -1, 2, 1, 0}, bias = {1, -30}, dy = {1, 10, 100, 1000};
  std::vector<double> y(4), dx(6), dw(6);
  fc_fprop_reference<double>(s, x.data(), w.data(), bias.data(), y.data(), false, false);
  std::string wrong = expect_close("y", y, {-1, -26, -1, -17}, 0);
  fc_dgrad_reference<double>(s, dy.data(), w.data(), nullptr, dx.data());
  if (wrong.empty()) wrong = expect_close("dx", dx, {21, 10, -1, 2100, 1000, -100}, 0);
  fc_wgrad_reference<double>(s, x.data(), dy.data(), dw.data(), nullptr);
  if (wrong.empty()) wrong = expect_close("dw", dw, {401, 502, 603, 4010, 5020, 6030}, 0);
  return wrong;
}

std::string fc_refuses() {
  std::string wrong = expect_refusal(validate_fc({0, 3, 2}), ALEXNET_BAD_SHAPE, "fc: x[0,3] has the extent 0");
  if (wrong.empty()) wrong = expect_refusal(validate_fc({2, 3, -1}), ALEXNET_BAD_SHAPE, "fc: w[-1,3]");
  if (wrong.empty()) wrong = expect_refusal(validate_fc({1 << 20, 1 << 20, 1}), ALEXNET_BAD_SHAPE, "2^36 elements");
  if (wrong.empty() && !validate_fc({1, 1, 1}).ok()) wrong = "the smallest shape was refused";
  return wrong;
}

std::vector<float> random_floats(int64_t count, unsigned seed) {
  std::vector<float> values;
  for (const double v : random_values(count, seed)) values.push_back(float(v));
  return values;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

// One wgrad_update against wgrad and sgd_update of the same kind, on host memory.
std::string update_is_the_pair(const Variant<FcWgradUpdate>& fused, const Variant<FcWgrad>& wgrad,
                               const Variant<SgdUpdate>& update, const FcShape& s) {
  const SgdShape sgd = {int64_t(s.K) * s.C, 3.f, .0005f, ALEXNET_RATE_WEIGHT};
  const StepSettings settings = {0, .01f, .02f, .9f, 0};
  const Stream stream = {{fused.kind}, nullptr, {2}};
  const std::vector<float> x = random_floats(int64_t(s.N) * s.C, 1), dy = random_floats(int64_t(s.N) * s.K, 2);
  std::vector<float> w = random_floats(sgd.count, 3), v = random_floats(sgd.count, 4), db(size_t(s.K));
  std::vector<float> pair_w = w, pair_v = v, pair_db = db, dw(w.size());
  SgdTable pair = {};
  pair.at[0] = {sgd, pair_w.data(), pair_v.data(), dw.data()};
  const bool ran = fused.launch(s, sgd, &settings, x.data(), dy.data(), w.data(), v.data(), db.data(), stream).ok() &&
                   wgrad.launch(s, x.data(), dy.data(), dw.data(), pair_db.data(), stream).ok() &&
                   update.launch({sgd.count, 1}, &settings, pair, stream).ok();
  if (ran && same_bits(w, pair_w) && same_bits(v, pair_v) && same_bits(db, pair_db)) return "";
  return format_text("%s %s of N=%d C=%d K=%d", kind_name(fused.kind), fused.name, s.N, s.C, s.K) +
         (ran ? " differs from wgrad and sgd_update" : " did not run");
}

// Every variant has the bits of the pair, if there is a wgrad of its name. (On cuda the towers' tests see to that.)
std::string fc_wgrad_update_is_the_pair() {
  const std::vector<FcShape> shapes = {{1, 1, 1}, {3, 8, 6}, {5, 37, 19}, {33, 64, 7}, {32, 530, 65}};
  int compared = 0;
  for (const Variant<FcWgradUpdate>& fused : variants<FcWgradUpdate>()) {
    for (const Variant<FcWgrad>& wgrad : variants<FcWgrad>()) {
      if (fused.kind == Kind::kCuda || wgrad.kind != fused.kind || std::strcmp(wgrad.name, fused.name) != 0) continue;
      for (const Variant<SgdUpdate>& update : variants<SgdUpdate>()) {
        if (update.kind != fused.kind) continue;
        for (const FcShape& s : shapes) {
          if (fused.preference(s, {fused.kind}) == 0 || wgrad.preference(s, {fused.kind}) == 0) continue;
          const std::string wrong = update_is_the_pair(fused, wgrad, update, s);
          if (!wrong.empty()) return wrong;
          ++compared;
        }
      }
    }
  }
  return compared > 0 ? "" : "no variant was compared";
}

ALEXNET_UNIT_TEST("fc", fc_golden)
ALEXNET_UNIT_TEST("fc", fc_refuses)
ALEXNET_UNIT_TEST("fc", fc_wgrad_update_is_the_pair)

}  // namespace
}  // namespace alexnet
