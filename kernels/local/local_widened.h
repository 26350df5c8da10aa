// local widened: all passes in bf16 by products in float32 of what was stored (common/widened.h).
// Math     local.h; bf16 are x, w, y, dy, the mask and dx; float32 bias, sums, dw and db
// Cost     the float32 variant's, and 6 bytes per value of what is bf16
// Valid    what the float32 variant that is chosen takes; its bits, rounded where they are stored
#ifndef ALEXNET_LOCAL_WIDENED_H
#define ALEXNET_LOCAL_WIDENED_H

#include "common/widened.h"
#include "local/local.h"

namespace alexnet {
namespace {

int64_t workspace_widened_fprop(const ConvShape& s) {
  return widened_workspace<LocalFprop>(s, conv_x_count(s), local_w_count(s), conv_y_count(s));
}
int64_t workspace_widened_dgrad(const ConvShape& s) {
  return widened_workspace<LocalDgrad>(s, conv_y_count(s), local_w_count(s), conv_x_count(s), conv_x_count(s));
}
int64_t workspace_widened_wgrad(const ConvShape& s) {
  return widened_workspace<LocalWgrad>(s, conv_x_count(s), conv_y_count(s));
}

Status launch_fprop_widened(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                            Stream stream) {
  return fprop_widened<LocalFprop>(s, x, conv_x_count(s), w, local_w_count(s), y, conv_y_count(s), epilogue, stream);
}

Status launch_dgrad_widened(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                            Stream stream) {
  return dgrad_widened<LocalDgrad>(s, dy, conv_y_count(s), w, local_w_count(s), mask, dx, conv_x_count(s), stream);
}

Status launch_wgrad_widened(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return wgrad_widened<LocalWgrad>(
      s, x, conv_x_count(s), dy, conv_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, db, rest); });
}

}  // namespace

ALEXNET_VARIANT_PREPARED(LocalFprop, "widened_bf16", prefer_widened<LocalFprop>, workspace_widened_fprop,
                         launch_fprop_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(LocalDgrad, "widened_bf16", prefer_widened<LocalDgrad>, workspace_widened_dgrad,
                         launch_dgrad_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(LocalWgrad, "widened_bf16", prefer_widened<LocalWgrad>, workspace_widened_wgrad,
                         launch_wgrad_widened, Precision::kBf16, nullptr, 0)

}  // namespace alexnet

#endif  // ALEXNET_LOCAL_WIDENED_H
