// What both towers launch alike is one launch, with the bits of two: fc's passes on tensor cores.
#include "common/launches_check.h"
#include "fc/fc.h"
#include "sgd/sgd.h"

namespace alexnet {
namespace {

using namespace check;

// Odd sizes, value by value; quads; k in parts, the last one shorter.
const FcShape kShapes[] = {{5, 37, 19}, {3, 8, 16}, {33, 64, 72}, {9, 520, 536}};
const StepSettings kSettings = {3, .01f, .02f, .9f, 0};

std::string named(const FcShape& s, const std::string& wrong) {
  return wrong.empty() ? "" : format_text("N=%d C=%d K=%d: ", s.N, s.C, s.K) + wrong;
}

// Launches one pass, the optional operands and flags as `all` says.
Status launch(const Variant<FcFprop>& variant, const FcShape& s, bool all, TowerTensors& t, const Stream& stream) {
  const int64_t count = int64_t(s.N) * s.K;
  float *const x = t.stored(int64_t(s.N) * s.C), *const w = t.stored(int64_t(s.K) * s.C), *const y = t.stored(count);
  Epilogue epilogue = {all ? t.values(s.K) : nullptr, all, all};
  if (all && variant.precision == Precision::kBf16) epilogue.sums = t.values(count);
  return variant.launch(s, x, w, y, epilogue, stream);
}
Status launch(const Variant<FcDgrad>& variant, const FcShape& s, bool all, TowerTensors& t, const Stream& stream) {
  float *const dy = t.stored(int64_t(s.N) * s.K), *const w = t.stored(int64_t(s.K) * s.C);
  float *const mask = all ? t.stored(int64_t(s.N) * s.C) : nullptr, *const dx = t.stored(int64_t(s.N) * s.C);
  return variant.launch(s, dy, w, mask, dx, stream);
}
Status launch(const Variant<FcWgrad>& variant, const FcShape& s, bool all, TowerTensors& t, const Stream& stream) {
  float *const x = t.stored(int64_t(s.N) * s.C), *const dy = t.stored(int64_t(s.N) * s.K);
  float *const dw = t.values(int64_t(s.K) * s.C), *const db = all ? t.values(s.K) : nullptr;
  return variant.launch(s, x, dy, dw, db, stream);
}
Status launch(const Variant<FcWgradUpdate>& variant, const FcShape& s, bool all, TowerTensors& t,
              const Stream& stream) {
  const SgdShape sgd = {int64_t(s.K) * s.C, 3.f, .0005f, ALEXNET_RATE_WEIGHT};
  float *const x = t.stored(int64_t(s.N) * s.C), *const dy = t.stored(int64_t(s.N) * s.K);
  float *const w = t.values(sgd.count), *const v = t.values(sgd.count), *const db = all ? t.values(s.K) : nullptr;
  return variant.launch(s, sgd, &kSettings, x, dy, w, v, db, stream);
}

template <class Pass>
std::string compare(const Variant<Pass>& variant, const FcShape (&shapes)[2], int64_t joined) {
  for (const bool all : {true, false}) {
    const int64_t workspace[] = {variant.workspace(shapes[0]), variant.workspace(shapes[1])};
    const std::string wrong = compare_together(variant.precision, workspace, joined,
                                               [&](int tower, TowerTensors& tensors, const Stream& stream) {
                                                 return launch(variant, shapes[tower], all, tensors, stream);
                                               });
    if (!wrong.empty()) return named(shapes[1], wrong);
  }
  return "";
}

// Alike; then with one more block; then the same blocks of other sums.
template <class Pass>
std::string of_towers() {
  const FcShape here = {8, 64, 64}, more = {8, 160, 160}, other = {16, 64, 64};
  return for_mma_variants<Pass>([&](const Variant<Pass>& variant, Precision precision) {
    int compared = 0;
    std::string wrong;
    for (const FcShape& s : kShapes) {
      if (!wrong.empty() || variant.preference(s, mma_target(precision)) == 0) continue;
      wrong = compare(variant, {s, s}, 1);
      ++compared;
    }
    if (wrong.empty()) wrong = compare(variant, {here, more}, 0);
    if (wrong.empty()) wrong = compare(variant, {here, other}, 0);
    return wrong.empty() && compared == 0 ? "no shape was compared" : wrong;
  });
}

std::string fc_fprop_of_towers() { return of_towers<FcFprop>(); }
std::string fc_dgrad_of_towers() { return of_towers<FcDgrad>(); }
std::string fc_wgrad_of_towers() { return of_towers<FcWgrad>(); }
std::string fc_wgrad_update_of_towers() { return of_towers<FcWgradUpdate>(); }

ALEXNET_UNIT_TEST("fc", fc_fprop_of_towers)
ALEXNET_UNIT_TEST("fc", fc_dgrad_of_towers)
ALEXNET_UNIT_TEST("fc", fc_wgrad_of_towers)
ALEXNET_UNIT_TEST("fc", fc_wgrad_update_of_towers)

}  // namespace
}  // namespace alexnet
