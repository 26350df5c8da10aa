// input: stored bytes to the network's input by crop, flip, mean subtraction, colour noise. Paper: sections 2, 4.1.
//
// Shapes   images: uint8[slots,N,source,source,3], of which the slot that the step settings name is read;
//          crops: int32[N,3] = (top, left, flip); noise: [N,4] = (red, green, blue, factor) or null;
//          mean: [3] or [source,source,3]; x: [N,size,size,3], or by blocks as alexnet_input_shape says. In bf16
//          x is bf16, mean and noise float32.
// fprop    x[n,h,w,c] = ((images[slot, n, top + h, column, c] - m) + noise[n,c]) * noise[n,3]
//          column = left + (flip ? size - 1 - w : w)
//          mean_mode channel:      m = mean[c]
//          mean_mode pixel:        m = mean[top + h, column, c]               (paper: subtract, then crop and flip)
//          mean_mode pixel centre: m = mean[border + h, border + w, c]        with border = (source - size) / 2
//                                  (2012 source: crop and flip, then subtract the central crop of the mean)
// Units    grey levels: bytes 0 to 255 and a mean and noise of the same scale. The factor is 1 in the paper, 1/1.1
//          in the 2012 source while it trains with noise.
//
// A crop that leaves the image (top or left outside [0, source - size]) makes all of the image's x NaN; a slot that is
// none of them makes all of x NaN.
// Rounding: a difference and, unless noise is null, a sum and a product, each rounded; every variant gives
// the same bits.
#ifndef ALEXNET_INPUT_H
#define ALEXNET_INPUT_H

#include "common/require.h"
#include "common/shapes.h"
#include "common/variant.h"

namespace alexnet {

// Two batches of images may lie side by side, so that one can arrive while a step reads the other.
constexpr int32_t kInputSlots = 2;

// Values of noise for one image: three to add and a factor.
constexpr int64_t kInputNoise = 4;

struct InputFprop {
  static constexpr const char* family = "input";
  static constexpr const char* pass = "fprop";
  static constexpr bool has_activations = true;
  using Shape = InputShape;
  using Launch = Status (*)(const InputShape&, const StepSettings* settings, const uint8_t* images,
                            const int32_t* crops, const float* mean, const float* noise, float* x, Stream);
};

// Values of one image.
ALEXNET_SHAPE_FN int64_t input_x_image(const InputShape& s) {
  const int64_t side = s.block == 0 ? s.size : int64_t(s.block) * s.blocks;
  return side * side * 3;
}
inline int64_t input_x_count(const InputShape& s) { return s.N * input_x_image(s); }

// BAD_SHAPE unless: extents in range, size <= source, 1 or 2 slots, and the blocks cover the image. BAD_ARGUMENT unless
// mean_mode is known.
inline Status validate_input(const InputShape& s) {
  ALEXNET_TRY(require_tensor("input", "images", {s.N, s.source, s.source, 3}));
  ALEXNET_REQUIRE(s.size >= 1 && s.size <= s.source, ALEXNET_BAD_SHAPE,
                  "input: size is %d; it must be from 1 to source, here %d", s.size, s.source);
  ALEXNET_REQUIRE(s.slots >= 1 && s.slots <= kInputSlots, ALEXNET_BAD_SHAPE,
                  "input: %d slots of images; there may be 1 or 2", s.slots);
  ALEXNET_REQUIRE(s.mean_mode >= ALEXNET_MEAN_CHANNEL && s.mean_mode <= ALEXNET_MEAN_PIXEL_CENTRE, ALEXNET_BAD_ARGUMENT,
                  "input: mean_mode is %d; it must be 0 (channel), 1 (pixel) or 2 (pixel centre)", s.mean_mode);
  if (s.block == 0 && s.blocks == 0) return {};
  ALEXNET_REQUIRE(s.block >= 1 && s.block <= 64 && s.blocks >= 1 && s.blocks <= 1 << 16, ALEXNET_BAD_SHAPE,
                  "input: %d blocks of side %d; a side may be 1 to 64, their number 1 to 65536, or both 0", s.blocks,
                  s.block);
  ALEXNET_REQUIRE(int64_t(s.block) * s.blocks >= s.size, ALEXNET_BAD_SHAPE,
                  "input: %d blocks of side %d do not cover size %d", s.blocks, s.block, s.size);
  return require_tensor("input", "x", {s.N, s.blocks, s.blocks, int64_t(s.block) * s.block * 3});
}

ALEXNET_SHAPE_FN bool is_input_slot(const InputShape& s, int32_t slot) { return slot >= 0 && slot < s.slots; }
// Bytes of one slot.
ALEXNET_SHAPE_FN int64_t input_image_count(const InputShape& s) { return int64_t(s.N) * s.source * s.source * 3; }
inline int64_t input_mean_count(const InputShape& s) {
  return s.mean_mode == ALEXNET_MEAN_CHANNEL ? 3 : int64_t(s.source) * s.source * 3;
}

template <class Real>
void input_fprop_reference(const InputShape& s, const StepSettings& settings, const uint8_t* images,
                           const int32_t* crops, const float* mean, const float* noise, Real* x);

}  // namespace alexnet

#endif  // ALEXNET_INPUT_H
