// channels: copies neighbouring channels from one plane into another. It packs what a neighbouring tower needs of a
// plane, and puts its own and what arrived side by side, where a normalisation reaches across towers (D6).
//
// Shapes   x: [rows,x_channels], y: [rows,y_channels], no aliasing; a row is a pixel of an image. In bf16 both are
//          bf16.
// copy     y[row, y_first + j] = x[row, x_first + j] for 0 <= j < count; the other channels of y stay as they are.
//
// Rounding: none; every variant gives the same bits.
#ifndef ALEXNET_CHANNELS_H
#define ALEXNET_CHANNELS_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

struct ChannelsCopy {
  static constexpr const char* family = "channels";
  static constexpr const char* pass = "copy";
  static constexpr bool has_activations = true;
  using Shape = ChannelsShape;
  using Launch = Status (*)(const ChannelsShape&, const float* x, float* y, Stream);
};

// BAD_SHAPE unless: extents in range; the channels that are copied lie in x and in y.
inline Status validate_channels(const ChannelsShape& s) {
  ALEXNET_TRY(require_tensor("channels", "x", {s.rows, s.x_channels}));
  ALEXNET_TRY(require_tensor("channels", "y", {s.rows, s.y_channels}));
  const auto lie_in = [&](const char* name, int32_t first, int32_t channels) -> Status {
    ALEXNET_REQUIRE(s.count >= 1 && first >= 0 && first <= channels - s.count, ALEXNET_BAD_SHAPE,
                    "channels: %d channels from %d on do not lie in the %d of %s", s.count, first, channels, name);
    return {};
  };
  ALEXNET_TRY(lie_in("x", s.x_first, s.x_channels));
  return lie_in("y", s.y_first, s.y_channels);
}

template <class Real>
void channels_copy_reference(const ChannelsShape& s, const Real* x, Real* y);

}  // namespace alexnet

#endif  // ALEXNET_CHANNELS_H
