// fc rounded: all passes in tf32 and 3xtf32 by float32 products of rounded factors (common/rounded.h), on emu and cuda.
// Math     fc.h, of x, w and dy rounded as rounding.h says; db of dy as it is; wgrad_update changes w and v as they are
// Cost     the float32 variant's, and 8 bytes per value of both factors
// Valid    what the float32 variant that is chosen takes; its bits for rounded factors
#ifndef ALEXNET_FC_ROUNDED_H
#define ALEXNET_FC_ROUNDED_H

#include <algorithm>

#include "common/rounded.h"
#include "fc/fc.h"

namespace alexnet {
namespace {

int64_t fc_x_count(const FcShape& s) { return int64_t(s.N) * s.C; }
int64_t fc_w_count(const FcShape& s) { return int64_t(s.K) * s.C; }
int64_t fc_y_count(const FcShape& s) { return int64_t(s.N) * s.K; }

int64_t workspace_fc_fprop(const FcShape& s) { return rounded_workspace<FcFprop>(s, fc_x_count(s), fc_w_count(s)); }
int64_t workspace_fc_dgrad(const FcShape& s) { return rounded_workspace<FcDgrad>(s, fc_y_count(s), fc_w_count(s)); }
BiasShape fc_bias(const FcShape& s) { return {s.N, s.K}; }
template <class Pass>
int64_t workspace_fc_wgrad(const FcShape& s) {
  return std::max(bias_workspace(fc_bias(s)), rounded_workspace<Pass>(s, fc_x_count(s), fc_y_count(s)));
}

template <Precision kPrecision>
Status launch_fc_fprop(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                       Stream stream) {
  return launch_rounded<FcFprop>(
      kPrecision, s, x, fc_x_count(s), w, fc_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, y, epilogue, rest); });
}

template <Precision kPrecision>
Status launch_fc_dgrad(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx, Stream stream) {
  return launch_rounded<FcDgrad>(
      kPrecision, s, dy, fc_y_count(s), w, fc_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, mask, dx, rest); });
}

template <Precision kPrecision>
Status launch_fc_wgrad(const FcShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  ALEXNET_TRY(launch_bias(fc_bias(s), dy, db, stream));
  return launch_rounded<FcWgrad>(
      kPrecision, s, x, fc_x_count(s), dy, fc_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, nullptr, rest); });
}

template <Precision kPrecision>
Status launch_fc_wgrad_update(const FcShape& s, const SgdShape& sgd, const StepSettings* settings, const float* x,
                              const float* dy, float* w, float* v, float* db, Stream stream) {
  ALEXNET_TRY(launch_bias(fc_bias(s), dy, db, stream));
  return launch_rounded<FcWgradUpdate>(kPrecision, s, x, fc_x_count(s), dy, fc_y_count(s), stream,
                                       [&](auto launch, const float* a, const float* b, Stream rest) {
                                         return launch(s, sgd, settings, a, b, w, v, nullptr, rest);
                                       });
}

}  // namespace

ALEXNET_ROUNDED(FcFprop, workspace_fc_fprop, launch_fc_fprop)
ALEXNET_ROUNDED(FcDgrad, workspace_fc_dgrad, launch_fc_dgrad)
ALEXNET_ROUNDED(FcWgrad, workspace_fc_wgrad<FcWgrad>, launch_fc_wgrad)
ALEXNET_ROUNDED(FcWgradUpdate, workspace_fc_wgrad<FcWgradUpdate>, launch_fc_wgrad_update)

}  // namespace alexnet

#endif  // ALEXNET_FC_ROUNDED_H
