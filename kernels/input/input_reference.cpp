// Reference of input: the formula of input.h as plain loops.
#include "input/input.h"

#include <algorithm>
#include <limits>

namespace alexnet {
namespace {

// The mean that is subtracted from output pixel (h,w), which shows pixel (row,column) of the stored image.
float mean_at(const InputShape& s, const float* mean, int h, int w, int row, int column, int c) {
  if (s.mean_mode == ALEXNET_MEAN_CHANNEL) return mean[c];
  const int border = (s.source - s.size) / 2;
  if (s.mean_mode == ALEXNET_MEAN_PIXEL_CENTRE) row = border + h, column = border + w;
  return mean[(int64_t(row) * s.source + column) * 3 + c];
}

// Where pixel (h,w) of image n begins in x.
int64_t pixel_at(const InputShape& s, int n, int h, int w) {
  if (s.block == 0) return ((int64_t(n) * s.size + h) * s.size + w) * 3;
  const int64_t block = (int64_t(n) * s.blocks + h / s.block) * s.blocks + w / s.block;
  return (block * s.block * s.block + h % s.block * s.block + w % s.block) * 3;
}

}  // namespace

template <class Real>
void input_fprop_reference(const InputShape& s, const StepSettings& settings, const uint8_t* images,
                           const int32_t* crops, const float* mean, const float* noise, Real* x) {
  const bool slot = settings.slot >= 0 && settings.slot < s.slots;
  if (slot) images += settings.slot * input_image_count(s);
  for (int n = 0; n < s.N; ++n) {
    const int top = crops[n * 3], left = crops[n * 3 + 1], flip = crops[n * 3 + 2];
    const int room = s.source - s.size;
    const bool inside = slot && top >= 0 && top <= room && left >= 0 && left <= room;
    std::fill_n(x + n * input_x_image(s), input_x_image(s), inside ? Real(0) : std::numeric_limits<Real>::quiet_NaN());
    if (!inside) continue;
    for (int h = 0; h < s.size; ++h)
      for (int w = 0; w < s.size; ++w)
        for (int c = 0; c < 3; ++c) {
          const int row = top + h, column = left + (flip != 0 ? s.size - 1 - w : w);
          Real value = Real(images[((int64_t(n) * s.source + row) * s.source + column) * 3 + c]) -
                       Real(mean_at(s, mean, h, w, row, column, c));
          if (noise != nullptr) value = (value + Real(noise[n * kInputNoise + c])) * Real(noise[n * kInputNoise + 3]);
          x[pixel_at(s, n, h, w) + c] = value;
        }
  }
}

template void input_fprop_reference<float>(const InputShape&, const StepSettings&, const uint8_t*, const int32_t*,
                                           const float*, const float*, float*);
template void input_fprop_reference<double>(const InputShape&, const StepSettings&, const uint8_t*, const int32_t*,
                                            const float*, const float*, double*);

}  // namespace alexnet
