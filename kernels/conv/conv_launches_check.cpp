// What both towers launch alike is one launch, with the bits of two: conv's passes on tensor cores.
#include "common/launches_check.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

using namespace check;

// Odd sizes; whole rows of a filter, groups, channels one by one; k in parts.
const ConvShape kShapes[] = {{2, 16, 9, 7, 24, 3, 3, 1, 1, 2},
                             {3, 3, 19, 19, 8, 11, 11, 4, 0, 1},
                             {1, 6, 5, 5, 10, 3, 3, 1, 1, 2},
                             {4, 16, 13, 13, 16, 3, 3, 1, 1, 1},
                             {5, 32, 14, 13, 16, 3, 3, 1, 1, 2}};

template <class Pass>
int preference(const Variant<Pass>& variant, const ConvShape& s) {
  return variant.preference(s, mma_target(variant.precision));
}

std::string named(const ConvShape& s, const std::string& wrong) {
  return wrong.empty() ? "" : format_text("N=%d C=%d H=%d K=%d R=%d G=%d: ", s.N, s.C, s.H, s.K, s.R, s.G) + wrong;
}

// Launches one pass, the optional operands and flags as `all` says.
Status launch(const Variant<ConvFprop>& variant, const ConvShape& s, bool all, TowerTensors& t, const Stream& stream) {
  float *const x = t.stored(conv_x_count(s)), *const w = t.stored(conv_w_count(s)),
               *const y = t.stored(conv_y_count(s));
  Epilogue epilogue = {all ? t.values(s.K) : nullptr, all, all};
  if (all && variant.precision == Precision::kBf16) epilogue.sums = t.values(conv_y_count(s));
  return variant.launch(s, x, w, y, epilogue, stream);
}
Status launch(const Variant<ConvDgrad>& variant, const ConvShape& s, bool all, TowerTensors& t, const Stream& stream) {
  float *const dy = t.stored(conv_y_count(s)), *const w = t.stored(conv_w_count(s));
  float *const mask = all ? t.stored(conv_x_count(s)) : nullptr, *const dx = t.stored(conv_x_count(s));
  return variant.launch(s, dy, w, mask, dx, stream);
}
Status launch(const Variant<ConvWgrad>& variant, const ConvShape& s, bool all, TowerTensors& t, const Stream& stream) {
  float *const x = t.stored(conv_x_count(s)), *const dy = t.stored(conv_y_count(s));
  float *const dw = t.values(conv_w_count(s)), *const db = all ? t.values(s.K) : nullptr;
  return variant.launch(s, x, dy, dw, db, stream);
}

template <class Pass>
std::string compare(const Variant<Pass>& variant, const ConvShape (&shapes)[2], int64_t joined) {
  for (const bool all : {true, false}) {
    const int64_t workspace[] = {variant.workspace(shapes[0]), variant.workspace(shapes[1])};
    const std::string wrong = compare_together(variant.precision, workspace, joined,
                                               [&](int tower, TowerTensors& tensors, const Stream& stream) {
                                                 return launch(variant, shapes[tower], all, tensors, stream);
                                               });
    if (!wrong.empty()) return wrong;
  }
  return "";
}

template <class Pass>
std::string alike_are_one_launch() {
  return for_mma_variants<Pass>([](const Variant<Pass>& variant, Precision) -> std::string {
    int compared = 0;
    for (const ConvShape& s : kShapes) {
      if (preference(variant, s) == 0) continue;
      const std::string wrong = named(s, compare(variant, {s, s}, 1));
      if (!wrong.empty()) return wrong;
      ++compared;
    }
    return compared > 0 ? "" : "no shape was compared";
  });
}

// One more block of pixels; the same blocks of other sums.
template <class Pass>
std::string unlike_are_two_launches() {
  const ConvShape here = {2, 16, 9, 9, 16, 3, 3, 1, 1, 2};
  ConvShape more = here, other = here;
  more.N = 16;
  other.C = 32;
  return for_mma_variants<Pass>([&](const Variant<Pass>& variant, Precision) -> std::string {
    for (const ConvShape& s : {more, other}) {
      if (preference(variant, here) == 0) continue;
      const std::string wrong = named(s, compare(variant, {here, s}, 0));
      if (!wrong.empty()) return wrong;
    }
    return "";
  });
}

std::string conv_fprop_of_towers() { return alike_are_one_launch<ConvFprop>(); }
std::string conv_dgrad_of_towers() { return alike_are_one_launch<ConvDgrad>(); }
std::string conv_wgrad_of_towers() { return alike_are_one_launch<ConvWgrad>(); }
std::string conv_of_unlike_towers() {
  std::string wrong = unlike_are_two_launches<ConvFprop>();
  if (wrong.empty()) wrong = unlike_are_two_launches<ConvDgrad>();
  return wrong.empty() ? unlike_are_two_launches<ConvWgrad>() : wrong;
}

ALEXNET_UNIT_TEST("conv", conv_fprop_of_towers)
ALEXNET_UNIT_TEST("conv", conv_dgrad_of_towers)
ALEXNET_UNIT_TEST("conv", conv_wgrad_of_towers)
ALEXNET_UNIT_TEST("conv", conv_of_unlike_towers)

}  // namespace
}  // namespace alexnet
