// conv rounded: all passes in tf32 and 3xtf32 by float32 products of rounded factors (common/rounded.h), on emu and
// cuda.
// Math     conv.h, of x, w and dy rounded as rounding.h says; db of dy as it is
// Cost     the float32 variant's, and 8 bytes per value of both factors
// Valid    what the float32 variant that is chosen takes; its bits for rounded factors
#ifndef ALEXNET_CONV_ROUNDED_H
#define ALEXNET_CONV_ROUNDED_H

#include <algorithm>

#include "common/rounded.h"
#include "conv/conv.h"

namespace alexnet {
namespace {

int64_t workspace_conv_fprop(const ConvShape& s) {
  return rounded_workspace<ConvFprop>(s, conv_x_count(s), conv_w_count(s));
}
int64_t workspace_conv_dgrad(const ConvShape& s) {
  return rounded_workspace<ConvDgrad>(s, conv_y_count(s), conv_w_count(s));
}
BiasShape conv_bias(const ConvShape& s) { return {int64_t(s.N) * conv_P(s) * conv_Q(s), s.K}; }
int64_t workspace_conv_wgrad(const ConvShape& s) {
  return std::max(bias_workspace(conv_bias(s)), rounded_workspace<ConvWgrad>(s, conv_x_count(s), conv_y_count(s)));
}

template <Precision kPrecision>
Status launch_conv_fprop(const ConvShape& s, const float* x, const float* w, float* y, const Epilogue& epilogue,
                         Stream stream) {
  return launch_rounded<ConvFprop>(
      kPrecision, s, x, conv_x_count(s), w, conv_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, y, epilogue, rest); });
}

template <Precision kPrecision>
Status launch_conv_dgrad(const ConvShape& s, const float* dy, const float* w, const float* mask, float* dx,
                         Stream stream) {
  return launch_rounded<ConvDgrad>(
      kPrecision, s, dy, conv_y_count(s), w, conv_w_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, mask, dx, rest); });
}

template <Precision kPrecision>
Status launch_conv_wgrad(const ConvShape& s, const float* x, const float* dy, float* dw, float* db, Stream stream) {
  ALEXNET_TRY(launch_bias(conv_bias(s), dy, db, stream));
  return launch_rounded<ConvWgrad>(
      kPrecision, s, x, conv_x_count(s), dy, conv_y_count(s), stream,
      [&](auto launch, const float* a, const float* b, Stream rest) { return launch(s, a, b, dw, nullptr, rest); });
}

}  // namespace

ALEXNET_ROUNDED(ConvFprop, workspace_conv_fprop, launch_conv_fprop)
ALEXNET_ROUNDED(ConvDgrad, workspace_conv_dgrad, launch_conv_dgrad)
ALEXNET_ROUNDED(ConvWgrad, workspace_conv_wgrad, launch_conv_wgrad)

}  // namespace alexnet

#endif  // ALEXNET_CONV_ROUNDED_H
