// conv widened: all passes in bf16 by products in float32 of what was stored (common/widened.h), on emu and cuda.
// Math     conv.h; bf16 are x, w, y, dy, the mask and dx; float32 bias, sums, dw and db
// Cost     the float32 variant's, and 6 bytes per value of what is bf16
// Valid    what the float32 variant that is chosen takes; its bits, rounded where they are stored
#ifndef ALEXNET_CONV_WIDENED_H
#define ALEXNET_CONV_WIDENED_H

#include "common/widened.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

int64_t workspace_widened_fprop(const ConvShape& s) {
  return widened_workspace<ConvFprop>(s, conv_x_count(s), conv_w_count(s), conv_y_count(s));
}
int64_t workspace_widened_dgrad(const ConvShape& s) {
  return widened_workspace<ConvDgrad>(s, conv_y_count(s), conv_w_count(s), conv_x_count(s), conv_x_count(s));
}
int64_t workspace_widened_wgrad(const ConvShape& s) {
  return widened_workspace<ConvWgrad>(s, conv_x_count(s), conv_y_count(s));
}

Status launch_fprop_widened(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                            Stream stream) {
  return fprop_widened<ConvFprop>(s, x, conv_x_count(s), w, conv_w_count(s), y, conv_y_count(s), epilogue, stream);
}

Status launch_dgrad_widened(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                            Stream stream) {
  return dgrad_widened<ConvDgrad>(s, dy, conv_y_count(s), w, conv_w_count(s), mask, dx, conv_x_count(s), stream);
}

Status launch_wgrad_widened(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return wgrad_widened<ConvWgrad>(
      s, x, conv_x_count(s), dy, conv_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, db, rest); });
}

}  // namespace

ALEXNET_VARIANT_PREPARED(ConvFprop, "widened_bf16", prefer_widened<ConvFprop>, workspace_widened_fprop,
                         launch_fprop_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(ConvDgrad, "widened_bf16", prefer_widened<ConvDgrad>, workspace_widened_dgrad,
                         launch_dgrad_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(ConvWgrad, "widened_bf16", prefer_widened<ConvWgrad>, workspace_widened_wgrad,
                         launch_wgrad_widened, Precision::kBf16, nullptr, 0)

}  // namespace alexnet

#endif  // ALEXNET_CONV_WIDENED_H
