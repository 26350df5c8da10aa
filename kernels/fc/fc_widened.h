// fc widened: all passes in bf16 by products in float32 of what was stored (common/widened.h), on emu and cuda.
// Math     fc.h; bf16 are x, w of fprop and dgrad, y, dy, the mask and dx; float32 bias, sums, dw, db, and w and v of
//          wgrad_update
// Cost     the float32 variant's, and 6 bytes per value of what is bf16
// Valid    what the float32 variant that is chosen takes; its bits, rounded where they are stored
#ifndef ALEXNET_FC_WIDENED_H
#define ALEXNET_FC_WIDENED_H

#include "common/widened.h"
#include "fc/fc.h"

namespace alexnet {
namespace {

int64_t x_count(const FcShape& s) { return int64_t(s.N) * s.C; }
int64_t w_count(const FcShape& s) { return int64_t(s.K) * s.C; }
int64_t y_count(const FcShape& s) { return int64_t(s.N) * s.K; }

int64_t workspace_widened_fprop(const FcShape& s) {
  return widened_workspace<FcFprop>(s, x_count(s), w_count(s), y_count(s));
}
int64_t workspace_widened_dgrad(const FcShape& s) {
  return widened_workspace<FcDgrad>(s, y_count(s), w_count(s), x_count(s), x_count(s));
}
template <class Pass>
int64_t workspace_widened_wgrad(const FcShape& s) {
  return widened_workspace<Pass>(s, x_count(s), y_count(s));
}

Status launch_fprop_widened(const FcShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                            Stream stream) {
  return fprop_widened<FcFprop>(s, x, x_count(s), w, w_count(s), y, y_count(s), epilogue, stream);
}

Status launch_dgrad_widened(const FcShape& s, const float* dy, const float* w, const float* mask, float* dx,
                            Stream stream) {
  return dgrad_widened<FcDgrad>(s, dy, y_count(s), w, w_count(s), mask, dx, x_count(s), stream);
}

Status launch_wgrad_widened(const FcShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  return wgrad_widened<FcWgrad>(
      s, x, x_count(s), dy, y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, db, rest); });
}

Status launch_update_widened(const FcShape& s, const SgdShape& sgd, const StepSettings* settings, const float* x,
                             const float* dy, float* w, float* v, float* db, Stream stream) {
  return wgrad_widened<FcWgradUpdate>(s, x, x_count(s), dy, y_count(s), stream,
                                      [&](auto launch, const float* a, const float* b, Stream rest) {
                                        return launch(s, sgd, settings, a, b, w, v, db, rest);
                                      });
}

}  // namespace

ALEXNET_VARIANT_PREPARED(FcFprop, "widened_bf16", prefer_widened<FcFprop>, workspace_widened_fprop,
                         launch_fprop_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(FcDgrad, "widened_bf16", prefer_widened<FcDgrad>, workspace_widened_dgrad,
                         launch_dgrad_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(FcWgrad, "widened_bf16", prefer_widened<FcWgrad>, workspace_widened_wgrad<FcWgrad>,
                         launch_wgrad_widened, Precision::kBf16, nullptr, 0)
ALEXNET_VARIANT_PREPARED(FcWgradUpdate, "widened_bf16", prefer_widened<FcWgradUpdate>,
                         workspace_widened_wgrad<FcWgradUpdate>, launch_update_widened, Precision::kBf16, nullptr, 0)

}  // namespace alexnet

#endif  // ALEXNET_FC_WIDENED_H
