// local rounded: all passes in tf32 by exact products of rounded factors (common/rounded.h).
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

constexpr Precision kTf32 = Precision::kTf32;

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

Status launch_local_fprop_tf32(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                               Stream stream) {
  return launch_rounded<LocalFprop>(
      kTf32, s, x, conv_x_count(s), w, local_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, y, epilogue, rest); });
}

Status launch_local_dgrad_tf32(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                               Stream stream) {
  return launch_rounded<LocalDgrad>(
      kTf32, s, dy, conv_y_count(s), w, local_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, mask, dx, rest); });
}

Status launch_local_wgrad_tf32(const ConvShape& s, const float* x, const float* dy, float* dw, float* db,
                               Stream stream) {
  ALEXNET_TRY(launch_bias(local_bias(s), dy, db, stream));
  return launch_rounded<LocalWgrad>(
      kTf32, s, x, conv_x_count(s), dy, conv_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, nullptr, rest); });
}

}  // namespace

ALEXNET_VARIANT_PREPARED(LocalFprop, "rounded_tf32", prefer_rounded<LocalFprop>, workspace_local_fprop,
                         launch_local_fprop_tf32, Precision::kTf32, nullptr, 0)
ALEXNET_VARIANT_PREPARED(LocalDgrad, "rounded_tf32", prefer_rounded<LocalDgrad>, workspace_local_dgrad,
                         launch_local_dgrad_tf32, Precision::kTf32, nullptr, 0)
ALEXNET_VARIANT_PREPARED(LocalWgrad, "rounded_tf32", prefer_rounded<LocalWgrad>, workspace_local_wgrad,
                         launch_local_wgrad_tf32, Precision::kTf32, nullptr, 0)

}  // namespace alexnet

#endif  // ALEXNET_LOCAL_ROUNDED_H
