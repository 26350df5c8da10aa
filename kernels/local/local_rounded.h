// local rounded: all passes in tf32 and 3xtf32 by float32 products of rounded factors (common/rounded.h).
// Math     local.h, of x, w and dy rounded as rounding.h says; db of dy as it is
// Cost     the float32 variant's, and 8 bytes per value of both factors
// Valid    what the float32 variant that is chosen takes; its bits for rounded factors
#ifndef ALEXNET_LOCAL_ROUNDED_H
#define ALEXNET_LOCAL_ROUNDED_H

#include <algorithm>

#include "common/rounded.h"
#include "local/local.h"

namespace alexnet {
namespace {

int64_t workspace_local_fprop(const ConvShape& s) {
  return rounded_workspace<LocalFprop>(s, conv_x_count(s), local_w_count(s));
}
int64_t workspace_local_dgrad(const ConvShape& s) {
  return rounded_workspace<LocalDgrad>(s, conv_y_count(s), local_w_count(s));
}
BiasShape local_bias(const ConvShape& s) { return {s.N, int32_t(local_bias_count(s))}; }
int64_t workspace_local_wgrad(const ConvShape& s) {
  return std::max(bias_workspace(local_bias(s)), rounded_workspace<LocalWgrad>(s, conv_x_count(s), conv_y_count(s)));
}

template <Precision kPrecision>
Status launch_local_fprop(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                          Stream stream) {
  return launch_rounded<LocalFprop>(
      kPrecision, s, x, conv_x_count(s), w, local_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, y, epilogue, rest); });
}

template <Precision kPrecision>
Status launch_local_dgrad(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                          Stream stream) {
  return launch_rounded<LocalDgrad>(
      kPrecision, s, dy, conv_y_count(s), w, local_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, mask, dx, rest); });
}

template <Precision kPrecision>
Status launch_local_wgrad(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  ALEXNET_TRY(launch_bias(local_bias(s), dy, db, stream));
  return launch_rounded<LocalWgrad>(
      kPrecision, s, x, conv_x_count(s), dy, conv_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, nullptr, rest); });
}

}  // namespace

ALEXNET_ROUNDED(LocalFprop, workspace_local_fprop, launch_local_fprop)
ALEXNET_ROUNDED(LocalDgrad, workspace_local_dgrad, launch_local_dgrad)
ALEXNET_ROUNDED(LocalWgrad, workspace_local_wgrad, launch_local_wgrad)

}  // namespace alexnet

#endif  // ALEXNET_LOCAL_ROUNDED_H
